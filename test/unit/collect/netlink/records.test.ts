import { describe, expect, test } from 'vitest';
import { attribute, type NetlinkMessage } from '../../../../diagnostics/host/native/netlink-message.ts';
import { addressRecords } from '../../../../diagnostics/collect/netlink/address-records.ts';
import { addressText, NotUnderstood } from '../../../../diagnostics/collect/netlink/bytes.ts';
import { interfaceTable } from '../../../../diagnostics/collect/netlink/interface-table.ts';
import { readIprouteNames } from '../../../../diagnostics/collect/netlink/iproute-names.ts';
import { linkRecords } from '../../../../diagnostics/collect/netlink/link-records.ts';
import { fdbRecords, neighbourRecords } from '../../../../diagnostics/collect/netlink/neighbour-records.ts';
import { routeRecords } from '../../../../diagnostics/collect/netlink/route-records.ts';
import { ruleRecords } from '../../../../diagnostics/collect/netlink/rule-records.ts';

/** What the kernel of the tests cannot make, in bytes after include/uapi/linux; the rest is compared in test/kernel/netlink. */
const names = readIprouteNames();

const message = (header: readonly number[], ...attributes: readonly Buffer[]): NetlinkMessage => ({
  ...{ type: 16, flags: 0, sequence: 0 },
  body: Buffer.concat([Buffer.from(header), ...attributes]),
});

const u8 = (type: number, value: number): Buffer => attribute(type, Buffer.from([value]));
const u16 = (type: number, value: number): Buffer => attribute(type, Buffer.from([value & 255, value >> 8]));
const u32 = (type: number, value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return attribute(type, bytes);
};
const text = (type: number, value: string): Buffer => attribute(type, Buffer.from(`${value}\0`));
const nested = (type: number, ...inner: readonly Buffer[]): Buffer => attribute(type, Buffer.concat(inner));

const INTERFACE = [0, 0, 1, 0, 5, 0, 0, 0, 0x43, 0x10, 1, 0, 0, 0, 0, 0];

const link = (kind: string, ...data: readonly Buffer[]): NetlinkMessage =>
  message(INTERFACE, text(3, 'one'), u32(4, 1500), nested(18, text(1, kind), nested(2, ...data)));

const port = (kind: string): NetlinkMessage =>
  message(INTERFACE, text(3, 'one'), nested(18, text(1, 'veth'), text(4, kind), nested(5, u8(1, 3))));

const linksOf = (one: NetlinkMessage) => linkRecords(interfaceTable([one]), new Map(), names);

test.each([
  ['vlan', [u16(1, 12), attribute(5, Buffer.from([0x88, 0xa8]))], { id: 12, protocol: '802.1ad' }],
  ['vrf', [u32(1, 100)], { table: 100 }],
  ['ipvlan', [u16(1, 2), u16(2, 0)], { mode: 'l3s' }],
  ['ipvlan', [u16(1, 0), u16(2, 2)], { mode: 'l2', vepa: true }],
  ['bridge', [u32(4, 0), u32(5, 2), u8(7, 1)], { ageing_time: 0, stp_state: 2, vlan_filtering: 1 }],
] as const)('an interface of kind %s', (kind, data, expected) => {
  expect(linksOf(link(kind, ...data))).toMatchObject([
    { ifindex: 5, ifname: 'one', mtu: 1500, linkinfo: { info_kind: kind, info_data: expected } },
  ]);
});

test('a kind whose settings nobody reads is told by its name alone, be it an odd one', () => {
  for (const kind of ['dummy', 'wireguard', 'constructor'])
    expect(linksOf(link(kind, u8(1, 1)))[0]?.['linkinfo']).toEqual({ info_kind: kind });
});

describe('what is not known here is left to the commands', () => {
  test.each([
    ['a tunnel', () => linksOf(link('gre', u32(1, 1)))],
    ['a bond', () => linksOf(link('bond', u8(1, 1)))],
    ['a port of a team', () => linksOf(port('team'))],
    ['an unknown flag of ipvlan', () => linksOf(link('ipvlan', u16(1, 0), u16(2, 4)))],
    ['an unknown mode of macvlan', () => linksOf(link('macvlan', u32(1, 77)))],
    ['an encapsulating route', () => routes(message(ROUTE, u32(4, 5), u16(21, 1), nested(22, u32(1, 1))))],
    ['a route of MPLS', () => routes(message([28, ...ROUTE.slice(1)], u32(4, 5)))],
    ['a metric that is a time', () => routes(message(ROUTE, nested(8, u32(4, 5))))],
    ['a next hop with a damaged length', () => routes(message(ROUTE, attribute(9, Buffer.alloc(8, 3))))],
    ['a rule with a new condition', () => ruleRecords([message(RULE, u8(99, 1))], names)],
    ['a neighbour of another family', () => neighbours(message([6, ...NEIGHBOUR.slice(1)]), false)],
  ])('%s', (_what, read) => {
    expect(read).toThrow(NotUnderstood);
  });
});

