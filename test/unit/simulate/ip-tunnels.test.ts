import { describe, expect, test } from 'vitest';
import type { Flow } from '../../../diagnostics/model/flow.ts';
import type { Ruleset } from '../../../diagnostics/model/ruleset.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import { explainWay } from '../../../diagnostics/question/explain.ts';
import type { FlowStart } from '../../../diagnostics/simulate/start.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { ethernetTunnel, pointToPoint, withListed, type Listed } from '../../support/listed-links.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

/** n1 – router – n2 with a tunnel `t` in each, as their listings say; the kernel of the tests can make none of these. */
const nodes = (
  one: Listed,
  two: Listed,
  {
    ruleset,
    mtu = 1500,
    sysctls = {},
  }: { ruleset?: Ruleset; mtu?: number; sysctls?: Record<string, string> } = {},
): Snapshot =>
  withListed(
    sketchSnapshot({
      n1: {
        links: ['eth0 10.1.0.2/24 -> router/r1', 't 10.9.0.1/24 dummy'],
        routes: ['default via 10.1.0.1'],
        sysctls,
      },
      router: {
        links: [`r1 10.1.0.1/24 -> n1/eth0`, `r2 10.2.0.1/24 mtu ${mtu} -> n2/eth0`],
        forwarding: true,
        ...(ruleset ? { ruleset } : {}),
      },
      n2: {
        links: [`eth0 10.2.0.2/24 mtu ${mtu} -> router/r2`, 't 10.9.0.2/24 dummy'],
        routes: ['default via 10.2.0.1'],
        sysctls,
      },
    }),
    { n1: [one], n2: [two] },
  );

const start: FlowStart = {
  from: 'namespace',
  namespace: idOf('n1'),
  destination: '10.9.0.2',
  protocol: 'icmp',
  port: null,
};
const flow: Flow = {
  fromText: 'n1',
  toText: '10.9.0.2',
  from: { type: 'namespace', host: 'machine', namespace: idOf('n1') },
  to: { type: 'address', address: '10.9.0.2' },
  protocol: 'icmp',
  port: null,
};

const ends = (snapshot: Snapshot, more: Partial<FlowStart> = {}): string => {
  const { forward, back } = walkFlow(snapshot, { ...start, ...more } as FlowStart);
  expect(forward.doubts).toEqual([]);
  return `${forward.disposition} ${back?.disposition ?? '-'}`;
};

const MTUS: Readonly<Record<string, number>> = { ipip: 1480, gre: 1476, gretap: 1458, geneve: 1450 };

const tunnel = (kind: string, data: Readonly<Record<string, unknown>>, n = 1): Listed =>
  kind === 'gretap' || kind === 'geneve'
    ? ethernetTunnel('t', kind, data, MTUS[kind] ?? 1400, `02:aa:00:00:00:0${n}`)
    : pointToPoint('t', kind, data, MTUS[kind] ?? 1400);

const between = (local: string, remote: string) => ({ remote, local, ttl: 64, pmtudisc: true });
const [ONE, TWO] = [between('10.1.0.2', '10.2.0.2'), between('10.2.0.2', '10.1.0.2')];
const KEY = { ikey: '0.0.0.7', okey: '0.0.0.7' };
const GENEVE = { id: 7, port: 6081, ttl: 0, udp_csum: false, udp_zero_csum6_tx: false };

describe('two ends that belong together', () => {
  test.each([
    ['ipip', { proto: 'ipip', ...ONE }, { proto: 'ipip', ...TWO }],
    ['gre', ONE, TWO],
    ['gre', { ...ONE, ...KEY, ocsum: true, icsum: true }, { ...TWO, ...KEY, ocsum: true, icsum: true }],
    ['gre', { ...ONE, okey: '0.0.0.1', ikey: '0.0.0.2' }, { ...TWO, okey: '0.0.0.2', ikey: '0.0.0.1' }],
    ['gretap', { ...ONE, ...KEY }, { ...TWO, ...KEY }],
    ['geneve', { ...GENEVE, remote: '10.2.0.2' }, { ...GENEVE, remote: '10.1.0.2' }],
    ['ipip', { proto: 'ipip', ...ONE }, { proto: 'any', ...TWO, local: 'any' }],
  ])('%s %j – %j', (kind, one, two) => {
    const snapshot = nodes(tunnel(kind, one), tunnel(kind, two, 2));
    expect(ends(snapshot)).toBe('delivered delivered');
    expect(explainWay(snapshot, flow, start)).toMatchObject({ found: [], arrives: true });
    const [underlay] = walkFlow(snapshot, start).underlays;
    expect(underlay?.trace.disposition).toBe('delivered');
    expect(underlay?.protocol).toBe({ ipip: 'ipip', geneve: 'udp' }[kind] ?? 'gre');
  });

  test('one listens to anybody, and knows from a route where to send (ipip without a remote)', () => {
    const any = { proto: 'ipip', remote: 'any', local: '10.2.0.2', ttl: 64, pmtudisc: true };
    const snapshot = nodes(tunnel('ipip', { proto: 'ipip', ...ONE }), tunnel('ipip', any));
    // Without a route that says where, the packet goes to the inner address itself, which is by the tunnel: a circle.
    expect(walkFlow(snapshot, start).forward.disposition).toBe('delivered');
    expect(walkFlow(snapshot, start).back?.disposition).toBe('loop');
  });
});

