import { parseAddress } from '../../model/ip.ts';
import type { Match, RulePart, Value } from '../../model/ruleset.ts';
import { compare, text, unmodelledMatch } from '../iptables/values.ts';
import { at, isList, listOf, textAt, type Json } from './json.ts';
import { ADDRESS_BYTES, fibFlags, headerOf, readKey, type Key, type KeyPart } from './keys.ts';
import { comparisonRange, flagBits, toNumber } from './kinds.ts';
import { allOrNull, kindsOf, toTuple } from './sets.ts';

/** What conntrack's status can be said to be for the packets of a walk. */
const KNOWN_STATUS = new Set(['dnat', 'snat', 'seen-reply', 'confirmed', 'expected']);

/** A `match` statement; what is not understood is one unmodelled match, after what the fields require. */
export function readMatchStatement(json: Json, ruleText: string): readonly RulePart[] {
  const left = at(json, 'left');
  const right = at(json, 'right') ?? null;
  const op = textAt(json, 'op') ?? '==';
  const route = readRouteLookup(left, right, op) ?? readHeaderPresence(left, right, op);
  if (route) return route;
  const masked = at(left, '&');
  const key = readKey(isList(masked) ? masked[0] : left);
  const unmodelled = unmodelledMatch(`${ruleText}`);
  if (!key) return [...headerOf(isList(masked) ? masked[0] : left), unmodelled];
  const match = isList(masked) ? readMasked(key, masked, right, op) : readComparison(key, right, op);
  return [...key.requires, match ?? unmodelled];
}

function readComparison(key: Key, right: Json, op: string): Match | null {
  const [first] = key.parts;
  if (!first) return null;
  if (op === '<' || op === '>' || op === '<=' || op === '>=') {
    const range = comparisonRange(op, right, first.kind);
    return range && key.parts.length === 1 ? compare(first.field, [range]) : null;
  }
  if (op !== '==' && op !== '!=' && op !== 'in' && op !== '!') return null;
  const set = at(right, 'set');
  const fields = key.parts.map(({ field }) => field);
  if (typeof right === 'string' && right.startsWith('@'))
    return { type: 'compare', fields, negate: op === '!=', values: { type: 'set', name: right.slice(1) } };
  if (set === undefined && key.parts.length === 1) {
    const bits = readBits(first, right, op);
    if (bits !== undefined) return bits;
  }
  const elements = set === undefined ? [right] : listOf(set);
  const tuples = allOrNull(elements.map((element) => toTuple(element, kindsOf(key.parts))));
  return tuples && { type: 'compare', fields, negate: op === '!=', values: { type: 'inline', tuples } };
}

/** Fields that are sets of flags: `in` asks whether any is set, `!` whether none is. undefined: not such a field. */
function readBits({ field, kind }: KeyPart, right: Json, op: string): Match | null | undefined {
  if (kind === 'tcp flags') {
    const mask = flagBits(right);
    if (mask === null) return null;
    if (op === '==' || op === '!=') return compare(field, [{ type: 'number', value: mask }], op === '!=');
    return compare(field, [{ type: 'bits', mask, value: 0 }], op === 'in');
  }
  if (field !== 'ct state' && field !== 'ct status') return undefined;
  const names = listOf(right);
  if (!names.every((name) => typeof name === 'string')) return null;
  if (field === 'ct status' && (op === '==' || op === '!=' || !names.every((name) => KNOWN_STATUS.has(name))))
    return null;
  // A state is one of its bits: it never equals several.
  if ((op === '==' || op === '!=') && names.length > 1) return compare(field, [], op === '!=');
  return compare(field, names.map(text), op === '!=' || op === '!');
}

/** `meta mark & 0xff == 1`, `tcp flags & (syn | ack) == syn`. */
function readMasked(key: Key, [, maskJson]: readonly Json[], right: Json, op: string): Match | null {
  const [part] = key.parts;
  if (!part || key.parts.length > 1 || (op !== '==' && op !== '!=')) return null;
  const addressBytes = part.kind === 'address' ? ADDRESS_BYTES[part.field] : undefined;
  const number = (json: Json | undefined): number | null => {
    if (addressBytes !== undefined) return addressNumber(json);
    return part.kind === 'tcp flags'
      ? flagBits(json)
      : part.kind === 'number'
        ? toNumber(json, 'number')
        : null;
  };
  const mask = number(maskJson);
  const set = at(right, 'set');
  const values = allOrNull((set === undefined ? [right] : listOf(set)).map(number));
  if (mask === null || !values) return null;
  return compare(
    addressBytes ?? part.field,
    values.map((value): Value => ({ type: 'bits', mask, value })),
    op === '!=',
  );
}

/** An IPv4 address as its 32 bits; null: none. */
const addressNumber = (json: Json | undefined): number | null =>
  typeof json === 'string' ? (parseAddress(json)?.short ?? null) : null;

/** `fib saddr . iif oif missing`: is there a way back by the interface it came in? */
function readRouteLookup(left: Json | undefined, right: Json, op: string): readonly Match[] | null {
  const fib = at(left, 'fib');
  const result = textAt(fib, 'result');
  if (fib === undefined || (result !== 'oif' && result !== 'oifname' && result !== 'check')) return null;
  const flags = fibFlags(fib);
  if (!flags.includes('saddr') || !flags.includes('iif') || (op !== '==' && op !== '!=')) return null;
  const missing = [false, 0, '0', ''].some((none) => none === right);
  if (!missing && right !== true && right !== 1) return null;
  const field = flags.includes('mark') ? 'reverse route with mark' : 'reverse route';
  return [compare(field, [text(missing ? 'missing' : 'exists')], op === '!=')];
}

/** `exthdr frag exists`, `ip option rr length 3`: the packets of a walk have no extension header and no option of IPv4. */
function readHeaderPresence(left: Json | undefined, right: Json, op: string): readonly Match[] | null {
  const header = at(left, 'exthdr') ?? at(left, 'ip option');
  if (header === undefined) return null;
  // A field of what is not there meets nothing, whatever it is compared with.
  const none = compare('exthdr', [{ type: 'any' }]);
  if (textAt(header, 'field') !== null) return [none];
  if (typeof right !== 'boolean') return null;
  const wantsOne = right === (op === '==');
  return wantsOne ? [none] : at(left, 'ip option') === undefined ? [] : [compare('nfproto', [text('ipv4')])];
}
