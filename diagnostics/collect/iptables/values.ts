import { familyOf, parsePrefix } from '../../model/ip.ts';
import type { Field } from '../../model/rule-field.ts';
import type { Because, Match, Value } from '../../model/rule-match.ts';

/** One field compared with values written in the rule. */
export const compare = (
  field: Field,
  values: readonly Value[],
  negate = false,
): Extract<Match, { readonly type: 'compare' }> => ({
  type: 'compare',
  fields: [field],
  negate,
  values: { type: 'inline', tuples: values.map((value) => [value]) },
});

/** A comparison that holds for no packet. */
export const NEVER: Match = compare('l4proto', []);

/** Words of a rule that nobody here understands, or that no fact decides: both ways are followed. */
export const unmodelledMatch = (
  text: string,
  because?: Because,
): Extract<Match, { readonly type: 'unmodelled' }> => ({
  type: 'unmodelled',
  text,
  ...(because && { because }),
});

export const number = (value: number): Value => ({ type: 'number', value });
export const text = (value: string): Value => ({ type: 'text', value });

/** A connection of one of these states of conntrack's (IPS_*), or one that both ends have been seen to mean. */
export const statusOrAssured = (names: readonly string[], negate: boolean): Match => {
  const any: Value = { type: 'any' };
  const tuples = [...names.map((name) => [text(name), any]), [any, text('yes')]];
  return { type: 'compare', fields: ['ct status', 'ct assured'], negate, values: { type: 'inline', tuples } };
};

export const MASK_ALL = 0xffffffff;

/** The kernel keeps no number in more bits. */
const HIGHEST_NUMBER = 2 ** 64;

/** `5`, `0x1f`; null for what is no number that a rule can hold. */
export const readNumber = (from: string | undefined): number | null =>
  from !== undefined && /^(0x[0-9a-f]+|\d+)$/i.test(from) && Number(from) <= HIGHEST_NUMBER
    ? Number(from)
    : null;

/** `80`, `80:90`, `:90`, `80:`; service names are not known here, and what is above `highest` is damage. */
export function readRange(from: string | undefined, highest: number): readonly [number, number] | null {
  if (from === undefined || from === '') return null;
  const [low = '', high] = from.split(':');
  const first = low === '' ? 0 : readNumber(low);
  const last = high === undefined ? first : high === '' ? highest : readNumber(high);
  if (first === null || last === null || from === ':') return null;
  return Math.max(first, last) > highest ? null : [first, last];
}

/** One number where both ends are the same. */
export const rangeValue = ([from, to]: readonly [number, number]): Value =>
  from === to ? number(from) : { type: 'range', from, to };

/** An address with mask or prefix length; a mask may have holes (`::1/::ffff:ffff:ffff:ffff`). */
export function readPrefix(from: string | undefined): Value | null {
  const prefix = from === undefined ? null : parsePrefix(from);
  if (prefix) return { type: 'prefix', ...prefix };
  const [address, mask] = (from ?? '').split('/');
  return address !== undefined && mask !== undefined ? addressBits(mask, address) : null;
}

/** What of an address is under a mask; null: they are no addresses of one family. */
export const addressBits = (mask: string, value: string): Value | null => {
  const family = familyOf(mask);
  return family !== null && family === familyOf(value) ? { type: 'address bits', mask, value } : null;
};

/** `0x1/0xff`: (field & mask) == value. */
export function readMasked(from: string | undefined): Value | null {
  const [valueText, maskText] = (from ?? '').split('/');
  const value = readNumber(valueText);
  const mask = maskText === undefined ? MASK_ALL : readNumber(maskText);
  return value === null || mask === null ? null : { type: 'bits', mask, value };
}

/** iptables writes `eth+` for every name that begins so. */
export const interfaceValue = (name: string): Value =>
  name === '+' ? { type: 'any' } : text(name.endsWith('+') ? `${name.slice(0, -1)}*` : name);