const found = (snapshot: Snapshot) => {
  const { found: causes, arrives } = explainWay(snapshot, flow, start);
  return {
    causes: causes.map(
      ({ finding }) => `${finding.id} ${'namespace' in finding.place ? finding.place.namespace : ''}`,
    ),
    arrives,
  };
};

describe('two ends that do not', () => {
  test.each([
    [
      'another key',
      'gre',
      { ...ONE, ...KEY },
      { ...TWO, ikey: '0.0.0.8', okey: '0.0.0.8' },
      'tunnel-id-mismatch',
    ],
    ['a key at one end only', 'gre', ONE, { ...TWO, ...KEY }, 'tunnel-id-mismatch'],
    ['another key, of frames', 'gretap', { ...ONE, ...KEY }, TWO, 'tunnel-id-mismatch'],
    [
      'another number',
      'geneve',
      { ...GENEVE, remote: '10.2.0.2' },
      { ...GENEVE, id: 8, remote: '10.1.0.2' },
      'tunnel-id-mismatch',
    ],
    [
      'another port',
      'geneve',
      { ...GENEVE, remote: '10.2.0.2' },
      { ...GENEVE, port: 6082, remote: '10.1.0.2' },
      'tunnel-port-mismatch',
    ],
    [
      'made for another sender',
      'ipip',
      { proto: 'ipip', ...ONE },
      { proto: 'ipip', ...TWO, remote: '10.1.0.9' },
      'tunnel-peer-wrong',
    ],
    [
      'made for another sender',
      'geneve',
      { ...GENEVE, remote: '10.2.0.2' },
      { ...GENEVE, remote: '10.1.0.9' },
      'tunnel-peer-wrong',
    ],
    ['a remote that nobody has', 'gre', { ...ONE, remote: '10.2.0.9' }, TWO, 'tunnel-peer-wrong'],
    ['a remote without a tunnel', 'gre', { ...ONE, remote: '10.2.0.1' }, TWO, 'tunnel-peer-wrong'],
    ['an address that was lost', 'gre', ONE, { ...TWO, local: '10.2.0.5' }, 'tunnel-peer-wrong'],
  ])('%s (%s)', (_what, kind, one, two, cause) => {
    const snapshot = nodes(tunnel(kind, one), tunnel(kind, two, 2));
    const { causes, arrives } = found(snapshot);
    expect(causes.map((text) => text.split(' ')[0])).toEqual([cause]);
    expect(arrives).toBe(true);
  });

  test('GRE that counts or sums at one end only is dropped without a word', () => {
    const snapshot = nodes(tunnel('gre', ONE), tunnel('gre', { ...TWO, icsum: true }));
    expect(ends(snapshot)).toBe('dropped -');
    expect(walkFlow(snapshot, start).forward.hops.at(-1)?.steps.at(-1)).toMatchObject({
      kind: 'tunnel',
      problem: 'other-options',
    });
  });

  test('the far end is down', () => {
    const down = { ...tunnel('ipip', { proto: 'ipip', ...TWO }), flags: ['POINTOPOINT', 'NOARP'] };
    const { causes, arrives } = found(nodes(tunnel('ipip', { proto: 'ipip', ...ONE }), down));
    expect(causes).toEqual([`interface-down ${idOf('n2')}`]);
    expect(arrives).toBe(true);
  });

  test('who is refused tells the sender of what was in the packet', () => {
    const snapshot = nodes(
      tunnel('ipip', { proto: 'ipip', ...ONE }),
      tunnel('ipip', { proto: 'ipip', ...TWO, remote: '10.1.0.9' }),
    );
    expect(walkFlow(snapshot, start).notice?.disposition).toBe('delivered');
  });
});

