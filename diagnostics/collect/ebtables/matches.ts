import type { Field } from '../../model/rule-field.ts';
import type { Match, Value } from '../../model/rule-match.ts';
import type { RulePart } from '../../model/ruleset.ts';
import { entry } from '../../host/external-json.ts';
import { icmpType } from '../icmp-types.ts';
import {
  compare,
  NEVER,
  number,
  rangeValue,
  readMasked,
  readNumber,
  readPrefix,
  readRange,
  text,
  unmodelledMatch,
} from '../iptables/values.ts';
import { protocolNumber } from '../protocol-numbers.ts';

/** `--ip-proto ! tcp`: an option of ebtables(8), which negates what stands behind it. */
export interface FrameOption {
  readonly name: string;
  readonly negate: boolean;
  readonly value: string;
}

const HIGHEST_PORT = 65535;

/** Names of /etc/ethertypes that packets of a walk have; what else there is in a frame is none of these. */
const ETHERTYPES: Readonly<Record<string, string>> = {
  ipv4: 'ipv4',
  ip: 'ipv4',
  '0x800': 'ipv4',
  '0x0800': 'ipv4',
  ipv6: 'ipv6',
  '0x86dd': 'ipv6',
  arp: 'arp',
  '0x806': 'arp',
  '0x0806': 'arp',
};

/** RFC 826; the others (RARP, ARP of ATM) nobody says here. */
const OPERATIONS: Readonly<Record<string, number>> = { request: 1, reply: 2 };

const PACKET_TYPES: ReadonlySet<string> = new Set(['host', 'broadcast', 'multicast', 'otherhost']);

/** ebtables writes numbers without leading zeros: `2:0:0:0:0:1`. */
export const macOf = (written: string): string | null => {
  const bytes = written.toLowerCase().split(':');
  return bytes.length === 6 && bytes.every((byte) => /^[\da-f]{1,2}$/.test(byte))
    ? bytes.map((byte) => byte.padStart(2, '0')).join(':')
    : null;
};

/** Every address whose first byte is odd. */
const GROUPS: readonly Value[] = Array.from({ length: 128 }, (_, at) =>
  text(`${(2 * at + 1).toString(16).padStart(2, '0')}:*`),
);

const NAMED_MACS: Readonly<Record<string, readonly Value[]>> = {
  broadcast: [text('ff:ff:ff:ff:ff:ff')],
  multicast: GROUPS,
  bga: [text('01:80:c2:00:00:00')],
};

/** `Multicast`, `02:00:00:00:00:01`, `02:00:00:00:00:00/ff:ff:ff:00:00:00`: a mask of whole bytes. */
function macComparison(field: Field, { value, negate }: FrameOption): Match | null {
  if (value.toLowerCase() === 'unicast') return compare(field, GROUPS, !negate);
  const named = entry(NAMED_MACS, value.toLowerCase());
  if (named) return compare(field, named, negate);
  const [address = '', maskText = 'ff:ff:ff:ff:ff:ff'] = value.split('/');
  const [mac, mask] = [macOf(address), macOf(maskText)];
  if (mac === null || mask === null) return null;
  if (mask === '01:00:00:00:00:00') return compare(field, GROUPS, mac.startsWith('00:') !== negate);
  const bytes = mask.split(':');
  const kept = bytes.lastIndexOf('ff') + 1;
  if (kept === 0 || bytes.some((byte, at) => byte !== (at < kept ? 'ff' : '00'))) return null;
  const wanted = kept === bytes.length ? mac : `${mac.slice(0, 3 * kept)}*`;
  return compare(field, [text(wanted)], negate);
}

type Reader = (option: FrameOption) => readonly RulePart[] | null;

const one = (match: Match | null): readonly Match[] | null => match && [match];

const of =
  (field: Field, read: (written: string) => Value | null): Reader =>
  ({ value, negate }) => {
    const wanted = read(value);
    return wanted && [compare(field, [wanted], negate)];
  };

const ports = (field: Field): Reader =>
  of(field, (written) => {
    const range = readRange(written, HIGHEST_PORT);
    return range && rangeValue(range);
  });

const protocol = of('l4proto', (written) => {
  const wanted = protocolNumber(written);
  return wanted === null ? null : number(wanted);
});

const numeric = (written: string): Value | null => {
  const wanted = readNumber(written);
  return wanted === null ? null : number(wanted);
};

