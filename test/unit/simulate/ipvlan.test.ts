import { describe, expect, test } from 'vitest';
import { linkKind } from '../../../diagnostics/collect/link-kinds.ts';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import { stepsOf } from '../../../diagnostics/fixes/registry.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { explainWay } from '../../../diagnostics/question/explain.ts';
import type { NamespaceSketch } from '../../support/snapshot.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';
import { ask } from '../../support/walked-networks.ts';

/**
 * Without ipvlan on this machine's kernel: as drivers/net/ipvlan has it. Two containers of Docker's driver on eth0 of a host, and another
 * machine on that one's wire.
 */
const network = (mode: string, host: NamespaceSketch = {}, other: NamespaceSketch = {}): Snapshot => {
  const far = mode.startsWith('l3');
  const net = far ? '10.8.0' : '10.0.0';
  return sketchSnapshot({
    host: { links: ['eth0 10.0.0.1/24 -> other/eth0'], sockets: ['tcp 0.0.0.0:22'], ...host },
    c1: {
      links: [`eth0 ${net}.11/24 ipvlan ${mode} -> host/eth0`],
      routes: [far ? 'default dev eth0' : 'default via 10.0.0.9'],
      sockets: ['tcp 0.0.0.0:80'],
    },
    c2: {
      links: [`eth0 ${far ? '10.8.1.12/24' : '10.0.0.12/24'} ipvlan ${mode} -> host/eth0`],
      routes: [far ? 'default dev eth0' : 'default via 10.0.0.9'],
      sockets: ['tcp 0.0.0.0:80'],
    },
    other: {
      links: ['eth0 10.0.0.9/24 -> host/eth0', 'lan 10.7.0.1/24 dummy'],
      sockets: ['tcp 0.0.0.0:80'],
      forwarding: true,
      ...(far ? { routes: ['10.8.0.0/16 via 10.0.0.1'] } : {}),
      ...other,
    },
  });
};

const ends = (snapshot: Snapshot, from: string, to: string) => {
  const trip = ask(snapshot, from, to, 'tcp', 80);
  expect(trip.forward.doubts).toEqual([]);
  return [trip.forward.disposition, trip.back?.disposition ?? null];
};

const explain = (snapshot: Snapshot, from: string, to: string, port = 80) => {
  const { found, arrives } = explainWay(
    snapshot,
    {
      fromText: from,
      toText: to,
      from: { type: 'namespace', host: 'machine', namespace: idOf(from) },
      to: { type: 'address', address: to },
      protocol: 'tcp',
      port,
    },
    { from: 'namespace', namespace: idOf(from), destination: to, protocol: 'tcp', port },
  );
  return {
    ids: found.map(({ finding }) => finding.id),
    commands: (found[0]?.remedies[0]?.actions ?? [])
      .flatMap((action) => stepsOf(action, snapshot))
      .map((step) => (step.kind === 'exec' ? step.argv.join(' ') : '')),
    arrives,
  };
};

const rule = (text: string): NamespaceSketch => {
  const chains = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map(
    (name) => `:${name} ACCEPT [0:0]`,
  );
  const { tables } = parseIptablesSave(`*mangle\n${chains.join('\n')}\n-A ${text} -j DROP\nCOMMIT\n`, {
    backend: 'legacy',
    family: 'ip',
  });
  return { ruleset: { tables, unknowns: [] } };
};

describe('what ip(8) says of ipvlan', () => {
  test.each([
    [
      { mode: 'l2', bridge: true },
      { type: 'ipvlan', mode: 'l2' },
    ],
    [
      { mode: 'l3', private: true },
      { type: 'ipvlan', mode: 'l3', flag: 'private' },
    ],
    [
      { mode: 'l3s', vepa: true },
      { type: 'ipvlan', mode: 'l3s', flag: 'vepa' },
    ],
  ])('%j', (info_data, kind) => {
    expect(linkKind({ link_type: 'ether', linkinfo: { info_kind: 'ipvlan', info_data } })).toEqual(kind);
  });
});

