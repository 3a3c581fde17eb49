import { describe, expect, test } from 'vitest';
import { parseVlans } from '../../../diagnostics/collect/bridge-vlans.ts';
import { linkKind } from '../../../diagnostics/collect/link-kinds.ts';
import { parseLinks } from '../../../diagnostics/collect/links.ts';
import { parseFdb } from '../../../diagnostics/collect/neighbours.ts';
import { linkWord } from '../../../diagnostics/model/link-word.ts';

const kind = (info_kind: string, info_data: Record<string, unknown> = {}) =>
  linkKind({ ifname: 'x', linkinfo: { info_kind, info_data } });

/** As iproute2's ip/iplink_*.c prints them; of kinds that not every kernel has. */
describe('what an interface is, by its details', () => {
  test.each([
    [
      'vlan',
      { protocol: '802.1Q', id: 10, flags: ['REORDER_HDR'] },
      { type: 'vlan', id: 10, protocol: '802.1Q' },
    ],
    ['macvlan', { mode: 'passthru', bcqueuelen: 1000 }, { type: 'macvlan', mode: 'passthru' }],
    ['macvtap', { mode: 'bridge' }, { type: 'macvlan', mode: 'bridge', tap: true }],
    [
      'macvlan',
      { mode: 'source', macaddr_count: 1, macaddr_data: ['02:00:00:00:00:0A'] },
      { type: 'macvlan', mode: 'source', sources: ['02:00:00:00:00:0a'] },
    ],
    ['ipvlan', { mode: 'l3s' }, { type: 'ipvlan', mode: 'l3s' }],
    ['ipvtap', { mode: 'l2' }, { type: 'ipvlan', mode: 'l2', tap: true }],
    [
      'vxlan',
      { id: 4097, port: 4789, learning: true, proxy: true, l2miss: true, l3miss: true },
      { type: 'vxlan', id: 4097, port: 4789, learning: true, proxy: true },
    ],
    [
      'vxlan',
      { id: 42, port: 4789, df: 'inherit' },
      { type: 'vxlan', id: 42, port: 4789, learning: true, df: 'inherit' },
    ],
    [
      'vxlan',
      { external: true, port: 4789 },
      { type: 'vxlan', id: 0, port: 4789, learning: true, external: true },
    ],
    [
      'geneve',
      { id: 7, remote: '192.0.2.1', port: 6081 },
      { type: 'tunnel', kind: 'geneve', remote: '192.0.2.1', id: 7, port: 6081 },
    ],
    [
      'gre',
      { remote: '192.0.2.1', local: '192.0.2.2', ikey: '0.0.0.42', okey: '0.0.0.42' },
      { type: 'tunnel', kind: 'gre', remote: '192.0.2.1', local: '192.0.2.2', id: 42 },
    ],
    ['ipip', { remote: 'any', local: 'any' }, { type: 'tunnel', kind: 'ipip' }],
    ['wireguard', {}, { type: 'tunnel', kind: 'wireguard' }],
    [
      'bond',
      { mode: 'active-backup', active_slave: 'eth1' },
      { type: 'bond', mode: 'active-backup', active: 'eth1' },
    ],
    ['vrf', { table: 10 }, { type: 'vrf', table: 10 }],
    ['dummy', {}, { type: 'dummy' }],
    ['openvswitch', {}, { type: 'openvswitch' }],
    ['tun', { type: 'tap' }, { type: 'tun', mode: 'tap' }],
    ['nlmon', {}, { type: 'other', kind: 'nlmon' }],
  ])('%s %j', (word, data, expected) => {
    expect(kind(word, data)).toEqual(expected);
    expect(linkWord(kind(word, data))).toBe(word === 'tun' ? 'tun' : word);
  });
});

test('the device below a vxlan that was moved lies in the namespace of its packets', () => {
  const [link] = parseLinks(
    [
      {
        ifindex: 6,
        // Its own: a vxlan has no link of the usual kind.
        link_index: 6,
        ifname: 'vx',
        flags: ['BROADCAST', 'MULTICAST'],
        mtu: 1450,
        link_netnsid: 0,
        linkinfo: { info_kind: 'vxlan', info_data: { id: 42, link: 'if3', port: 4789, learning: true } },
      },
    ],
    'machine/1',
    (nsid) => (nsid === 0 ? 'machine/9' : null),
  );
  expect(link).toMatchObject({ underlay: 'machine/9', peer: { namespace: 'machine/9', index: 3 } });
});

test('a tunnel’s own entries, its bridge’s, and group addresses', () => {
  expect(
    parseFdb([
      {
        mac: '0e:00:00:00:00:02',
        ifname: 'vx',
        dst: '10.8.0.2',
        port: 999,
        vni: 77,
        flags: ['self'],
        state: 'permanent',
      },
      { mac: '0e:00:00:00:00:02', ifname: 'vx', flags: [], master: 'br0', state: '' },
      {
        mac: '00:00:00:00:00:00',
        ifname: 'vx',
        dst: '10.8.0.2',
        viaIf: 'eth0',
        flags: ['self'],
        state: 'permanent',
      },
      { mac: '33:33:00:00:00:01', ifname: 'eth0', flags: ['self'], state: 'permanent' },
    ]),
  ).toEqual([
    {
      mac: '0e:00:00:00:00:02',
      dev: 'vx',
      remote: '10.8.0.2',
      remotePort: 999,
      remoteId: 77,
      state: 'permanent',
    },
    { mac: '0e:00:00:00:00:02', dev: 'vx', master: 'br0', state: 'learned' },
    { mac: '00:00:00:00:00:00', dev: 'vx', remote: '10.8.0.2', remoteDev: 'eth0', state: 'permanent' },
  ]);
});

test('the VLANs of ports, ranges too (bridge -j vlan show)', () => {
  const vlans = parseVlans([
    {
      ifname: 'vb',
      vlans: [
        { vlan: 1, flags: ['PVID', 'Egress Untagged'] },
        { vlan: 10, vlanEnd: 12, flags: [] },
      ],
    },
    { ifname: 'br0', vlans: [{ vlan: 1 }] },
  ]);
  expect(vlans.get('vb')).toEqual([
    { id: 1, pvid: true, untagged: true },
    ...[10, 11, 12].map((id) => ({ id, pvid: false, untagged: false })),
  ]);
  expect(vlans.get('br0')).toEqual([{ id: 1, pvid: false, untagged: false }]);
});
