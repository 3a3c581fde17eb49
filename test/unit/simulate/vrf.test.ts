import { describe, expect, test } from 'vitest';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import { parseNftJson } from '../../../diagnostics/collect/nftables.ts';
import { parseRules } from '../../../diagnostics/collect/rules.ts';
import { linkKind } from '../../../diagnostics/collect/link-kinds.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { stepsOf } from '../../../diagnostics/fixes/registry.ts';
import { explainWay } from '../../../diagnostics/question/explain.ts';
import { change, ask, type Sketches } from '../../support/walked-networks.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

/** Without a VRF on this machine's kernel: as drivers/net/vrf.c and net/l3mdev/l3mdev.c have it. */
const RULES = ['from all lookup [l3mdev-table] pref 1000'];
const VRFS: Sketches = {
  a: { links: ['eth0 10.1.0.2/24 -> r/e1'], routes: ['default via 10.1.0.1'] },
  b: { links: ['eth0 10.2.0.2/24 -> r/e2'], routes: ['default via 10.2.0.1'], sockets: ['tcp 0.0.0.0:80'] },
  c: { links: ['eth0 10.3.0.2/24 -> r/e3'], routes: ['default via 10.3.0.1'], sockets: ['tcp 0.0.0.0:80'] },
  r: {
    links: [
      'red vrf 10',
      'blue vrf 20',
      'e1 10.1.0.1/24 master red -> a/eth0',
      'e2 10.2.0.1/24 master red -> b/eth0',
      'e3 10.3.0.1/24 master blue -> c/eth0',
    ],
    rules: RULES,
    forwarding: true,
    sockets: [
      'tcp 0.0.0.0:22',
      'tcp 0.0.0.0%red:443',
      'tcp 0.0.0.0%e1:444',
      'tcp 0.0.0.0%blue:445',
      'udp 0.0.0.0:53',
    ],
  },
};
const NETWORK = sketchSnapshot(VRFS);
const withRouter = (to: Sketches[string]): Snapshot => change(VRFS, 'r', to);
const LEAKS = [
  '10.3.0.0/24 dev blue table 10',
  '10.1.0.0/24 dev red table 20',
  '10.2.0.0/24 dev red table 20',
];

const ends = (snapshot: Snapshot, from: string, to: string, port: number | null = null) => {
  const trip = ask(snapshot, from, to, port === null ? 'icmp' : 'tcp', port);
  expect(trip.forward.doubts).toEqual([]);
  return [trip.forward.disposition, trip.back?.disposition ?? null];
};

describe('what ip(8) says of VRFs', () => {
  test('a rule of its own stands for all of them', () => {
    const [rule] = parseRules([{ priority: 1000, src: 'all', l3mdev: null, protocol: 'kernel' }], 4, (word) =>
      Number(word),
    );
    expect(rule).toMatchObject({
      action: { type: 'vrf' },
      unmodelled: [],
      text: '1000: from all lookup [l3mdev-table]',
    });
  });

  test('the device names its table', () => {
    expect(
      linkKind({ link_type: 'ether', linkinfo: { info_kind: 'vrf', info_data: { table: 10 } } }),
    ).toEqual({ type: 'vrf', table: 10 });
  });
});