const firewall = (rule: string): Ruleset => {
  const { tables } = parseIptablesSave(
    `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD ${rule} -j DROP\nCOMMIT\n`,
    { backend: 'legacy', family: 'ip' },
  );
  return { tables, unknowns: [] };
};

describe('a firewall on the way sees the tunnel’s own packets', () => {
  test.each([
    ['ipip', { proto: 'ipip', ...ONE }, { proto: 'ipip', ...TWO }, '-p ipencap'],
    ['gre', ONE, TWO, '-p gre'],
    [
      'geneve',
      { ...GENEVE, remote: '10.2.0.2' },
      { ...GENEVE, remote: '10.1.0.2' },
      '-p udp -m udp --dport 6081',
    ],
  ])('%s: tunnel-port-blocked', (kind, one, two, rule) => {
    const { causes, arrives } = found(
      nodes(tunnel(kind, one), tunnel(kind, two, 2), { ruleset: firewall(rule) }),
    );
    expect(causes).toEqual([`tunnel-port-blocked ${idOf('router')}`]);
    expect(arrives).toBe(true);
  });

  test('and not what is in them', () => {
    const ruleset = firewall('-p icmp');
    expect(ends(nodes(tunnel('gre', ONE), tunnel('gre', TWO), { ruleset }))).toBe('delivered delivered');
  });
});

describe('what does not fit', () => {
  const large = (snapshot: Snapshot, more: Partial<FlowStart> = {}) =>
    walkFlow(snapshot, { ...start, size: 1460, ...more } as FlowStart).forward;

  test('a tunnel of whole packets tells the sender how much fits, as a router does', () => {
    const snapshot = nodes(
      { ...tunnel('ipip', { proto: 'ipip', ...ONE }), mtu: 1500 },
      { ...tunnel('ipip', { proto: 'ipip', ...TWO }), mtu: 1500 },
    );
    expect(large(snapshot).disposition).toBe('delivered');
    const { disposition, hops } = large(snapshot, { size: 1490 });
    expect(disposition).toBe('too-big');
    expect(hops.at(-1)?.steps.at(-1)).toMatchObject({ kind: 'size', dev: 't', mtu: 1480, fate: 'told' });
  });

  test.each([
    ['gre', ONE, 1476],
    ['gre', { ...ONE, ...KEY }, 1472],
    ['gre', { ...ONE, ...KEY, ocsum: true, icsum: true, oseq: true }, 1464],
  ])('%s %j leaves room for %d bytes', (kind, one, room) => {
    const end = { ...tunnel(kind, one), mtu: 1500 };
    const { hops } = large(nodes(end, end), { size: 1490 });
    expect(hops.at(-1)?.steps.at(-1)).toMatchObject({ kind: 'size', dev: 't', mtu: room });
  });
});

describe('one interface for many others (tunl0, as Calico and others set it up)', () => {
  const any = { proto: 'any', remote: 'any', local: 'any', ttl: 0, pmtudisc: false };
  const pods = (via: string): Snapshot =>
    withListed(
      sketchSnapshot({
        n1: {
          links: ['eth0 10.1.0.2/24 -> n2/eth0', 'tunl0 10.9.1.1/32 dummy'],
          routes: [`10.9.2.0/24 via ${via} dev tunl0`],
        },
        n2: {
          links: ['eth0 10.1.0.3/24 -> n1/eth0', 'tunl0 10.9.2.1/32 dummy'],
          routes: ['10.9.1.0/24 via 10.1.0.2 dev tunl0'],
        },
      }),
      {
        n1: [pointToPoint('tunl0', 'ipip', any, 1480)],
        n2: [pointToPoint('tunl0', 'ipip', any, 1480)],
      },
    );
  const asked = { destination: '10.9.2.1' };

  test('the route says which machine', () => {
    expect(ends(pods('10.1.0.3'), asked)).toBe('delivered delivered');
  });

  test('a route to a machine that is gone', () => {
    expect(ends(pods('10.1.0.9'), asked)).toBe('neighbour-unresolved -');
  });
});
