import { addressBits, parseAddress, sameNetwork, type Address } from '../../model/ip.ts';
import { isNarrower } from '../../model/narrower.ts';
import type { Field } from '../../model/rule-field.ts';
import type { Value, Values } from '../../model/rule-match.ts';
import type { NamedSet } from '../../model/ruleset.ts';
import { ABSENT, UNKNOWN, type FieldValue } from './fields/field-value.ts';
import { readField } from './fields/read-field.ts';
import type { View } from './state.ts';
import type { Filling } from './types.ts';

/** `maybe`: it holds for some packets like this one, or nobody can tell. */
export type Truth = boolean | 'maybe';
export type Test = (view: View) => Truth;
type ValueTest = (value: FieldValue) => boolean;

/** Above this many tuples a lookup by key pays. */
const INDEX_FROM = 8;

const isAddress = (value: FieldValue): value is Extract<FieldValue, { family: 4 | 6 }> =>
  typeof value === 'object' && 'family' in value;

/** Whether one value of a rule covers what a packet holds. Absent and unknown are dealt with before. */
function compileValue(value: Value): ValueTest {
  switch (value.type) {
    case 'any':
      return () => true;
    case 'number':
      return (held) => held === value.value;
    case 'bits':
      return (held) => typeof held === 'number' && (held & value.mask) >>> 0 === value.value >>> 0;
    case 'text':
      return compileText(value.value);
    case 'prefix': {
      const base = parseAddress(value.address);
      if (!base) return () => false;
      const { length } = value;
      return (held) => isAddress(held) && held.family === base.family && sameNetwork(base, held, length);
    }
    case 'address bits': {
      const [mask, wanted] = [parseAddress(value.mask), parseAddress(value.value)];
      if (!mask || !wanted) return () => false;
      return (held) =>
        isAddress(held) && held.family === wanted.family && (held.value & mask.value) === wanted.value;
    }
    case 'range':
      return compileRange(value.from, value.to);
  }
}

function compileText(text: string): ValueTest {
  if (!text.endsWith('*')) return (held) => held === text || (Array.isArray(held) && held.includes(text));
  const start = text.slice(0, -1);
  return (held) => typeof held === 'string' && held.startsWith(start);
}

function compileRange(from: string | number, to: string | number): ValueTest {
  if (typeof from === 'number' && typeof to === 'number')
    return (held) => typeof held === 'number' && from <= held && held <= to;
  const low = parseAddress(String(from));
  const high = parseAddress(String(to));
  if (!low || !high) return () => false;
  return (held) =>
    isAddress(held) && held.family === low.family && low.value <= held.value && held.value <= high.value;
}

/** The one packet value that an exact value stands for, as a key; null for intervals, wildcards and lists. */
function exactKey(value: Value): string | null {
  switch (value.type) {
    case 'number':
      return `n${value.value}`;
    case 'text':
      return value.value.endsWith('*') ? null : `t${value.value}`;
    case 'prefix': {
      const address = parseAddress(value.address);
      return address && value.length === addressBits(address.family) ? addressKey(address) : null;
    }
    case 'range':
    case 'bits':
    case 'address bits':
    case 'any':
      return null;
  }
}

const addressKey = ({ value, short }: Address): string => (short === undefined ? `6-${value}` : `4-${short}`);

function heldKey(held: FieldValue): string | null {
  if (typeof held === 'number') return `n${held}`;
  if (typeof held === 'string') return `t${held}`;
  return isAddress(held) ? addressKey(held) : null;
}

const catchesAll = (tuple: readonly Value[]): boolean => tuple.every(({ type }) => type === 'any');

const joined = (keys: readonly (string | null)[]): string | null =>
  keys.includes(null) ? null : keys.join(' ');

/** Finds the entries that a packet's values meet: those that certainly do, and those that may. */
export interface Lookup<E> {
  (held: readonly FieldValue[]): { readonly certain: readonly E[]; readonly possible: readonly E[] };
}

/** A lookup over entries with tuples of values; many exact ones are found by key, intervals one by one. */
export function compileLookup<E extends { readonly tuple: readonly Value[] }>(
  entries: readonly E[],
): Lookup<E> {
  const byKey = new Map<string, E[]>();
  const others: {
    readonly entry: E;
    readonly tests: readonly ValueTest[];
    readonly anything: readonly boolean[];
  }[] = [];
  const compiled = (entry: E): (typeof others)[number] => ({
    entry,
    tests: entry.tuple.map(compileValue),
    anything: entry.tuple.map(({ type }) => type === 'any'),
  });
  const indexed = entries.length >= INDEX_FROM;
  // The catch-all element of a map counts only where no other does.
  const inOrder = [...entries].sort((a, b) => Number(catchesAll(a.tuple)) - Number(catchesAll(b.tuple)));
  for (const entry of inOrder) {
    const key = indexed ? joined(entry.tuple.map(exactKey)) : null;
    if (key === null) others.push(compiled(entry));
    else byKey.set(key, [...(byKey.get(key) ?? []), entry]);
  }
  let all: typeof others | null = null;
  return (held) => {
    const key = joined(held.map(heldKey));
    const certain: E[] = key === null ? [] : [...(byKey.get(key) ?? [])];
    const possible: E[] = [];
    // Values without a key (unknown ones, several at once) have to be compared with every entry.
    const slow = key === null ? (all ??= inOrder.map(compiled)) : others;
    for (const { entry, tests, anything } of slow) {
      let truth: Truth = true;
      for (let at = 0; at < tests.length && truth !== false; at++) {
        const value = held[at] ?? ABSENT;
        if (value === UNKNOWN) truth = anything[at] ? truth : 'maybe';
        else if (!tests[at]?.(value)) truth = false;
      }
      if (truth === true) certain.push(entry);
      else if (truth === 'maybe') possible.push(entry);
    }
    return { certain, possible };
  };
}

