import { hasPorts, type Packet } from '../../../model/packet.ts';
import { protocolNumber } from '../../ip/packets.ts';
import { TCP_OPTION, tcpFlagBits } from '../../ip/tcp-header.ts';
import type { View } from '../state.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';

/** IP_DF of the fragment offset field (RFC 791). */
const DONT_FRAGMENT = 0x4000;
/** The lower bits of the type-of-service byte (RFC 3168). */
const ECN_BITS = 2;

/** Where a port would be, other protocols have something else. */
const ports = (packet: Packet, port: number): FieldValue => (hasPorts(packet) ? port : UNKNOWN);

/** RFC 9293, 3.7.1: only where a connection begins, its ends say how large segments may be. */
const asksForSegments = ({ protocol, tcpFlags, tcpOptions }: Packet): boolean =>
  protocol === 'tcp' &&
  (tcpFlags === 'S' || tcpFlags === 'SA') &&
  tcpOptions?.removed?.includes(TCP_OPTION.mss) !== true;

/** What it is, by the layer above Ethernet. */
export const protocolOf = ({ arp, family }: Packet): string => (arp ? 'arp' : family === 4 ? 'ipv4' : 'ipv6');

const ofIcmp = ({ packet }: View, part: 'type' | 'code'): FieldValue =>
  packet.protocol === 'icmp' ? known(packet.icmp?.[part]) : ABSENT;

/** Of the packet's own headers (nft_payload_eval(), nft_exthdr_eval()), and what goes with it in struct sk_buff. */
export const PACKET_FIELDS = {
  saddr: ({ source }) => source ?? ABSENT,
  daddr: ({ destination }) => destination ?? ABSENT,
  l4proto: ({ packet }) => protocolNumber(packet.protocol, packet.family),
  nfproto: ({ packet }) => protocolOf(packet),
  sport: ({ packet }) => ports(packet, packet.sourcePort),
  dport: ({ packet }) => ports(packet, packet.destinationPort),
  tos: ({ packet }) => packet.tos ?? 0,
  dscp: ({ packet }) => (packet.tos ?? 0) >> ECN_BITS,
  ecn: ({ packet }) => (packet.tos ?? 0) & ((1 << ECN_BITS) - 1),
  ttl: ({ packet }) => packet.ttl,
  length: ({ packet }) => (packet.arp ? UNKNOWN : packet.size),
  'frag-off': ({ packet }) => (packet.family === 4 ? (packet.dontFragment ? DONT_FRAGMENT : 0) : ABSENT),
  exthdr: () => ABSENT,
  'tcp flags': ({ packet }) => (packet.protocol === 'tcp' ? known(tcpFlagBits(packet)) : ABSENT),
  'mss option': ({ packet }) => (asksForSegments(packet) ? known(packet.mss) : 'none'),
  'icmp type': (view) => ofIcmp(view, 'type'),
  'icmp code': (view) => ofIcmp(view, 'code'),
  mark: ({ packet }) => packet.mark,
  priority: ({ packet }) => packet.priority ?? 0,
} satisfies Record<string, FieldReader>;
