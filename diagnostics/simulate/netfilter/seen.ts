import type { Packet } from '../../model/packet.ts';
import type { Connection } from './types.ts';

type Ends = Connection['original'];

const endsOf = ({ source, sourcePort, destination, destinationPort }: Packet): Ends => ({
  source,
  sourcePort,
  destination,
  destinationPort,
});

/** Addresses and ports alike, in the same direction. */
export const sameEnds = (a: Ends, b: Ends): boolean =>
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort;

/** The packet as conntrack has it: what rules rewrite without a word it does not learn (nft_payload_set_eval()). */
export const seenPacket = (packet: Packet, { seenAs }: Pick<Connection, 'seenAs'>): Packet =>
  seenAs ? { ...packet, ...seenAs } : packet;

/** The connection of a packet that goes on as `after`, while conntrack has it as `seen`. */
export const withSeen = (connection: Connection, after: Packet, seen: Packet): Connection =>
  sameEnds(after, seen)
    ? connection.seenAs
      ? { ...connection, seenAs: null }
      : connection
    : { ...connection, seenAs: endsOf(seen) };
