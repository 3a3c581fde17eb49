import { describe, expect, test } from 'vitest';
import { areWhole } from '../../../diagnostics/collect/record-shapes.ts';

type Kind = Parameters<typeof areWhole>[1];
type Record = Parameters<typeof areWhole>[0][number];

/** As iproute2 6.1 prints them, but for members that nobody reads. */
const WHOLE: readonly (readonly [Kind, Record])[] = [
  [
    'links',
    {
      ...{
        ifindex: 3,
        ifname: 'c',
        flags: ['UP'],
        mtu: 1500,
        group: 'default',
        link_index: 2,
        link_netnsid: 0,
      },
      linkinfo: {
        ...{ info_kind: 'veth', info_slave_kind: 'bridge' },
        info_slave_data: { state: 'forwarding', hairpin: false },
      },
      addr_info: [{ family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global' }, {}],
    },
  ],
  ['links', { ifindex: 1, ifname: 'sit0', flags: [], mtu: 1480, link: null, addr_info: [] }],
  ['links', { ifindex: 4, ifname: 'x', flags: [], mtu: 1480, link_netnsid: 'unknown', addr_info: [] }],
  ['routes', { type: 'unicast', dst: 'default', gateway: '10.0.0.1', dev: 'eth0', table: '100', flags: [] }],
  ['routes', { dst: '0/1', metric: 1024, nexthops: [{ gateway: 'fe80::1', dev: 'eth0', weight: 1 }] }],
  ['routes', { dst: '10.0.0.0/8', via: { family: 'inet6', host: 'fe80::1' }, metrics: [{ mtu: 1400 }] }],
  ['rules', { priority: 0, src: 'all', table: 'local', protocol: 'kernel' }],
  ['rules', { priority: 9, src: '10.0.0.0', srclen: 24, fwmark: '0x1', goto: 'none', not: null }],
  ['neighbours', { dst: 'fe80::1', dev: 'eth0', lladdr: '0a:00:00:00:00:01', state: ['STALE'] }],
  ['neighbours', { dst: '10.0.0.9', dev: 'eth0', proxy: null }],
  ['fdb', { mac: '0a:00:00:00:00:01', ifname: 'c', flags: [], master: 'br0', state: '' }],
  ['queues', { kind: 'htb', handle: '1:', dev: 'eth0', root: true, options: { default: '0x20' } }],
  ['filters', { protocol: 'ip', pref: 2, kind: 'u32', chain: 0 }],
];

describe('a record', () => {
  test.each(WHOLE)('of %s is whole: %j', (kind, record) => {
    expect(areWhole([record], kind)).toBe(true);
  });

  test.each<readonly [Kind, Record]>([
    ['links', { dst: 'default' }],
    ['links', { ifindex: 1, ifname: 'lo', flags: [], mtu: 65536 }],
    ['links', { ifindex: 1e308, ifname: 'lo', flags: [], mtu: 65536, addr_info: [] }],
    ['links', { ifindex: 1, ifname: 'lo', flags: 'UP', mtu: 65536, addr_info: [] }],
    ['links', { ifindex: 1, ifname: 'lo', flags: [], mtu: 65536, addr_info: [null] }],
    [
      'links',
      { ifindex: 1, ifname: 'lo', flags: [], mtu: 65536, addr_info: [{ family: 'inet', local: [] }] },
    ],
    ['routes', { type: 'unicast', dev: 'eth0' }],
    ['routes', { dst: 'defualt', dev: 'eth0' }],
    ['routes', { dst: 'default', gateway: '10.0.0', dev: 'eth0' }],
    ['routes', { dst: 'default', type: 'unicat' }],
    ['routes', { dst: 'default', metric: -1 }],
    ['routes', { dst: 'default', nexthops: [[]] }],
    ['rules', { src: 'all', table: 'main' }],
    ['rules', { priority: 1, src: 'al', table: 'main' }],
    ['rules', { priority: 1, src: 'all', fwmark: '0x99999999999999999999' }],
    ['neighbours', { dst: '10.0.0.300', dev: 'eth0' }],
    ['fdb', { mac: '0a:00', ifname: [] }],
    ['queues', { kind: 'htb', handle: '99999:', dev: 'eth0' }],
    ['filters', { protocol: 'ip', options: [] }],
  ])('that is damage, and no lesser one of %s: %j', (kind, record) => {
    expect(areWhole([record], kind)).toBe(false);
  });
});
