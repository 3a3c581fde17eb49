import type { Protocol } from '../model/flow.ts';
import type { Packet } from '../model/packet.ts';

/** IPPROTO_* of include/uapi/linux/in.h. */
export const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { icmp: 1, tcp: 6, udp: 17 };

/** A port from the middle of net.ipv4.ip_local_port_range: which one the kernel takes changes nothing that is modelled. */
const EPHEMERAL_PORT = 43_210;

/** Bytes at layer 3 of what a probe sends first: a SYN with the usual options, ping's 56 bytes, a short datagram. */
const FIRST_SIZES: Readonly<Record<Protocol, number>> = { tcp: 60, icmp: 84, udp: 60 };
const RESET_SIZE = 40;
const ICMP_HEADERS = 28;
/** RFC 1812: an ICMP error quotes as much as fits into 576 bytes. */
const ICMP_ERROR_LIMIT = 576;

export const ECHO_REQUEST = 8;
export const ECHO_REPLY = 0;

export interface FirstPacket {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: string;
  readonly port: number | null;
  readonly mark: number;
  readonly ttl: number;
  readonly size?: number;
}

/** The first packet of a conversation. */
export const firstPacket = (of: FirstPacket): Packet => ({
  family: 4,
  source: of.source,
  destination: of.destination,
  protocol: of.protocol,
  sourcePort: of.protocol === 'icmp' ? 0 : EPHEMERAL_PORT,
  destinationPort: of.protocol === 'icmp' ? 0 : (of.port ?? 0),
  ...(of.protocol === 'icmp' ? { icmp: { type: ECHO_REQUEST, code: 0 } } : {}),
  ...(of.protocol === 'tcp' ? { tcpFlags: 'S' as const } : {}),
  mark: of.mark,
  ttl: of.ttl,
  size: of.size ?? FIRST_SIZES[of.protocol],
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

/** What a socket or the ICMP responder says to a packet that it took. */
export const replyPacket = (packet: Packet, ttl: number): Packet => ({
  ...turned(packet, ttl),
  ...(packet.protocol === 'icmp' ? { icmp: { type: ECHO_REPLY, code: 0 } } : {}),
  ...(packet.protocol === 'tcp' ? { tcpFlags: 'SA' as const } : {}),
});

export const resetPacket = (packet: Packet, ttl: number): Packet => ({
  ...turned(packet, ttl),
  tcpFlags: 'R',
  size: RESET_SIZE,
});

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
  size: Math.min(packet.size + ICMP_HEADERS, ICMP_ERROR_LIMIT),
  dontFragment: false,
});
