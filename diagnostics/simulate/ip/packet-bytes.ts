import { parseAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import { protocolNumber } from './packets.ts';
import { tcpFlagBits, tcpOptionBytes } from './tcp-header.ts';

/** What a packet's bytes hold from its network header on; null: a byte that nobody can tell; beyond the end there is none. */
export type PacketBytes = readonly (number | null)[];

const TCP_HEADER = 20;
const UNKNOWN_BYTE = [null];
const unknown = (count: number): readonly null[] => Array.from({ length: count }, () => null);
const short = (value: number): readonly number[] => [(value >> 8) & 0xff, value & 0xff];

const addressBytes = (text: string): readonly (number | null)[] => {
  const address = parseAddress(text);
  if (!address) return unknown(4);
  const count = address.family === 4 ? 4 : 16;
  return Array.from({ length: count }, (_, at) =>
    Number((address.value >> BigInt(8 * (count - 1 - at))) & 0xffn),
  );
};

/** RFC 791: without options. The identification and the checksum are anybody's guess. */
const header4 = (packet: Packet): PacketBytes => [
  0x45,
  packet.tos ?? 0,
  ...short(packet.size),
  ...unknown(2),
  ...short(packet.dontFragment ? 0x4000 : 0),
  packet.ttl,
  protocolNumber(packet.protocol, 4),
  ...unknown(2),
  ...addressBytes(packet.source),
  ...addressBytes(packet.destination),
];

/** RFC 8200: the flow label is the kernel's own choice. */
const header6 = (packet: Packet): PacketBytes => {
  const tos = packet.tos ?? 0;
  return [
    0x60 | (tos >> 4),
    null,
    ...unknown(2),
    ...short(packet.size - 40),
    protocolNumber(packet.protocol, 6),
    packet.ttl,
    ...addressBytes(packet.source),
    ...addressBytes(packet.destination),
  ];
};

/** A SYN and its answer carry nothing but options; of other segments nobody knows how long those are. */
const tcp = (packet: Packet, room: number): PacketBytes => {
  const flags = packet.tcpFlags;
  const alone = flags === 'S' || flags === 'SA' || flags === 'R';
  const words = alone ? Math.floor((flags === 'R' ? TCP_HEADER : room) / 4) : null;
  return [
    ...short(packet.sourcePort),
    ...short(packet.destinationPort),
    ...unknown(4),
    ...(flags === 'S' ? [0, 0, 0, 0] : unknown(4)),
    words === null ? null : (words << 4) & 0xff,
    tcpFlagBits(packet),
    ...unknown(4),
    ...short(0),
    ...(tcpOptionBytes(packet) ?? []),
  ];
};

const layer4 = (packet: Packet, room: number): PacketBytes => {
  switch (packet.protocol) {
    case 'tcp':
      return tcp(packet, room);
    case 'udp':
      return [...short(packet.sourcePort), ...short(packet.destinationPort), ...short(room), ...unknown(2)];
    case 'icmp':
      return packet.icmp ? [packet.icmp.type, packet.icmp.code, ...unknown(2)] : UNKNOWN_BYTE;
    case 'ipip':
    case 'ipv6':
    case 'gre':
      return [];
  }
};

/** The packet as it would lie on the wire, as far as a walk knows it. */
export function packetBytes(packet: Packet): PacketBytes {
  const head = packet.family === 4 ? header4(packet) : header6(packet);
  const room = packet.size - head.length;
  const known = [...head, ...layer4(packet, room)];
  return known.length >= packet.size
    ? known.slice(0, packet.size)
    : [...known, ...unknown(packet.size - known.length)];
}

/** The bits of a number of `size` bytes under a mask; null: not known; undefined: the packet ends before. */
export function bitsAt(
  bytes: PacketBytes,
  offset: number,
  mask: number,
  size = 4,
): number | null | undefined {
  if (offset < 0 || offset + size > bytes.length) return undefined;
  let value = 0;
  for (let at = 0; at < size; at++) {
    const wanted = (mask >>> (8 * (size - 1 - at))) & 0xff;
    const byte = bytes[offset + at];
    if (wanted !== 0 && (byte === null || byte === undefined)) return null;
    value = value * 256 + ((byte ?? 0) & wanted);
  }
  return value;
}
