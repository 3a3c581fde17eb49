import type { Protocol } from '../../model/flow.ts';
import { familyOf } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import { ICMP } from './icmp-numbers.ts';

/** IPPROTO_* of include/uapi/linux/in.h. */
export const protocolNumber = (protocol: Packet['protocol'], family: 4 | 6): number =>
  ({ icmp: ICMP[family].protocol, ipip: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47 })[protocol];

/** A port from the middle of net.ipv4.ip_local_port_range: which one the kernel takes changes nothing that is modelled. */
export const EPHEMERAL_PORT = 43_210;

/** Bytes of layer 4 that a probe sends first: a SYN with the usual options, ping's 56 bytes, a short datagram. */
const FIRST_SIZES: Readonly<Record<Protocol, number>> = { tcp: 40, icmp: 64, udp: 40 };
const IP_HEADER: Readonly<Record<4 | 6, number>> = { 4: 20, 6: 40 };
const TCP_HEADER = 20;
const ICMP_HEADER = 8;
/** An ICMP error quotes as much as fits into so many bytes (RFC 1812, RFC 4443). */
const ICMP_ERROR_LIMIT: Readonly<Record<4 | 6, number>> = { 4: 576, 6: 1280 };

export interface FirstPacket {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: string;
  readonly port: number | null;
  readonly sourcePort?: number;
  readonly mark: number;
  readonly ttl: number;
  readonly size?: number;
}

/** The first packet of a conversation. */
export const firstPacket = (of: FirstPacket, family = familyOf(of.destination) ?? 4): Packet => ({
  family,
  source: of.source,
  destination: of.destination,
  protocol: of.protocol,
  sourcePort: of.protocol === 'icmp' ? 0 : (of.sourcePort ?? EPHEMERAL_PORT),
  destinationPort: of.protocol === 'icmp' ? 0 : (of.port ?? 0),
  ...(of.protocol === 'icmp' ? { icmp: { type: ICMP[family].echoRequest, code: 0 } } : {}),
  ...(of.protocol === 'tcp' ? { tcpFlags: 'S' as const } : {}),
  mark: of.mark,
  ttl: of.ttl,
  size: of.size ?? IP_HEADER[family] + FIRST_SIZES[of.protocol],
  dontFragment: true,
});

const turned = (packet: Packet, ttl: number): Packet => ({
  family: packet.family,
  source: packet.destination,
  destination: packet.source,
  protocol: packet.protocol,
  sourcePort: packet.destinationPort,
  destinationPort: packet.sourcePort,
  mark: 0,
  ttl,
  size: packet.size,
  dontFragment: packet.dontFragment,
});

/** What the next namespace does not learn of a packet (skb_scrub_packet()). */
export const withoutLocal = (packet: Packet): Packet => ({
  ...packet,
  mark: 0,
  ...(packet.priority ? { priority: 0 } : {}),
  ...(packet.claimed ? { claimed: null } : {}),
});

/** What a socket or the ICMP responder says to a packet that it took. */
export const replyPacket = (packet: Packet, ttl: number): Packet => ({
  ...turned(packet, ttl),
  // The ICMP responder lets routers cut its answers (icmp_sk_init()).
  ...(packet.protocol === 'icmp' ? { dontFragment: false } : {}),
  ...(packet.protocol === 'icmp' ? { icmp: { type: ICMP[packet.family].echoReply, code: 0 } } : {}),
  ...(packet.protocol === 'tcp' ? { tcpFlags: 'SA' as const } : {}),
  // What was asked of it, until its own settings are looked at.
  ...(packet.tcpOptions && { tcpOptions: packet.tcpOptions }),
  ...(packet.congestion && { congestion: packet.congestion }),
});

/** TCP's answer where nothing listens: a reset, to the sender of `packet`. */
export const resetPacket = (packet: Packet, ttl: number): Packet => ({
  ...turned(packet, ttl),
  tcpFlags: 'R',
  size: IP_HEADER[packet.family] + TCP_HEADER,
});

/** An ICMP error about `packet`, to its sender; as much of it as fits is quoted (RFC 1812, RFC 4443). */
export const icmpErrorPacket = (
  packet: Packet,
  error: { readonly type: number; readonly code: number; readonly source: string },
  ttl: number,
): Packet => ({
  family: packet.family,
  source: error.source,
  destination: packet.source,
  protocol: 'icmp',
  sourcePort: 0,
  destinationPort: 0,
  icmp: { type: error.type, code: error.code },
  mark: 0,
  ttl,
  size: Math.min(packet.size + IP_HEADER[packet.family] + ICMP_HEADER, ICMP_ERROR_LIMIT[packet.family]),
  dontFragment: false,
});
