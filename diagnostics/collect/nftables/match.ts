import type { BitStep, Match, RulePart, Value } from '../../model/ruleset.ts';
import { compare, MASK_ALL, statusOrAssured, text, unmodelledMatch } from '../iptables/values.ts';
import { bitwise, type WrittenStep } from './bit-steps.ts';
import { at, listOf, textAt, type Json } from './json.ts';
import { fibFlags, routeField } from './fib-keys.ts';
import type { Key, KeyPart } from './key.ts';
import { ADDRESS_BYTES, headerOf, readKey } from './keys.ts';
import { addressNumber, comparisonRange, flagBits, toNumber } from './kinds.ts';
import { allOrNull, kindsOf, toTuple } from './sets.ts';
import { readTcpOptionPresence } from './tcp-options.ts';

/** What conntrack's status can be said to be for the packets of a walk. */
const KNOWN_STATUS = new Set(['dnat', 'snat', 'seen-reply', 'confirmed', 'expected']);

/** A `match` statement; what is not understood is one unmodelled match, after what the fields require. */
export function readMatchStatement(json: Json, ruleText: string): readonly RulePart[] {
  const left = at(json, 'left');
  const right = at(json, 'right') ?? null;
  const op = textAt(json, 'op') ?? '==';
  const route =
    readRouteLookup(left, right, op) ??
    readHeaderPresence(left, right, op) ??
    readTcpOptionPresence(left, right, op) ??
    readIpsec(left, right, op) ??
    readLabel(left, right, op);
  if (route) return route;
  const { base, steps } = bitwise(left);
  const key = readKey(base);
  const unmodelled = unmodelledMatch(`${ruleText}`);
  if (!key) return [...headerOf(base), unmodelled];
  const match = steps.length > 0 ? readMasked(key, steps, right, op) : readComparison(key, right, op);
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
  if (field === 'ct status' && names.includes('assured')) return readAssured(names, op);
  if (field === 'ct status' && (op === '==' || op === '!=' || !names.every((name) => KNOWN_STATUS.has(name))))
    return null;
  // A state is one of its bits: it never equals several.
  if ((op === '==' || op === '!=') && names.length > 1) return compare(field, [], op === '!=');
  return compare(field, names.map(text), op === '!=' || op === '!');
}

/** `meta mark & 0xff == 1`, `tcp flags & (syn | ack) == syn`. */
function readMasked(key: Key, steps: readonly WrittenStep[], right: Json, op: string): Match | null {
  const [part] = key.parts;
  if (!part || key.parts.length > 1 || (op !== '==' && op !== '!=')) return null;
  const addressBytes = part.kind === 'address' ? ADDRESS_BYTES[part.field] : undefined;
  const number = (json: Json | undefined): number | null => {
    if (addressBytes !== undefined) return addressNumber(json);
    return part.kind === 'tcp flags'
      ? flagBits(json)
      : NUMERIC.has(part.kind)
        ? toNumber(json, part.kind)
        : null;
  };
  const set = at(right, 'set');
  const values = allOrNull((set === undefined ? [right] : listOf(set)).map(number));
  const constants = allOrNull(
    steps.map(({ operator, operand }) => {
      const constant = number(operand);
      return constant === null ? null : { operator, constant };
    }),
  );
  if (!values || !constants) return null;
  return compare(
    addressBytes ?? part.field,
    values.flatMap((value) => beforeSteps(constants, value) ?? []),
    op === '!=',
  );
}

const NUMERIC: ReadonlySet<KeyPart['kind']> = new Set([
  'number',
  'dscp',
  'ecn',
  'protocol',
  'priority',
  'realm',
]);

/** What a field has to hold so that the steps make this value of it; null: they never do. */
function beforeSteps(steps: readonly BitStep[], result: number): Value | null {
  let mask = MASK_ALL;
  let value = result >>> 0;
  for (const { operator, constant } of steps.toReversed()) {
    switch (operator) {
      case '&':
        if ((value & mask & ~constant) !== 0) return null;
        mask = (mask & constant) >>> 0;
        break;
      case '|':
        if ((~value & mask & constant) !== 0) return null;
        mask = (mask & ~constant) >>> 0;
        break;
      case '^':
        value = (value ^ constant) >>> 0;
        break;
      case '>>':
        if (Math.floor((value & mask) >>> 0) * 2 ** constant > MASK_ALL) return null;
        mask = (mask << constant) >>> 0;
        value = (value << constant) >>> 0;
        break;
      case '<<':
        if ((value & mask & (2 ** constant - 1)) !== 0) return null;
        mask = mask >>> constant;
        value = value >>> constant;
        break;
    }
    value = (value & mask) >>> 0;
  }
  return { type: 'bits', mask, value };
}

/** `meta ipsec exists`, `rt ipsec missing`; of what only packets of IPsec have, there is nothing where there is no policy. */
function readIpsec(left: Json | undefined, right: Json, op: string): readonly Match[] | null {
  const came = textAt(at(left, 'meta'), 'key');
  const direction =
    came === 'ipsec' || came === 'secpath' ? 'in' : textAt(at(left, 'rt'), 'key') === 'ipsec' ? 'out' : null;
  if (direction !== null && (op === '==' || op === '!=')) {
    const wanted = right === true || right === 1 || right === 'exists';
    return [compare(`ipsec ${direction}`, [text('none')], wanted === (op === '=='))];
  }
  const detail = at(left, 'ipsec');
  if (detail === undefined) return null;
  const side = textAt(detail, 'dir') === 'out' ? 'out' : 'in';
  return [compare(`ipsec ${side}`, [text('none')], true), unmodelledMatch('ipsec')];
}

/** `ct label 5`: among the bits; `ct label != 5`: anything but this one alone. */
function readLabel(left: Json | undefined, right: Json, op: string): readonly Match[] | null {
  if (textAt(at(left, 'ct'), 'key') !== 'label') return null;
  const bit = toNumber(right, 'number');
  if (bit === null) return null;
  if (op === 'in' || op === '!') return [compare('ct label', [text(String(bit))], op === '!')];
  return op === '==' || op === '!=' ? [compare('ct labels', [text(String(bit))], op === '!=')] : null;
}

/** `ct status assured,dnat`: any of them; null: not modelled. */
function readAssured(names: readonly string[], op: string): Match | null {
  const others = names.filter((name) => name !== 'assured');
  if ((op !== 'in' && op !== '!') || !others.every((name) => KNOWN_STATUS.has(name))) return null;
  return statusOrAssured(others, op === '!');
}

/** `fib saddr . iif oif missing`: is there a way back by the interface it came in? */
function readRouteLookup(left: Json | undefined, right: Json, op: string): readonly Match[] | null {
  const fib = at(left, 'fib');
  const result = textAt(fib, 'result');
  if (fib === undefined || (result !== 'oif' && result !== 'oifname' && result !== 'check')) return null;
  const flags = fibFlags(fib);
  if (op !== '==' && op !== '!=') return null;
  const missing = [false, 0, '0', ''].some((none) => none === right);
  if (!missing && right !== true && right !== 1) return null;
  if (!flags.includes('iif') && !flags.includes('oif')) {
    return [compare(routeField(flags), [text('')], missing !== (op === '=='))];
  }
  if (!flags.includes('saddr') || !flags.includes('iif')) return null;
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