const ROUTE = [2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0];
const RULE = [2, 0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0];
const NEIGHBOUR = [2, 0, 0, 0, 5, 0, 0, 0, 0x80, 0, 0, 0];

const here = interfaceTable([link('dummy')]);
const routes = (one: NetlinkMessage) => routeRecords([one], false, here, names);
const neighbours = (one: NetlinkMessage, proxies: boolean) => neighbourRecords([one], proxies, here);

test('conditions of newer kernels, which an older ip(8) hides, make a rule one that is not known', () => {
  const [rule] = ruleRecords(
    [message(RULE, u8(25, 46), u8(30, 63), attribute(23, Buffer.from([80, 0, 80, 0])), u16(28, 0xfff0))],
    names,
  );
  expect(rule).toMatchObject({ dscp: 46, sport: 80, sport_mask: '0xfff0' });
  const whole = message(RULE, attribute(23, Buffer.from([80, 0, 80, 0])), u16(28, 0xffff));
  expect(ruleRecords([whole], names)[0]).not.toHaveProperty('sport_mask');
});

test('addresses are written as ip(8) writes them', () => {
  const six = (hex: string): string => addressText(Buffer.from(hex, 'hex'));
  expect(addressText(Buffer.from([10, 0, 255, 1]))).toBe('10.0.255.1');
  expect(six('00000000000000000000000000000000')).toBe('::');
  expect(six('00000000000000000000000000000001')).toBe('::1');
  expect(six('fe80000000000000020000fffe000001')).toBe('fe80::200:ff:fe00:1');
  expect(six('20010db8000000010001000100010001')).toBe('2001:db8:0:1:1:1:1:1');
  expect(six('20010000000100000000000100000000')).toBe('2001:0:1::1:0:0');
  expect(six('00000000000000000000ffff0a000001')).toBe('::ffff:10.0.0.1');
  expect(six('0000000000000000000000000a000001')).toBe('::10.0.0.1');
});

test('messages that are cut off anywhere, or full of nonsense, are understood or refused, and nothing else', () => {
  const hop = Buffer.concat([
    Buffer.from([16, 0, 0, 2, 5, 0, 0, 0]),
    attribute(5, Buffer.from([10, 0, 0, 1])),
  ]);
  const readers: readonly (readonly [NetlinkMessage, (one: NetlinkMessage) => unknown])[] = [
    [link('vxlan', u32(1, 5), attribute(2, Buffer.from([10, 0, 0, 1])), u16(15, 1), u8(7, 1)), linksOf],
    [link('macvlan', u32(1, 16), nested(5, attribute(4, Buffer.alloc(6, 2)))), linksOf],
    [port('bridge'), linksOf],
    [
      message([2, 24, 0x80, 0, 5, 0, 0, 0], attribute(2, Buffer.from([10, 0, 0, 1])), u32(8, 0x280)),
      (one) => addressRecords([one], names),
    ],
    [
      message(ROUTE, attribute(1, Buffer.from([10, 0, 0, 0])), attribute(9, hop), nested(8, u32(2, 9))),
      routes,
    ],
    [
      message(RULE, u32(6, 50), attribute(20, Buffer.alloc(8)), text(3, 'one')),
      (one) => ruleRecords([one], names),
    ],
    [message(NEIGHBOUR, attribute(1, Buffer.from([10, 0, 0, 1]))), (one) => neighbours(one, true)],
    [message(NEIGHBOUR, attribute(2, Buffer.alloc(6, 2)), u32(8, 5)), (one) => fdbRecords([one], here)],
  ];
  const tryToRead = (read: (one: NetlinkMessage) => unknown, one: NetlinkMessage, body: Buffer): void => {
    try {
      read({ ...one, body });
    } catch (error) {
      if (!(error instanceof NotUnderstood) && !(error instanceof RangeError)) throw error;
    }
  };
  for (const [one, read] of readers) {
    expect(() => read(one)).not.toThrow();
    for (let at = 0; at < one.body.length; at++) {
      tryToRead(read, one, one.body.subarray(0, at));
      for (const value of [0, 1, 127, 255]) {
        const body = Buffer.from(one.body);
        body[at] = value;
        tryToRead(read, one, body);
      }
    }
  }
});
