import type { Packet } from '../../model/packet.ts';

/** Bytes: header, message, target, link-layer address. */
const MESSAGE_SIZE = 72;
/** RFC 4861: whoever forwarded such a message would have counted this down. */
const HOP_LIMIT = 255;

/** A message of neighbour discovery. `type`: of ICMPv6, 135 asks and 136 answers. */
export const discoveryPacket = (type: number, source: string, destination: string): Packet => ({
  family: 6,
  source,
  destination,
  protocol: 'icmp',
  sourcePort: 0,
  destinationPort: 0,
  icmp: { type, code: 0 },
  mark: 0,
  ttl: HOP_LIMIT,
  size: MESSAGE_SIZE,
  dontFragment: true,
});
