import { isAddress, parseAddress, prefixContains, sameAddress } from '../../../model/ip.ts';
import { hasPorts, type Packet } from '../../../model/packet.ts';

/** A frame as a flow table sees it. */
export interface Seen {
  /** OpenFlow's number of the port that it came in by, and the port's name. */
  readonly port: { readonly number: number | null; readonly name: string };
  readonly source: string | null;
  readonly destination: string | null;
  readonly vlan: number | null;
  readonly content:
    | { readonly type: 'ip'; readonly packet: Packet; readonly target?: string }
    | { readonly type: 'arp'; readonly operation: 1 | 2; readonly sender: string; readonly target: string };
}

/** `maybe`: the flow asks for something that is not modelled. */
export type Match = 'yes' | 'no' | 'maybe';

const is = (condition: boolean): Match => (condition ? 'yes' : 'no');

const ARP = 0x0806;
const IP = 0x0800;
const IPV6 = 0x86dd;
const PROTOCOLS = { icmp: 1, ipip: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47 } as const;
const ICMPV6 = 58;
/** Of OpenFlow 1.0: a frame without a tag. */
const NO_VLAN = 0xffff;
const TAG_PRESENT = 0x1000;

const typeOf = ({ content }: Seen): number =>
  content.type === 'arp' ? ARP : content.packet.family === 4 ? IP : IPV6;

const protocolOf = ({ content }: Seen): number | null =>
  content.type === 'arp'
    ? null
    : content.packet.family === 6 && content.packet.protocol === 'icmp'
      ? ICMPV6
      : PROTOCOLS[content.packet.protocol];

/** A word alone: a kind of packet. */
const SHORTHANDS: Readonly<Record<string, readonly [type: number, protocol: number | null]>> = {
  ip: [IP, null],
  arp: [ARP, null],
  icmp: [IP, PROTOCOLS.icmp],
  tcp: [IP, PROTOCOLS.tcp],
  udp: [IP, PROTOCOLS.udp],
  sctp: [IP, 132],
  ipv6: [IPV6, null],
  icmp6: [IPV6, ICMPV6],
  tcp6: [IPV6, PROTOCOLS.tcp],
  udp6: [IPV6, PROTOCOLS.udp],
  sctp6: [IPV6, 132],
  rarp: [0x8035, null],
  mpls: [0x8847, null],
  mplsm: [0x8848, null],
};

const toNumber = (text: string): bigint | null => (/^(?:0x[\da-f]+|\d+)$/i.test(text) ? BigInt(text) : null);

/** `value` or `value/mask`, of numbers. */
function matchNumber(wanted: string, actual: number | null): Match {
  if (actual === null) return 'no';
  const [value = '', mask] = wanted.split('/');
  const [number, bits] = [toNumber(value), mask === undefined ? -1n : toNumber(mask)];
  return number === null || bits === null ? 'maybe' : is((BigInt(actual) & bits) === (number & bits));
}

const macNumber = (mac: string): bigint | null =>
  /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(mac) ? BigInt(`0x${mac.replaceAll(':', '')}`) : null;

function matchMac(wanted: string, actual: string | null): Match {
  if (actual === null) return 'maybe';
  const [value = '', mask] = wanted.split('/');
  const [own, number, bits] = [
    macNumber(actual),
    macNumber(value),
    mask === undefined ? -1n : macNumber(mask),
  ];
  return own === null || number === null || bits === null ? 'maybe' : is((own & bits) === (number & bits));
}

/** An address, a prefix, or an address with a mask of any shape. */
function matchAddress(wanted: string, actual: string): Match {
  const [value = '', mask] = wanted.split('/');
  if (!isAddress(value)) return 'maybe';
  if (mask === undefined) return is(sameAddress(value, actual));
  if (/^\d+$/.test(mask)) return is(prefixContains({ address: value, length: Number(mask) }, actual));
  const [own, number, bits] = [parseAddress(actual), parseAddress(value), parseAddress(mask)];
  if (!own || !number || !bits) return 'maybe';
  return is(own.family === number.family && (own.value & bits.value) === (number.value & bits.value));
}

function matchVlan(wanted: string, vlan: number | null): Match {
  return toNumber(wanted) === BigInt(NO_VLAN) ? is(vlan === null) : matchNumber(wanted, vlan);
}

const tci = (vlan: number | null): number => (vlan === null ? 0 : TAG_PRESENT | vlan);