describe('mode L2', () => {
  const L2 = network('l2');

  test('containers on one device reach each other, and the network outside', () => {
    expect(ends(L2, 'c1', '10.0.0.12')).toEqual(['delivered', 'delivered']);
    expect(ends(L2, 'c1', '10.0.0.9')).toEqual(['delivered', 'delivered']);
    expect(ends(L2, 'c1', '10.7.0.1')).toEqual(['delivered', 'delivered']);
    expect(ends(L2, 'other', '10.0.0.11')).toEqual(['delivered', 'delivered']);
  });

  test('what comes in by the device is for who has the address, and no rule of the host sees it', () => {
    const guarded = network('l2', rule('PREROUTING -i eth0'));
    expect(ends(guarded, 'other', '10.0.0.11')).toEqual(['delivered', 'delivered']);
    expect(ends(guarded, 'other', '10.0.0.1')[0]).toBe('dropped');
  });

  test('the host and its containers never meet', () => {
    expect(explain(L2, 'host', '10.0.0.11')).toMatchObject({
      ids: ['ipvlan-host-isolation'],
      commands: [
        'ip link add link eth0 name ipvlan0 type ipvlan mode l2',
        'ip address add 10.0.0.254/32 dev ipvlan0',
        'ip link set dev ipvlan0 up',
        'ip route add 10.0.0.11/32 dev ipvlan0 src 10.0.0.254',
      ],
      arrives: true,
    });
    expect(explain(L2, 'c1', '10.0.0.1', 22).ids[0]).toBe('ipvlan-host-isolation');
    expect(explain(L2, 'c1', '10.0.0.12')).toMatchObject({ ids: [], arrives: true });
  });

  test.each(['private', 'vepa'])('%s keeps containers apart, and lets them out', (flag) => {
    const apart = network(`l2 ${flag}`);
    expect(ends(apart, 'c1', '10.0.0.9')).toEqual(['delivered', 'delivered']);
    expect(explain(apart, 'c1', '10.0.0.12')).toMatchObject({
      ids: ['ipvlan-flag'],
      commands: ['ip link set dev eth0 type ipvlan mode l2 bridge'],
      arrives: true,
    });
  });

  test('one that is down takes nothing', () => {
    const down = network('l2');
    const links = down.namespaces.map((one) =>
      one.id === idOf('c2') && one.facts.links.state === 'known'
        ? {
            ...one,
            facts: {
              ...one.facts,
              links: {
                ...one.facts.links,
                value: one.facts.links.value.map((link) =>
                  link.name === 'eth0' ? { ...link, up: false, carrier: false } : link,
                ),
              },
            },
          }
        : one,
    );
    expect(explain({ ...down, namespaces: links }, 'c1', '10.0.0.12').ids).toContain('interface-down');
  });
});

describe.each(['l3', 'l3s'])('mode %s', (mode) => {
  const L3 = network(mode);

  test('containers of different networks reach each other without a gateway', () => {
    expect(ends(L3, 'c1', '10.8.1.12')).toEqual(['delivered', 'delivered']);
  });

  test('the host routes what they send out; who knows the way back by the host reaches them', () => {
    expect(ends(L3, 'c1', '10.0.0.9')).toEqual(['delivered', 'delivered']);
    expect(ends(L3, 'other', '10.8.0.11')).toEqual(['delivered', 'delivered']);
    expect(ends(network(mode, {}, { routes: [] }), 'c1', '10.0.0.9')).toEqual(['delivered', 'no-route']);
  });

  test('OUTPUT and POSTROUTING of the host see what goes out', () => {
    expect(ends(network(mode, rule('OUTPUT -o eth0')), 'c1', '10.0.0.9')[0]).toBe('dropped');
    expect(ends(network(mode, rule('POSTROUTING -o eth0')), 'c1', '10.0.0.9')[0]).toBe('dropped');
    expect(ends(network(mode, rule('FORWARD -o eth0')), 'c1', '10.0.0.9')[0]).toBe('delivered');
    expect(ends(network(mode, rule('OUTPUT -o eth0')), 'c1', '10.8.1.12')).toEqual([
      'delivered',
      'delivered',
    ]);
  });

  test('nobody answers ARP for them', () => {
    const direct = network(mode, {}, { routes: ['10.8.0.0/16 dev eth0'] });
    expect(ends(direct, 'other', '10.8.0.11')[0]).toBe('neighbour-unresolved');
  });

  test('the host hears them, and its answer leaves by the wire', () => {
    const there = network(mode, { routes: ['10.8.0.0/16 dev eth0'] });
    const trip = ask(there, 'c1', '10.0.0.1', 'tcp', 22);
    expect(trip.forward.disposition).toBe('delivered');
    expect(trip.back?.disposition).toBe('neighbour-unresolved');
    expect(explain(there, 'c1', '10.0.0.1', 22).ids).toEqual(['ipvlan-host-isolation']);
  });

  test('private keeps them apart', () => {
    expect(explain(network(`${mode} private`), 'c1', '10.8.1.12')).toMatchObject({
      ids: ['ipvlan-flag'],
      commands: [`ip link set dev eth0 type ipvlan mode ${mode} bridge`],
      arrives: true,
    });
  });
});

test('mode L3 is past the host’s rules for what comes in, L3S is not', () => {
  const guarded = (mode: string, chain: string) =>
    ends(network(mode, rule(`${chain} -i eth0`)), 'other', '10.8.0.11')[0];
  expect(guarded('l3', 'PREROUTING')).toBe('delivered');
  expect(guarded('l3', 'INPUT')).toBe('delivered');
  expect(guarded('l3s', 'PREROUTING')).toBe('dropped');
  expect(guarded('l3s', 'INPUT')).toBe('dropped');
  expect(guarded('l3s', 'FORWARD')).toBe('delivered');
});
