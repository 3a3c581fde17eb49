import type { NumberMap } from '../../model/rule-map.ts';
import type { RulePart } from '../../model/ruleset.ts';
import { compare, MASK_ALL } from '../iptables/values.ts';
import { at, isList, numberAt, textAt, type Json } from './json.ts';
import type { Key } from './key.ts';
import { readKey } from './keys.ts';
import type { Kind } from './kinds.ts';
import { kindsOf, toNumberEntries } from './sets.ts';
import { targetOf } from './targets.ts';

/** (base & and) ^ xor: every chain of bitwise operations on one mark with constants comes down to this. */
interface Blend {
  readonly base: 'mark' | 'ct mark' | null;
  readonly and: number;
  readonly xor: number;
}

const word = (value: number): number => value >>> 0;

function readBlend(json: Json | undefined): Blend | null {
  if (typeof json === 'number') return { base: null, and: 0, xor: word(json) };
  if (textAt(at(json, 'meta'), 'key') === 'mark') return { base: 'mark', and: MASK_ALL, xor: 0 };
  if (textAt(at(json, 'ct'), 'key') === 'mark') return { base: 'ct mark', and: MASK_ALL, xor: 0 };
  for (const operator of ['&', '|', '^'] as const) {
    const operands = at(json, operator);
    if (!isList(operands)) continue;
    const [first, ...rest] = operands.map(readBlend);
    return rest.reduce<Blend | null>((left, right) => join(left, operator, right), first ?? null);
  }
  return null;
}

function join(left: Blend | null, operator: '&' | '|' | '^', right: Blend | null): Blend | null {
  if (!left || !right) return null;
  if (right.base !== null) return left.base === null ? join(right, operator, left) : null;
  const { base, and, xor } = left;
  const constant = right.xor;
  switch (operator) {
    case '&':
      return { base, and: word(and & constant), xor: word(xor & constant) };
    case '|':
      return { base, and: word(and & ~constant), xor: word((xor & ~constant) | constant) };
    case '^':
      return { base, and, xor: word(xor ^ constant) };
  }
}

/** Where there is no connection, a rule that reads its mark ends (nft_ct_get_eval()). */
const HAS_CONNECTION = compare('ct mark', [{ type: 'any' }]);

/** `meta mark set …` and `ct mark set …`; null where the value is not modelled. */
export function readMarkStatement(
  target: 'mark' | 'ct mark',
  value: Json | undefined,
): readonly RulePart[] | null {
  if (target === 'mark' && textAt(at(value, 'socket'), 'key') === 'mark')
    return [{ type: 'restore-socket-mark' }];
  const blend = readBlend(value);
  if (!blend) return null;
  const { base, and, xor } = blend;
  const type = target === 'mark' ? 'set-mark' : 'set-ct-mark';
  const reads = base === 'ct mark' ? [HAS_CONNECTION] : [];
  if (base === null || base === target)
    return [...reads, { type, mask: base === null ? MASK_ALL : word(~and), value: xor }];
  const copied: RulePart =
    target === 'mark'
      ? { type: 'restore-mark', packetMask: MASK_ALL, connectionMask: and }
      : { type: 'save-mark', packetMask: and, connectionMask: MASK_ALL };
  return [...reads, copied, ...(xor === 0 ? [] : [{ type, mask: 0, value: xor } as const])];
}

/** Of more numbers that can be drawn than these every one is not worth following. */
const MOST_DRAWN = 16;

/**
 * `meta mark set ip saddr map { … }`, `ct mark set numgen inc mod 4 offset 16`, `ip daddr set tcp dport map @m`; null: it is no such
 * thing, or not understood.
 */
export function readMarkMap(json: Json): readonly RulePart[] | null {
  const place = targetOf(at(json, 'key'));
  const value = at(json, 'value');
  if (place === null || value === undefined) return null;
  const lookup = at(value, 'map');
  const key = readKey(lookup === undefined ? value : at(lookup, 'key'));
  const map = key && (lookup === undefined ? drawn(value, key) : mapOf(key, at(lookup, 'data'), place.kind));
  if (!key || !map) return null;
  const fields = key.parts.map(({ field }) => field);
  return [...place.requires, ...key.requires, { type: 'mark-map', target: place.target, fields, map }];
}

function mapOf(key: Key, data: Json | undefined, kind: Kind): NumberMap | null {
  if (typeof data === 'string') return { type: 'named', name: data.replace(/^@/, '') };
  const entries = toNumberEntries(at(data, 'set'), kindsOf(key.parts), kind);
  if (!entries) return null;
  const complete = key.chances !== undefined && entries.length >= key.chances;
  return { type: 'inline', entries, ...(complete && { complete }) };
}

/** The mark is the number that is drawn. */
function drawn(value: Json, { chances }: Key): NumberMap | null {
  if (chances === undefined || chances > MOST_DRAWN) return null;
  const offset = ['numgen', 'jhash', 'symhash'].map((draw) => numberAt(at(value, draw), 'offset'));
  const first = offset.find((one) => one !== null) ?? 0;
  const entries = Array.from({ length: chances }, (_, number) => ({
    tuple: [{ type: 'number', value: first + number } as const],
    value: first + number,
  }));
  return { type: 'inline', entries, complete: true };
}