describe('a router with VRFs', () => {
  test('passes on within one, and not to another', () => {
    expect(ends(NETWORK, 'a', '10.2.0.2', 80)).toEqual(['delivered', 'delivered']);
    expect(ends(NETWORK, 'a', '10.3.0.2', 80)[0]).toBe('no-route');
  });

  test('answers pings at the addresses of the VRF that they came by alone', () => {
    expect(ends(NETWORK, 'a', '10.1.0.1')).toEqual(['delivered', 'delivered']);
    expect(ends(NETWORK, 'a', '10.2.0.1')).toEqual(['delivered', 'delivered']);
    expect(ends(NETWORK, 'a', '10.3.0.1')[0]).toBe('no-route');
  });

  test('without the rule nobody asks the table of a VRF', () => {
    expect(ends(withRouter({ rules: [] }), 'a', '10.2.0.2', 80)[0]).not.toBe('delivered');
  });

  test('what the table of a VRF does not hold is looked for in the main table, unless it ends in “unreachable”', () => {
    const main = ['10.9.0.0/24 via 10.2.0.2 dev e2 table 254'];
    expect(ask(withRouter({ routes: main }), 'a', '10.9.0.7').forward.hops.at(-1)?.namespace).toBe(idOf('b'));
    const closed = withRouter({ routes: [...main, 'unreachable default table 10 metric 4278198272'] });
    expect(ends(closed, 'a', '10.9.0.7')[0]).toBe('no-route');
  });

  test('routes that lead into another VRF let packets through, there and back', () => {
    expect(ends(withRouter({ routes: LEAKS }), 'a', '10.3.0.2', 80)).toEqual(['delivered', 'delivered']);
    const oneWay = withRouter({ routes: LEAKS.slice(0, 1) });
    expect(ends(oneWay, 'a', '10.3.0.2', 80)).toEqual(['delivered', 'no-route']);
  });

  test('a leaking route reaches the router’s own address in the other VRF', () => {
    const trip = ask(withRouter({ routes: LEAKS }), 'a', '10.3.0.1');
    expect(trip.forward.disposition).toBe('delivered');
    expect(trip.back?.disposition).toBe('delivered');
  });

  test('two VRFs may hold the same addresses', () => {
    const twins = sketchSnapshot({
      ...VRFS,
      c: { links: ['eth0 10.2.0.2/24 -> r/e3'], routes: ['default via 10.2.0.1'] },
      d: { links: ['eth0 10.4.0.2/24 -> r/e4'], routes: ['default via 10.4.0.1'] },
      r: {
        ...VRFS['r'],
        links: [
          ...(VRFS['r']?.links ?? []).slice(0, 4),
          'e3 10.2.0.1/24 master blue -> c/eth0',
          'e4 10.4.0.1/24 master blue -> d/eth0',
        ],
      },
    });
    expect(ask(twins, 'a', '10.2.0.2').forward.hops.at(-1)?.namespace).toBe(idOf('b'));
    expect(ask(twins, 'd', '10.2.0.2').forward.hops.at(-1)?.namespace).toBe(idOf('c'));
  });
});

describe('programs on a machine with VRFs', () => {
  test('are reached by a VRF where they are bound to it or to the interface', () => {
    expect(ends(NETWORK, 'a', '10.1.0.1', 443)).toEqual(['delivered', 'delivered']);
    expect(ends(NETWORK, 'a', '10.1.0.1', 444)).toEqual(['delivered', 'delivered']);
    expect(ends(NETWORK, 'b', '10.1.0.1', 444)).toEqual(['refused', 'delivered']);
    expect(ends(NETWORK, 'a', '10.1.0.1', 445)).toEqual(['refused', 'delivered']);
  });

  test('outside of all VRFs are reached only where the machine says so', () => {
    expect(ends(NETWORK, 'a', '10.1.0.1', 22)).toEqual(['refused', 'delivered']);
    const open = withRouter({ sysctls: { 'net/ipv4/tcp_l3mdev_accept': '1' } });
    expect(ends(open, 'a', '10.1.0.1', 22)).toEqual(['delivered', 'delivered']);
  });

  test('that answer datagrams from outside of the VRF answer by the main table', () => {
    const open = withRouter({ sysctls: { 'net/ipv4/udp_l3mdev_accept': '1' } });
    const trip = ask(open, 'a', '10.1.0.1', 'udp', 53);
    expect([trip.forward.disposition, trip.back?.disposition]).toEqual(['delivered', 'no-route']);
  });

  const bound = (snapshot: Snapshot, to: string, device?: string) => {
    const trip = walkFlow(snapshot, {
      from: 'namespace',
      namespace: idOf('r'),
      destination: to,
      protocol: 'tcp',
      port: to.endsWith('.1') ? 443 : 80,
      ...(device === undefined ? {} : { device }),
    });
    return [trip.forward.disposition, trip.back?.disposition ?? null];
  };

  test('send by the routes of the VRF that they are bound to', () => {
    expect(bound(NETWORK, '10.2.0.2')).toEqual(['no-route', null]);
    expect(bound(NETWORK, '10.2.0.2', 'red')).toEqual(['delivered', 'delivered']);
    expect(bound(NETWORK, '10.2.0.2', 'e2')).toEqual(['delivered', 'delivered']);
    expect(bound(NETWORK, '10.2.0.2', 'e1')).toEqual(['no-route', null]);
    expect(bound(NETWORK, '10.3.0.2', 'red')).toEqual(['no-route', null]);
  });

  test('reach each other in a VRF by its device, which is its loopback', () => {
    expect(bound(NETWORK, '10.1.0.1', 'red')).toEqual(['delivered', 'delivered']);
  });

  test('that are bound to none get no answer that comes in by a VRF, unless the machine says so', () => {
    const main = ['10.2.0.0/24 dev e2 src 10.2.0.1'];
    expect(bound(withRouter({ routes: main }), '10.2.0.2')).toEqual(['delivered', 'refused']);
    const open = withRouter({ routes: main, sysctls: { 'net/ipv4/tcp_l3mdev_accept': '1' } });
    expect(bound(open, '10.2.0.2')).toEqual(['delivered', 'delivered']);
  });
});

