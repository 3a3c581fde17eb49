import type { Packet } from '../../../model/packet.ts';
import { bitsAt, type PacketBytes } from '../../ip/packet-bytes.ts';
import { TCP_OPTION, tcpOptionBytes } from '../../ip/tcp-header.ts';
import { ABSENT, UNKNOWN, known, type FieldValue } from './field-value.ts';

/** Kinds that only segments have which open a connection. */
const OPENING: readonly number[] = [TCP_OPTION.mss, TCP_OPTION.scaling, TCP_OPTION.sackPermitted];
/** Kinds that a later segment may have: what was agreed, and what fills up to a multiple of four bytes. */
const LATER: readonly number[] = [TCP_OPTION.nop, TCP_OPTION.sack, TCP_OPTION.timestamps];

/** nft_exthdr_tcp_eval(): the first option of a kind; null: there is none; undefined: not known. */
function found(kind: number, packet: Packet): PacketBytes | null | undefined {
  const bytes = tcpOptionBytes(packet);
  if (!bytes) {
    if (packet.tcpFlags === 'A' || packet.tcpFlags === undefined)
      return LATER.includes(kind) ? undefined : null;
    // Every SYN says how large its segments may be.
    if (kind === TCP_OPTION.mss && packet.mss !== undefined)
      return [kind, 4, packet.mss >> 8, packet.mss & 0xff];
    return OPENING.includes(kind) || LATER.includes(kind) ? undefined : null;
  }
  for (let at = 0; at < bytes.length;) {
    const own = bytes[at] ?? 0;
    const size = own <= TCP_OPTION.nop ? 1 : (bytes[at + 1] ?? 1);
    if (own === kind) return bytes.slice(at, at + size);
    at += size;
  }
  return null;
}

/** `tcp option 8`: 1 where there is one, else 0, also in what is no TCP; `tcp option 8 2 4`: four bytes of it from the second on. */
export function tcpOption(field: string, packet: Packet): FieldValue {
  const [kind = 0, from, size] = field.split(' ').slice(2).map(Number);
  const option = packet.protocol === 'tcp' ? found(kind, packet) : null;
  if (option === undefined) return UNKNOWN;
  if (from === undefined || size === undefined) return option === null ? 0 : 1;
  if (option === null) return ABSENT;
  const bits = bitsAt(option, from, 0xffffffff, size);
  return bits === undefined ? ABSENT : known(bits);
}
