import { entry } from '../../host/external-json.ts';
import { formatAddress, parseAddress } from '../../model/ip.ts';
import type { Value } from '../../model/rule-match.ts';
import { icmpCode, icmpType } from '../icmp-types.ts';
import { protocolNumber } from '../protocol-numbers.ts';
import { DAYS, hourOf, momentOf } from './clock.ts';
import { at, isList, type Json } from './json.ts';

/** How values of a field are written. */
export type Kind =
  | 'address'
  | 'number'
  | 'protocol'
  | 'interface'
  | 'group'
  | 'hardware type'
  | 'connection status'
  | 'arp operation'
  | 'arp protocol'
  | 'text'
  | 'ethertype'
  | 'packet type'
  | 'tcp flags'
  | 'dscp'
  | 'ecn'
  | 'icmp type'
  | 'icmpv6 type'
  | 'icmp code'
  | 'icmpv6 code'
  | 'priority'
  | 'realm'
  | 'hour'
  | 'day'
  | 'time';

const ETHERTYPES: Readonly<Record<string, string>> = {
  ip: 'ipv4',
  ip6: 'ipv6',
  vlan: '8021q',
  '2048': 'ipv4',
  '33024': '8021q',
  '34525': 'ipv6',
};

/** nft's words for what the kernel calls otherwise. */
export const packetType = (word: string): string =>
  entry<string>({ unicast: 'host', other: 'otherhost' }, word) ?? word;

const ARP_OPERATIONS: Readonly<Record<string, number>> = { request: 1, reply: 2 };
const IPV4_LENGTH = 4;

/** devtype_type of nft's src/meta.c; other types are written as numbers. */
const HARDWARE_TYPES: Readonly<Record<string, number>> = {
  ether: 1,
  ppp: 512,
  ipip: 768,
  ipip6: 769,
  loopback: 772,
  sit: 776,
  ipgre: 778,
};

const TCP_FLAGS: Readonly<Record<string, number>> = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ecn: 0x40,
  cwr: 0x80,
};

/** RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622. */
const DSCP: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`cs${at}`, at << 3])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((group) =>
      [1, 2, 3].map((drop) => [`af${group}${drop}`, (group << 3) | (drop << 1)]),
    ),
  ),
  be: 0,
  df: 0,
  lephb: 1,
  va: 44,
  ef: 46,
};

const ECN: Readonly<Record<string, number>> = { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 };

/** IPS_* of include/uapi/linux/netfilter/nf_conntrack_common.h, by nft's words. */
const CONNECTION_STATUS: Readonly<Record<string, number>> = {
  expected: 0x1,
  'seen-reply': 0x2,
  assured: 0x4,
  confirmed: 0x8,
  snat: 0x10,
  dnat: 0x20,
  dying: 0x200,
};

/** `syn`, 2, ["syn", "ack"], {"|": ["syn", "ack"]}: TCP flags as bits. */
export const flagBits = (json: Json | undefined): number | null => namedBits(json, TCP_FLAGS);

function namedBits(json: Json | undefined, names: Readonly<Record<string, number>>): number | null {
  if (typeof json === 'number') return json;
  if (typeof json === 'string') return entry(names, json) ?? null;
  const list = isList(json) ? json : at(json, '|');
  if (!isList(list)) return null;
  return list.reduce<number | null>((sum, one) => {
    const bits = namedBits(one, names);
    return sum === null || bits === null ? null : sum | bits;
  }, 0);
}

/** A number, or one written as text. */
export function toNumber(json: Json | undefined, kind: Kind): number | null {
  if (kind === 'connection status') return namedBits(json, CONNECTION_STATUS);
  if (kind === 'tcp flags') return flagBits(json);
  if (typeof json === 'number') return json;
  if (typeof json !== 'string') return null;
  switch (kind) {
    case 'protocol':
      return protocolNumber(json);
    case 'icmp type':
      return icmpType(json, 4);
    case 'icmpv6 type':
      return icmpType(json, 6);
    case 'icmp code':
      return icmpCode(json, 4);
    case 'icmpv6 code':
      return icmpCode(json, 6);
    case 'dscp':
      return entry(DSCP, json) ?? null;
    case 'ecn':
      return entry(ECN, json) ?? null;
    case 'arp operation':
      return entry(ARP_OPERATIONS, json) ?? null;
    // It is asked for IPv4's, which has four bytes.
    case 'arp protocol':
      return json === 'ip' ? IPV4_LENGTH : null;
    case 'hardware type':
      return entry(HARDWARE_TYPES, json) ?? toNumber(json, 'number');
    case 'group':
      return json === 'default' ? 0 : toNumber(json, 'number');
    case 'priority':
      return priority(json);
    // The only one that rt_realms of iproute2 has a name for from the start.
    case 'realm':
      return json === 'cosmos' ? 0 : toNumber(json, 'number');
    case 'hour':
      return hourOf(json);
    case 'day':
      return entry(DAYS, json) ?? toNumber(json, 'number');
    case 'time':
      return momentOf(json);
    case 'number':
      return /^(0x[0-9a-f]+|\d+)$/i.test(json) ? Number(json) : null;
    case 'address':
    case 'interface':
    case 'text':
    case 'ethertype':
    case 'packet type':
      return null;
  }
}

/** An IPv4 address as its 32 bits; null: none. */
export const addressNumber = (json: Json | undefined): number | null =>
  typeof json === 'string' ? (parseAddress(json)?.short ?? null) : null;