describe('rules of a firewall and VRFs', () => {
  const guarded = (rule: string) => {
    const chains = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map(
      (name) => `:${name} ACCEPT [0:0]`,
    );
    const { tables } = parseIptablesSave(`*mangle\n${chains.join('\n')}\n-A ${rule} -j DROP\nCOMMIT\n`, {
      backend: 'legacy',
      family: 'ip',
    });
    return withRouter({ ruleset: { tables, unknowns: [] } });
  };

  test.each([
    ['PREROUTING -i e1', 'dropped'],
    ['PREROUTING -i red', 'dropped'],
    ['FORWARD -i red -o e2', 'dropped'],
    ['FORWARD -i e1', 'delivered'],
    ['POSTROUTING -o e2', 'dropped'],
    ['POSTROUTING -o red', 'delivered'],
  ])('what is passed on, and %s: %s', (rule, expected) => {
    expect(ends(guarded(rule), 'a', '10.2.0.2', 80)[0]).toBe(expected);
  });

  test.each([
    ['INPUT -i red', ['dropped', null]],
    ['INPUT -i e1', ['delivered', 'delivered']],
    ['OUTPUT -o red', ['delivered', 'dropped']],
    ['OUTPUT -o e1', ['delivered', 'dropped']],
    ['POSTROUTING -o red', ['delivered', 'dropped']],
  ])('a ping and its answer, and %s', (rule, expected) => {
    expect(ends(guarded(rule), 'a', '10.1.0.1')).toEqual(expected);
  });
});

