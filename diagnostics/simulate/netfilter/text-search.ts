import type { Packet } from '../../model/packet.ts';
import type { Match } from '../../model/rule-match.ts';
import { packetBytes, type PacketBytes } from '../ip/packet-bytes.ts';
import type { Test, Truth } from './compare.ts';

type TextMatch = Extract<Match, { readonly type: 'text' }>;

const IP_HEADER: Readonly<Record<4 | 6, number>> = { 4: 20, 6: 40 };
const SMALL_HEADER = 8;
const TCP_HEADER = 20;
/** Numbers of a header that nobody can tell (checksums, sequence numbers) are not taken to spell so many letters of a text. */
const NO_COINCIDENCE = 3;

/** Where what a program wrote begins: segments that open, answer or refuse a connection carry nothing. */
const payloadFrom = ({ family, protocol, tcpFlags, size }: Packet): number => {
  if (protocol !== 'tcp') return IP_HEADER[family] + SMALL_HEADER;
  return tcpFlags === undefined || tcpFlags === 'A' ? IP_HEADER[family] + TCP_HEADER : size;
};

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

/** skb_find_text() from the network header on: the text begins at `from` or later, and ends before `to`. */
export const compileText =
  ({ bytes: wanted, from, to, ignoreCase, negate }: TextMatch): Test =>
  ({ packet }) => {
    const bytes = packetBytes(packet);
    const begins = payloadFrom(packet);
    const same = (a: number, b: number): boolean => (ignoreCase ? lower(a) === lower(b) : a === b);
    let truth: Truth = false;
    const last = Math.min(bytes.length - wanted.length, to);
    for (let at = from; at <= last && truth !== true; at++) {
      const found = spells(bytes, at, wanted, begins, same);
      // Kernels before 6.1 let a text end behind `to`.
      if (found !== false) truth = at + wanted.length <= to ? found : 'maybe';
    }
    return truth === 'maybe' ? truth : truth !== negate;
  };

function spells(
  bytes: PacketBytes,
  at: number,
  wanted: readonly number[],
  payload: number,
  same: (a: number, b: number) => boolean,
): Truth {
  let unknown = 0;
  let written = false;
  for (const [index, letter] of wanted.entries()) {
    const byte = bytes[at + index];
    if (byte === undefined) return false;
    if (byte !== null) {
      if (!same(byte, letter)) return false;
      continue;
    }
    unknown++;
    if (at + index >= payload) written = true;
  }
  if (unknown === 0) return true;
  return written || unknown < NO_COINCIDENCE ? 'maybe' : false;
}