/** `1:a`, a class as tc(8) writes it; `none` and `root` are no class and the highest. */
function priority(text: string): number | null {
  const found = /^([\da-f]{0,4}):([\da-f]{0,4})$/i.exec(text);
  if (!found) return entry({ none: 0, root: HIGHEST_NUMBER }, text) ?? null;
  const [major = 0, minor = 0] = found.slice(1).map((half) => Number.parseInt(half || '0', 16));
  return major * 0x10000 + minor;
}

/** One value as nft's JSON writes it; null where it is not understood. `*` is the catch-all of a set. */
export function toValue(json: Json, kind: Kind): Value | null {
  if (json === '*' && kind !== 'interface') return { type: 'any' };
  switch (kind) {
    case 'address':
      return toAddressValue(json);
    case 'interface':
      return typeof json === 'string' ? interfaceValue(json) : null;
    case 'ethertype':
      return typeof json === 'string' || typeof json === 'number'
        ? { type: 'text', value: ETHERTYPES[String(json)] ?? String(json) }
        : null;
    case 'packet type':
      return typeof json === 'string' ? { type: 'text', value: packetType(json) } : null;
    case 'text':
      return typeof json === 'string' ? { type: 'text', value: json.toLowerCase() } : null;
    case 'tcp flags': {
      const value = flagBits(json);
      return value === null ? null : { type: 'number', value };
    }
    default:
      return toNumberValue(json, kind);
  }
}

/** A name that ends in `*` stands for every name that begins so; a literal asterisk is written `\*` and not modelled. */
function interfaceValue(name: string): Value | null {
  if (name === '*') return { type: 'any' };
  return name.includes('\\') ? null : { type: 'text', value: name };
}

function toAddressValue(json: Json): Value | null {
  if (typeof json === 'string') {
    const address = parseAddress(json);
    return address && { type: 'prefix', address: json, length: address.family === 4 ? 32 : 128 };
  }
  const prefix = at(json, 'prefix');
  const base = at(prefix, 'addr');
  const length = at(prefix, 'len');
  if (typeof base === 'string' && typeof length === 'number' && parseAddress(base))
    return { type: 'prefix', address: base, length };
  const range = at(json, 'range');
  if (!isList(range)) return null;
  const [from, to] = range;
  return typeof from === 'string' && typeof to === 'string' && parseAddress(from) && parseAddress(to)
    ? { type: 'range', from, to }
    : null;
}

function toNumberValue(json: Json, kind: Kind): Value | null {
  const range = at(json, 'range');
  if (isList(range)) {
    const from = toNumber(range[0], kind);
    const to = toNumber(range[1], kind);
    return from === null || to === null ? null : { type: 'range', from, to };
  }
  const value = toNumber(json, kind);
  return value === null ? null : { type: 'number', value };
}

const HIGHEST_NUMBER = 0xffffffff;
const NOTHING: Value = { type: 'range', from: 1, to: 0 };

/** What `< 5` or `>= 10.0.0.1` covers, as a range. */
export function comparisonRange(op: '<' | '>' | '<=' | '>=', json: Json, kind: Kind): Value | null {
  if (kind === 'address') return typeof json === 'string' ? addressRange(op, json) : null;
  const value = toNumber(json, kind);
  if (value === null) return null;
  switch (op) {
    case '<':
      return value === 0 ? NOTHING : { type: 'range', from: 0, to: value - 1 };
    case '<=':
      return { type: 'range', from: 0, to: value };
    case '>':
      return { type: 'range', from: value + 1, to: HIGHEST_NUMBER };
    case '>=':
      return { type: 'range', from: value, to: HIGHEST_NUMBER };
  }
}

function addressRange(op: '<' | '>' | '<=' | '>=', text: string): Value | null {
  const address = parseAddress(text);
  if (!address) return null;
  const { family, value } = address;
  const highest = (1n << (family === 4 ? 32n : 128n)) - 1n;
  const written = (number: bigint): string => formatAddress({ family, value: number });
  const below = op === '<' || op === '<=';
  const edge = op === '<' ? value - 1n : op === '>' ? value + 1n : value;
  if (edge < 0n || edge > highest) return NOTHING;
  return below
    ? { type: 'range', from: written(0n), to: written(edge) }
    : { type: 'range', from: written(edge), to: written(highest) };
}

/** Of the data types of sets (nft describe); null: a type whose values are not modelled. */
export const kindOfType = (type: string): Kind | null => entry(TYPE_KINDS, type) ?? null;

const TYPE_KINDS: Readonly<Record<string, Kind>> = {
  ipv4_addr: 'address',
  ipv6_addr: 'address',
  inet_service: 'number',
  inet_proto: 'protocol',
  mark: 'number',
  ct_zone: 'number',
  ifname: 'interface',
  iface_index: 'interface',
  ether_addr: 'text',
  ether_type: 'ethertype',
  ct_state: 'text',
  ct_status: 'connection status',
  ct_dir: 'text',
  devgroup: 'group',
  iface_type: 'hardware type',
  uid: 'number',
  gid: 'number',
  dscp: 'dscp',
  ecn: 'ecn',
  nf_proto: 'text',
  pkt_type: 'packet type',
  fib_addrtype: 'text',
  icmp_type: 'icmp type',
  icmp_code: 'icmp code',
  icmpv6_type: 'icmpv6 type',
  icmpv6_code: 'icmpv6 code',
  tcp_flag: 'tcp flags',
  integer: 'number',
  classid: 'priority',
  realm: 'realm',
  hour: 'hour',
  day: 'day',
  time: 'time',
};
