import type { Field } from '../../model/rule-field.ts';
import type { BitStep } from '../../model/rule-action.ts';
import type { Because, Match, Value } from '../../model/rule-match.ts';
import type { RulePart } from '../../model/ruleset.ts';
import {
  addressBits,
  compare,
  MASK_ALL,
  number,
  statusOrAssured,
  text,
  unmodelledMatch,
} from '../iptables/values.ts';
import { bitwise, type WrittenStep } from './bit-steps.ts';
import { at, listOf, textAt, type Json } from './json.ts';
import { fibFlags, routeField } from './fib-keys.ts';
import type { Key, KeyPart } from './key.ts';
import { ADDRESS_BYTES, headerOf, readKey } from './keys.ts';
import { addressNumber, comparisonRange, flagBits, toNumber } from './kinds.ts';
import { allOrNull, kindsOf, toTuple } from './sets.ts';
import { readTcpOptionPresence } from './tcp-options.ts';

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
  const unmodelled = unmodelledMatch(ruleText, decidedBy(base));
  if (!key) return [...headerOf(base), unmodelled];
  const whole = steps.length > 0 ? readKey(left) : null;
  const match =
    steps.length > 0
      ? (readMasked(key, steps, right, op) ?? (whole && readComparison(whole, right, op)))
      : readComparison(key, right, op);
  return [...key.requires, match ?? unmodelled];
}

/** Of what no fact can tell. */
function decidedBy(expression: Json | undefined): Because | undefined {
  if (textAt(at(expression, 'meta'), 'key') === 'cpu') return 'processor';
  return at(expression, 'osf') === undefined ? undefined : 'fingerprint';
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
  const named = listOf(at(right, '|') ?? right).filter((name) => typeof name === 'string');
  if (kind === 'connection status') {
    if (op === '==' || op === '!=') return undefined;
    const mask = toNumber(right, kind);
    if (listOf(right).length > named.length)
      return mask === null ? null : compare(`ct status bits ${mask}`, [number(0)], op === 'in');
    const others = named.filter((name) => name !== 'assured');
    return others.length < named.length
      ? statusOrAssured(others, op === '!')
      : compare('ct status', others.map(text), op === '!');
  }
  if (field !== 'ct state') return undefined;
  if (named.length === 0) return null;
  // A state is one of its bits: it never equals several.
  if ((op === '==' || op === '!=') && named.length > 1) return compare(field, [], op === '!=');
  return compare(field, named.map(text), op === '!=' || op === '!');
}

/** `meta mark & 0xff == 1`, `tcp flags & (syn | ack) == syn`. */
function readMasked(key: Key, steps: readonly WrittenStep[], right: Json, op: string): Match | null {
  const [part] = key.parts;
  if (!part || key.parts.length > 1 || (op !== '==' && op !== '!=')) return null;
  const masked = maskedAddress(part, steps, right);
  if (masked) return compare(part.field, masked, op === '!=');
  const addressBytes = part.kind === 'address' ? ADDRESS_BYTES[part.field] : undefined;
  const constant = (json: Json | undefined): number | null => {
    if (addressBytes !== undefined) return addressNumber(json);
    return part.kind === 'tcp flags'
      ? flagBits(json)
      : NUMERIC.has(part.kind)
        ? toNumber(json, part.kind)
        : null;
  };
  if (part.field === 'ct state') return readStates(steps, right, op === '!=');
  const set = at(right, 'set');
  const values = allOrNull((set === undefined ? [right] : listOf(set)).map(constant));
  const constants = allOrNull(
    steps.map(({ operator, operand }) => {
      const value = constant(operand);
      return value === null ? null : { operator, constant: value };
    }),
  );
  if (!values || !constants) return null;
  const [step, ...others] = constants;
  const asked: Field =
    part.kind === 'connection status' && others.length === 0 && step?.operator === '&'
      ? `ct status bits ${step.constant}`
      : part.field;
  return compare(
    addressBytes ?? asked,
    values.flatMap((value) => beforeSteps(constants, value) ?? []),
    op === '!=',
  );
}

/** `ip6 daddr & ::ffff:ffff:ffff:ffff == ::1`; null: another, or not modelled. */
function maskedAddress(
  { kind }: KeyPart,
  steps: readonly WrittenStep[],
  right: Json,
): readonly Value[] | null {
  const [step, ...others] = steps;
  if (kind !== 'address' || step?.operator !== '&' || others.length > 0) return null;
  const mask = step.operand;
  const set = at(right, 'set');
  return allOrNull(
    (set === undefined ? [right] : listOf(set)).map((wanted) =>
      typeof mask === 'string' && typeof wanted === 'string' ? addressBits(mask, wanted) : null,
    ),
  );
}

/** `ct state & (new | established) == new`: one of these, which is that one; null: not modelled. */
function readStates(steps: readonly WrittenStep[], right: Json, negate: boolean): Match | null {
  const namesOf = (json: Json): readonly string[] =>
    listOf(at(json, '|') ?? json).filter((name) => typeof name === 'string');
  const [step, ...others] = steps;
  if (!step || step.operator !== '&' || others.length > 0) return null;
  const [mask, wanted] = [namesOf(step.operand), namesOf(right)];
  if (right === 0) return compare('ct state', mask.map(text), !negate);
  const [only] = wanted;
  if (only === undefined) return null;
  return compare('ct state', wanted.length === 1 && mask.includes(only) ? [text(only)] : [], negate);
}

const NUMERIC: ReadonlySet<KeyPart['kind']> = new Set([
  'number',
  'dscp',
  'ecn',
  'protocol',
  'priority',
  'realm',
  'connection status',
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

/** `ct label 5`: among the bits; `ct label != 5`: anything but this one alone; `ct label & 5 == 5`: of these bits, this one alone. */
function readLabel(left: Json | undefined, right: Json, op: string): readonly Match[] | null {
  const { base, steps } = bitwise(left);
  if (textAt(at(base, 'ct'), 'key') !== 'label') return null;
  const [wanted, mask] = [labelBits(right), steps.length === 0 ? undefined : labelBits(steps[0]?.operand)];
  if (!wanted || mask === null || steps.length > 1 || steps[0]?.operator === '|') return null;
  if (op === 'in' || op === '!') return [compare('ct label', wanted.map(text), op === '!')];
  if (op !== '==' && op !== '!=') return null;
  return [compare(mask ? `ct labels ${mask.join(',')}` : 'ct labels', [text(wanted.join(','))], op === '!=')];
}

/** Numbers of bits, in order; names of connlabel.conf are not known here. */
function labelBits(json: Json | undefined): readonly string[] | null {
  const bits = allOrNull(listOf(at(json, '|') ?? json).map((one) => toNumber(one, 'number')));
  return bits && bits.length > 0 ? bits.toSorted((a, b) => a - b).map(String) : null;
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
  const device = routeField(flags);
  if (!device) return null;
  if (!flags.includes('saddr') || !flags.includes('iif'))
    return [compare(device, [text('')], missing !== (op === '=='))];
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