/** What of a frame has one meaning wherever it is asked for; null: nothing here. */
function matchContent(field: string, wanted: string, seen: Seen): Match | null {
  const { content } = seen;
  if (content.type === 'arp')
    switch (field) {
      case 'nw_src':
      case 'arp_spa':
        return matchAddress(wanted, content.sender);
      case 'nw_dst':
      case 'arp_tpa':
        return matchAddress(wanted, content.target);
      case 'arp_op':
      case 'nw_proto':
        return matchNumber(wanted, content.operation);
      case 'arp_sha':
        return matchMac(wanted, seen.source);
      default:
        return null;
    }
  const { packet } = content;
  const ports = hasPorts(packet) ? packet : null;
  switch (field) {
    case 'nw_src':
    case 'ip_src':
    case 'ipv6_src':
      return matchAddress(wanted, packet.source);
    case 'nw_dst':
    case 'ip_dst':
    case 'ipv6_dst':
      return matchAddress(wanted, packet.destination);
    case 'nw_proto':
    case 'ip_proto':
      return matchNumber(wanted, protocolOf(seen));
    case 'tp_src':
    case `${packet.protocol}_src`:
      return ports ? matchNumber(wanted, ports.sourcePort) : matchNumber(wanted, packet.icmp?.type ?? null);
    case 'tp_dst':
    case `${packet.protocol}_dst`:
      return ports
        ? matchNumber(wanted, ports.destinationPort)
        : matchNumber(wanted, packet.icmp?.code ?? null);
    case 'icmp_type':
    case 'icmpv6_type':
      return matchNumber(wanted, packet.icmp?.type ?? null);
    case 'icmp_code':
    case 'icmpv6_code':
      return matchNumber(wanted, packet.icmp?.code ?? null);
    case 'nd_target':
      return content.target === undefined ? 'no' : matchAddress(wanted, content.target);
    case 'nw_ttl':
      return matchNumber(wanted, packet.ttl);
    case 'nw_tos':
      return matchNumber(wanted, (packet.tos ?? 0) & 0xfc);
    case 'ip_dscp':
      return matchNumber(wanted, (packet.tos ?? 0) >> 2);
    case 'nw_ecn':
      return matchNumber(wanted, (packet.tos ?? 0) & 3);
    case 'nw_frag':
    case 'ip_frag':
      return is(wanted === 'no' || wanted === 'not_later');
    default:
      return null;
  }
}

/** Registers and marks, which are 0 until a flow writes them: those that do are not followed. */
const ZERO = /^(?:x{0,2}reg\d+|metadata|tun_id|pkt_mark|ct_mark|ct_zone|ct_label|recirc_id)$/;

function matchWord(word: string, seen: Seen): Match {
  const at = word.indexOf('=');
  if (at < 0) {
    const kind = SHORTHANDS[word];
    if (!kind) return 'maybe';
    return is(kind[0] === typeOf(seen) && (kind[1] === null || kind[1] === protocolOf(seen)));
  }
  const [field, wanted] = [word.slice(0, at), word.slice(at + 1)];
  const { port } = seen;
  switch (field) {
    case 'in_port': {
      const name = wanted.replace(/^"(.*)"$/, '$1');
      return is(
        name === port.name || name === String(port.number) || (name === 'LOCAL' && port.number === 65534),
      );
    }
    case 'dl_src':
    case 'eth_src':
      return matchMac(wanted, seen.source);
    case 'dl_dst':
    case 'eth_dst':
      return matchMac(wanted, seen.destination);
    case 'dl_type':
    case 'eth_type':
      return matchNumber(wanted, typeOf(seen));
    case 'dl_vlan':
      return matchVlan(wanted, seen.vlan);
    case 'vlan_tci':
      return matchNumber(wanted, tci(seen.vlan));
    case 'vlan_vid':
      return matchNumber(wanted, tci(seen.vlan));
    case 'ct_state':
      // Nothing was tracked yet: all its flags are off.
      return is(!/\+/.test(wanted) && !/^0x0*[1-9a-f]/i.test(wanted));
  }
  if (ZERO.test(field)) return matchNumber(wanted, 0);
  return matchContent(field, wanted, seen) ?? 'maybe';
}

/** Whether a flow's conditions all hold. */
export function matchAll(words: readonly string[], seen: Seen): Match {
  const found = words.map((word) => matchWord(word, seen));
  return found.includes('no') ? 'no' : found.includes('maybe') ? 'maybe' : 'yes';
}
