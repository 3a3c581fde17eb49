import { parseAddress } from '../../../model/ip.ts';
import { hasConnection, type View } from '../state.ts';
import type { Field } from '../../../model/rule-field.ts';
import { ABSENT, UNKNOWN, type FieldValue } from './field-value.ts';
import { asStored, jhash, scaled, wordsOf } from '../jhash.ts';

const PORT = /(?:^| )[sd]port$/;
const BYTE = 0xff;

/** A field as it lies in the registers of a rule, in words, and how many bytes of the last one are used; null: not modelled. */
function stored(
  field: string,
  held: FieldValue,
): { readonly words: readonly number[]; readonly bytes: number } | null {
  if (typeof held === 'object' && 'family' in held) {
    const words = wordsOf(held).map(asStored);
    return { words, bytes: words.length * 4 };
  }
  if (typeof held !== 'number') return null;
  if (PORT.test(field)) return { words: [((held & BYTE) << 8) | (held >>> 8)], bytes: 2 };
  if (field === 'l4proto') return { words: [held], bytes: 1 };
  return field === 'mark' || field === 'ct mark' ? { words: [held], bytes: 4 } : null;
}

/** nft_jhash_eval() of `jhash MODULUS SEED OFFSET saddr . dport`: parts of a concatenation fill whole words. */
export function hashed(field: string, read: (field: Field) => FieldValue): FieldValue {
  const found = /^jhash (\d+) (\d+) (\d+) (.+)$/.exec(field);
  if (!found) return UNKNOWN;
  const [modulus = 0, seed = 0, offset = 0] = found.slice(1, 4).map(Number);
  const fields = (found[4] ?? '').split(' . ') as readonly Field[];
  const held = fields.map(read);
  if (held.includes(ABSENT)) return ABSENT;
  const parts = fields.map((one, at) => stored(one, held[at] ?? UNKNOWN));
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return UNKNOWN;
  const words = known.flatMap((part) => part.words);
  const [only] = known;
  const bytes = known.length === 1 && only ? only.bytes : words.length * 4;
  return scaled(jhash(words, seed, bytes), modulus) + offset;
}

/**
 * xt_cluster_hash() of `cluster NODES SEED`: by the source of the connection's first packet, of which the first word counts
 * (NF_CT_TUPLE_L3SIZE is four words, and taken for bytes).
 */
export function clusterNode(field: string, view: View): FieldValue {
  const [, nodes = 0, seed = 0] = field.split(' ').map(Number);
  const source = parseAddress(view.connection.original.source);
  if (!hasConnection(view) || !source) return ABSENT;
  const words = wordsOf(source).slice(0, 1).map(asStored);
  return scaled(jhash(words, seed, 4), nodes);
}