/** `echo-request`, `8`, `3:3/0:255`: one type with any code, or one of each. */
const icmp =
  (family: 4 | 6): Reader =>
  ({ value, negate }) => {
    const [types = '', codes] = value.split('/');
    const [low = '', high = low] = types.split(':');
    const [from, to] = [icmpType(low, family), icmpType(high, family)];
    const code = codes === undefined ? [0, 255] : readRange(codes, 255);
    if (from === null || to === null || !code) return null;
    const ofType = compare('icmp type', [rangeValue([from, to])], negate);
    if (code[0] === 0 && code[1] === 255) return [ofType];
    return negate ? null : [ofType, compare('icmp code', [rangeValue([code[0] ?? 0, code[1] ?? 0])])];
  };

/** A bridge's port may be meant by the beginning of its name. */
const device =
  (field: Field): Reader =>
  ({ value, negate }) => [
    compare(field, [text(value.endsWith('+') ? `${value.slice(0, -1)}*` : value)], negate),
  ];

const arpMac =
  (field: Field): Reader =>
  (option) =>
    one(macComparison(field, option));

const IP: Readonly<Record<string, Reader>> = {
  src: of('saddr', readPrefix),
  source: of('saddr', readPrefix),
  dst: of('daddr', readPrefix),
  destination: of('daddr', readPrefix),
  proto: protocol,
  protocol,
  sport: ports('sport'),
  'source-port': ports('sport'),
  dport: ports('dport'),
  'destination-port': ports('dport'),
  tos: of('tos', numeric),
  tclass: of('tos', numeric),
};

const forBoth = (prefix: string): Readonly<Record<string, Reader>> =>
  Object.fromEntries(Object.entries(IP).map(([name, reader]) => [`--${prefix}-${name}`, reader]));

/** `IPv4`, `0x800`, `0800`, `802_1Q`. */
const etherType = (written: string): Value => {
  const name = written.toLowerCase();
  return text(entry(ETHERTYPES, name) ?? (name === '802_1q' || name === '0x8100' ? '8021q' : name));
};

/** What ebtables-extensions(8) calls the matches of frames, and ebtables-save prints. */
const READERS: Readonly<Record<string, Reader>> = {
  ...forBoth('ip'),
  ...forBoth('ip6'),
  '--ip-icmp-type': icmp(4),
  '--ip6-icmp-type': icmp(6),
  '-p': ({ value, negate }) => [compare('ether type', [etherType(value)], negate)],
  '-s': (option) => one(macComparison('ether saddr', option)),
  '-d': (option) => one(macComparison('ether daddr', option)),
  '-i': device('iif'),
  '-o': device('oif'),
  '--logical-in': device('iif bridge'),
  '--logical-out': device('oif bridge'),
  '--arp-op': of('arp operation', (written) => {
    const known = entry(OPERATIONS, written.toLowerCase()) ?? readNumber(written);
    return known === null ? null : number(known);
  }),
  '--arp-opcode': of('arp operation', numeric),
  '--arp-htype': of('arp htype', numeric),
  '--arp-ptype': ({ value, negate }) =>
    entry(ETHERTYPES, value.toLowerCase()) === 'ipv4' ? (negate ? [NEVER] : []) : null,
  '--arp-ip-src': of('arp saddr ip', readPrefix),
  '--arp-ip-dst': of('arp daddr ip', readPrefix),
  '--arp-mac-src': arpMac('arp saddr ether'),
  '--arp-mac-dst': arpMac('arp daddr ether'),
  // Who asks for another's address does not ask for its own.
  '--arp-gratuitous': ({ negate }) => (negate ? [] : [NEVER]),
  '--vlan-id': of('vlan id', numeric),
  '--vlan-prio': of('vlan pcp', numeric),
  '--vlan-encap': ({ value, negate }) => [
    compare('vlan type', [etherType(/^[\da-f]{4}$/i.test(value) ? `0x${value}` : value)], negate),
  ],
  '--mark': of('mark', readMasked),
  '--pkttype-type': ({ value, negate }) =>
    PACKET_TYPES.has(value) ? [compare('pkttype', [text(value)], negate)] : null,
  // Frames of a spanning tree and of 802.3 carry no packet that is walked here.
  '--stp-type': () => [NEVER],
  '--802_3-sap': () => [NEVER],
  '--802_3-type': () => [NEVER],
  '--limit': ({ value }) => [{ ...unmodelledMatch(`--limit ${value}`), chance: true }],
  '--limit-burst': () => [],
};

/** Watchers: they write down that a frame came by. */
const WATCHES = /^--(?:log|nflog|ulog)(?:-|$)/;

/** A watcher looks on (log, nflog, ulog) and decides nothing. */
export const isWatcher = (name: string): boolean => WATCHES.test(name);

/** Null where an option is not modelled. */
export const readFrameOption = (option: FrameOption): readonly RulePart[] | null =>
  entry(READERS, option.name)?.(option) ?? null;
