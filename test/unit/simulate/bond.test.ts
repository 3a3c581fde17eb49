import { describe, expect, test } from 'vitest';
import { linkKind } from '../../../diagnostics/collect/link-kinds.ts';
import { parseLinks } from '../../../diagnostics/collect/links.ts';
import { explainWay } from '../../../diagnostics/question/explain.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import type { NamespaceSketch } from '../../support/snapshot.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';
import { ask } from '../../support/walked-networks.ts';

describe('what ip(8) says of bonds', () => {
  test('which interface is in use, and which waits', () => {
    const info_data = { mode: 'active-backup', active_slave: 'eth0', miimon: 100, all_slaves_active: 0 };
    expect(linkKind({ link_type: 'ether', linkinfo: { info_kind: 'bond', info_data } })).toEqual({
      type: 'bond',
      mode: 'active-backup',
      active: 'eth0',
    });
    const slave = (ifindex: number, ifname: string, state: string, mii_status: string) => ({
      ...{ ifindex, ifname, flags: ['SLAVE', 'UP', 'LOWER_UP'], master: 'bond0' },
      linkinfo: { info_slave_kind: 'bond', info_slave_data: { state, mii_status } },
    });
    const links = parseLinks(
      [{ ifindex: 1, ifname: 'bond0' }, slave(2, 'eth0', 'ACTIVE', 'UP'), slave(3, 'eth1', 'BACKUP', 'DOWN')],
      'x',
      () => null,
    );
    expect(links.map((link) => link.slave)).toEqual([
      undefined,
      { backup: false, alive: true },
      { backup: true, alive: false },
    ]);
  });
});

/** A machine with two wires into one switch; without bonding on this kernel, as drivers/net/bonding and drivers/net/team have it. */
const network = (bond: string, node: readonly string[] = [], host: NamespaceSketch = {}): Snapshot =>
  sketchSnapshot({
    node: {
      links: [
        `bond0 10.0.0.2/24 ${bond} mac 02:00:00:00:00:aa`,
        ...(node.length > 0
          ? node
          : [
              'eth0 master bond0 mac 02:00:00:00:00:aa -> host/p0',
              'eth1 master bond0 mac 02:00:00:00:00:aa -> host/p1',
            ]),
      ],
      sockets: ['tcp 0.0.0.0:80'],
    },
    host: {
      links: ['br0 10.0.0.1/24 bridge', 'p0 master br0 -> node/eth0', 'p1 master br0 -> node/eth1'],
      ...host,
    },
  });

const explain = (snapshot: Snapshot, from: string, to: string) => {
  const { found, arrives } = explainWay(
    snapshot,
    {
      fromText: from,
      toText: to,
      from: { type: 'namespace', host: 'machine', namespace: idOf(from) },
      to: { type: 'address', address: to },
      protocol: 'icmp',
      port: null,
    },
    { from: 'namespace', namespace: idOf(from), destination: to, protocol: 'icmp', port: null },
  );
  return { ids: found.map(({ finding }) => finding.id), arrives };
};

describe('a bond of which one interface waits', () => {
  test('is reached and sends by the active one', () => {
    const trip = ask(network('bond eth0'), 'host', '10.0.0.2');
    expect([trip.forward.disposition, trip.back?.disposition]).toEqual(['delivered', 'delivered']);
    expect(trip.forward.doubts).toEqual([]);
    expect(trip.forward.hops.map(({ inDev }) => inDev)).toContain('eth0');
  });

  test('takes nothing that comes to the one that waits', () => {
    const trip = ask(
      network('bond eth0', [], {
        fdb: ['02:00:00:00:00:aa dev p1 master br0 static'],
        neighbours: ['10.0.0.2 dev br0 02:00:00:00:00:aa permanent'],
      }),
      'host',
      '10.0.0.2',
    );
    expect(trip.forward.disposition).toBe('filtered-source');
    expect(trip.forward.hops.at(-1)?.steps.at(-1)).toMatchObject({
      kind: 'receive',
      dev: 'eth1',
      problem: 'waits',
    });
  });

  test('with all of them switched off has no carrier, and one that is switched on is enough', () => {
    const off = network('bond eth0 no-carrier', [
      'eth0 down master bond0 mac 02:00:00:00:00:aa -> host/p0',
      'eth1 down master bond0 mac 02:00:00:00:00:aa -> host/p1',
    ]);
    expect(explain(off, 'node', '10.0.0.1')).toEqual({ ids: ['no-carrier'], arrives: true });
    expect(explain(network('bond eth0'), 'node', '10.0.0.1')).toEqual({ ids: [], arrives: true });
  });
});

describe('a team, whose daemon alone knows by which port it sends', () => {
  test('is followed by each; where all lead to the same end nothing is in doubt', () => {
    const trip = ask(network('team'), 'node', '10.0.0.1');
    expect(trip.forward.disposition).toBe('delivered');
    expect(trip.forward.doubts).toEqual([]);
  });

  test('where they differ, the port is the doubt', () => {
    const trip = ask(
      network('team', [], {
        links: ['br0 10.0.0.1/24 bridge', 'p0 master br0 -> node/eth0', 'p1 -> node/eth1'],
      }),
      'node',
      '10.0.0.1',
    );
    expect(trip.forward.certain).toBe(false);
    expect(trip.forward.doubts.join()).toContain('teamd');
  });
});