describe('causes', () => {
  const explain = (snapshot: Snapshot, to: string, port: number) => {
    const { found, arrives } = explainWay(
      snapshot,
      {
        fromText: 'a',
        toText: to,
        from: { type: 'namespace', host: 'machine', namespace: idOf('a') },
        to: { type: 'address', address: to },
        protocol: 'tcp',
        port,
      },
      { from: 'namespace', namespace: idOf('a'), destination: to, protocol: 'tcp', port },
    );
    const [first] = found;
    const action = first?.remedies[0]?.actions[0];
    const step = action && stepsOf(action, snapshot)[0];
    return {
      ids: found.map(({ finding }) => finding.id),
      params: first?.finding.params,
      command: step?.kind === 'exec' ? step.argv.join(' ') : null,
      arrives,
    };
  };

  test('a program outside of the VRF is one of its own, and the setting mends it', () => {
    expect(explain(NETWORK, '10.1.0.1', 22)).toMatchObject({
      ids: ['listens-outside-vrf'],
      params: { vrf: 'red', dev: 'e1', setting: 'net.ipv4.tcp_l3mdev_accept' },
      command: 'sysctl -w net.ipv4.tcp_l3mdev_accept=1',
      arrives: true,
    });
    const open = withRouter({ sysctls: { 'net/ipv4/tcp_l3mdev_accept': '1' } });
    expect(explain(open, '10.1.0.1', 22)).toMatchObject({ ids: [], arrives: true });
  });

  test('a port that nobody has opened is no listener still', () => {
    expect(explain(NETWORK, '10.1.0.1', 23)).toMatchObject({ ids: ['no-listener'], arrives: true });
  });

  test('a program in another VRF listens on another interface', () => {
    expect(explain(NETWORK, '10.1.0.1', 445)).toMatchObject({
      ids: ['listens-on-other-address'],
      params: { device: 'blue' },
      arrives: true,
    });
  });

  const behind = (routes: readonly string[]) =>
    sketchSnapshot({
      ...VRFS,
      b: {
        ...VRFS['b'],
        links: ['eth0 10.2.0.2/24 -> r/e2', 'lan 10.7.0.1/24 dummy'],
        sockets: ['tcp 0.0.0.0:80'],
      },
      r: { ...VRFS['r'], routes },
    });

  test.each([
    ['holds nothing for it', []],
    ['ends in “unreachable”', ['unreachable default table 10 metric 4278198272']],
    ['is not the one that has it', ['10.7.0.0/24 via 10.3.0.2 table 20']],
  ])('the route that a VRF lacks is added to its own table, which %s', (_what, routes) => {
    expect(explain(behind(routes), '10.7.0.1', 80)).toMatchObject({
      ids: ['no-route'],
      params: { vrf: 'red' },
      command: 'ip route add 10.7.0.0/24 via 10.2.0.2 dev e2 table 10',
      arrives: true,
    });
  });

  test('the VRF that a leaking route leads to has no way back', () => {
    expect(explain(withRouter({ routes: LEAKS.slice(0, 1) }), '10.3.0.2', 80).ids).toEqual([
      'no-return-route',
    ]);
  });

  test('the reverse path filter asks for the way back in the VRF', () => {
    const strict = { 'net/ipv4/conf/e1/rp_filter': '1' };
    expect(explain(withRouter({ sysctls: strict }), '10.2.0.2', 80)).toMatchObject({ ids: [] });
    const elsewhere = withRouter({ sysctls: strict, routes: ['10.1.0.2/32 via 10.2.0.2 dev e2 table 10'] });
    expect(explain(elsewhere, '10.2.0.2', 80).ids).toContain('rp-filter');
  });
});

describe('what is bound to a VRF (SO_BINDTODEVICE)', () => {
  const bound = (device: string, destination: string): string =>
    walkFlow(NETWORK, {
      ...{ from: 'namespace', namespace: idOf('r'), protocol: 'tcp' },
      ...{ destination, port: 80, device },
    }).forward.disposition;

  test.each([
    ['red', '10.2.0.2', 'delivered'],
    ['e2', '10.2.0.2', 'delivered'],
    ['blue', '10.2.0.2', 'no-route'],
    ['blue', '10.3.0.2', 'delivered'],
  ])('%s to %s: %s', (device, destination, end) => {
    expect(bound(device, destination)).toBe(end);
  });
});

describe('rules that ask for the port of a VRF', () => {
  const asks = (port: string): Snapshot => {
    const expr = [{ match: { op: '==', left: { meta: { key: 'sdifname' } }, right: port } }, { drop: null }];
    const listing = [
      { table: { family: 'ip', name: 't' } },
      {
        chain: {
          family: 'ip',
          table: 't',
          name: 'c',
          type: 'filter',
          hook: 'input',
          prio: 0,
          policy: 'accept',
        },
      },
      { rule: { family: 'ip', table: 't', chain: 'c', handle: 1, expr } },
    ];
    return withRouter({ ruleset: parseNftJson(JSON.stringify({ nftables: listing }), '') });
  };

  test.each([
    ['e1', 'dropped'],
    ['e2', 'refused'],
    ['red', 'refused'],
  ])('%s: %s', (port, end) => {
    expect(ends(asks(port), 'a', '10.1.0.1', 22)[0]).toBe(end);
  });
});
