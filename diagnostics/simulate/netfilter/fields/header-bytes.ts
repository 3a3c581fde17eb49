import type { Packet } from '../../../model/packet.ts';
import { bitsAt, packetBytes } from '../../ip/packet-bytes.ts';
import { ABSENT, UNKNOWN, known, type FieldValue } from './field-value.ts';

const IP_HEADER: Readonly<Record<4 | 6, number>> = { 4: 20, 6: 40 };

/** `th 2 2`: two bytes from the second of the transport header on; `nh`: of the network header. */
function headerBytes(field: string, packet: Packet): FieldValue {
  const [, from, size] = field.split(' ').map(Number);
  if (from === undefined || size === undefined || size > 4) return UNKNOWN;
  const start = field.startsWith('nh ') ? 0 : IP_HEADER[packet.family];
  const bits = bitsAt(packetBytes(packet), start + from, 0xffffffff, size);
  return bits === undefined ? ABSENT : known(bits);
}

const BYTE = 8;

/** `nh bits 4 4`: four bits from the fourth on, of at most four bytes. */
export function headerPart(field: string, packet: Packet): FieldValue {
  const found = /^([nt]h) bits (\d+) (\d+)$/.exec(field);
  if (!found) return headerBytes(field, packet);
  const [from, size] = [Number(found[2]), Number(found[3])];
  const first = Math.floor(from / BYTE);
  const bytes = Math.ceil((from + size) / BYTE) - first;
  if (bytes > 4) return UNKNOWN;
  const start = (found[1] === 'nh' ? 0 : IP_HEADER[packet.family]) + first;
  const unused = bytes * BYTE - (from - first * BYTE) - size;
  const mask = (2 ** size - 1) * 2 ** unused;
  const bits = bitsAt(packetBytes(packet), start, mask, bytes);
  return bits === undefined ? ABSENT : bits === null ? UNKNOWN : bits / 2 ** unused;
}