/** What the packet holds in these fields; null where it lacks one of them. */
export function readFields(fields: readonly Field[], view: View): readonly FieldValue[] | null {
  const held = fields.map((field) => readField(field, view));
  return held.includes(ABSENT) ? null : held;
}

/** Of entries that all fit, the one with the longest prefixes: hash_net4_test_cidrs() goes from the longest first one on. */
const narrowest = <E extends { readonly tuple: readonly Value[] }>(entries: readonly E[]): E =>
  entries.reduce((best, entry) => (isNarrower(entry.tuple, best.tuple) ? entry : best));

/** A named set as rules of a table look into it. */
export interface TableSet {
  readonly set: NamedSet;
  /** By which it is told from a set of the same name elsewhere. */
  readonly key: string;
}

/** The element of a set that a packet with these values is looked up by; null where one of them is not known. */
export const elementOf = (held: readonly FieldValue[]): string | null => joined(held.map(heldKey));

/** What rules of this walk have made of the packet's element; null: nothing, the set is as it was read. */
export function fillingOf(
  { key }: TableSet,
  held: readonly FieldValue[],
  { filled }: View,
): Pick<Filling, 'now' | 'times'> | null {
  if (filled.length === 0) return null;
  const own = filled.filter(({ set }) => set === key);
  const element = own.length === 0 ? null : elementOf(held);
  const latest = own.find((one) => one.element === null || element === null || one.element === element);
  if (!latest) return null;
  return latest.element === null || element === null ? { now: 'open', times: 0 } : latest;
}

/** A comparison as a function. `sets`: the named sets of the rule's table. */
export function compileComparison(
  fields: readonly Field[],
  negate: boolean,
  values: Values,
  sets: ReadonlyMap<string, TableSet>,
): Test {
  if (values.type === 'set') return compileSetComparison(fields, negate, values, sets);
  const { tuples } = values;
  const fieldName = fields[0];
  const single = tuples.length === 1 ? tuples[0]?.[0] : undefined;
  if (fieldName && fields.length === 1 && single) {
    const test = compileValue(single);
    return (view) => {
      const held = readField(fieldName, view);
      return held === ABSENT ? false : held === UNKNOWN ? 'maybe' : test(held) !== negate;
    };
  }
  const lookup = compileLookup(tuples.map((tuple) => ({ tuple })));
  return (view) => {
    const held = readFields(fields, view);
    if (!held) return false;
    const { certain, possible } = lookup(held);
    return certain.length > 0 ? !negate : possible.length > 0 ? 'maybe' : negate;
  };
}

/** The same with a named set, or with those that a list of sets is of. */
function compileSetComparison(
  fields: readonly Field[],
  negate: boolean,
  { name, exceptions }: Extract<Values, { type: 'set' }>,
  sets: ReadonlyMap<string, TableSet>,
): Test {
  const named = sets.get(name);
  const searched = named?.set.members?.map((member) => sets.get(member)) ?? [named];
  const known = searched.filter((one) => one !== undefined);
  if (!named || known.length < searched.length) return () => 'maybe';
  const lookups = known.map((one) => compileSetLookup(one, exceptions === true));
  return (view) => {
    const held = readFields(fields, view);
    if (!held) return false;
    if (named.set.members && fillingOf(named, held, view)) return 'maybe';
    const found = lookups.map((lookup) => lookup(held, view));
    if (found.includes(true)) return negate ? false : named.set.limited === true ? 'maybe' : true;
    return found.includes('maybe') ? 'maybe' : negate;
  };
}

type SetLookup = (held: readonly FieldValue[], view: View) => Truth;

/** Whether a packet's element is in a set, or (`exceptions`, of a set that can have some: ip_set_test()) is one of those. */
function compileSetLookup(named: TableSet, exceptionsAsked: boolean): SetLookup {
  const { tuples, exceptions = [], hiding, unreadable } = named.set;
  const ofExceptions = exceptionsAsked && named.set.exceptions !== undefined;
  const entries = [
    ...tuples.map((tuple) => ({ tuple, belongs: true })),
    ...exceptions.map((tuple) => ({ tuple, belongs: false })),
  ];
  const lookup = compileLookup(entries);
  const networks = hiding && compileLookup(entries.map(({ tuple }) => ({ tuple: tuple.slice(0, 1) })));
  return (held, view) => {
    const filling = fillingOf(named, held, view);
    if (filling?.now === 'open') return 'maybe';
    if (filling) return !ofExceptions && filling.now === 'in';
    const { certain: fitting, possible } = lookup(held);
    const around = networks ? networks(held.slice(0, 1)).certain : [];
    const certain = fitting.filter(({ tuple }) => !around.some((other) => isNarrower(other.tuple, tuple)));
    if (possible.length > 0 && (exceptions.length > 0 || certain.length === 0)) return 'maybe';
    if (certain.length > 0) return narrowest(certain).belongs !== ofExceptions;
    return unreadable === true ? 'maybe' : false;
  };
}
