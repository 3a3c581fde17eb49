import { isAddress } from '../../model/ip.ts';
import type {
  NumberMapEntry,
  Translation,
  TranslationMapEntry,
  Verdict,
  VerdictMapEntry,
} from '../../model/rule-map.ts';
import type { Value } from '../../model/rule-match.ts';
import type { NamedSet } from '../../model/ruleset.ts';
import {
  at,
  bareElement,
  isList,
  isObject,
  listOf,
  numberAt,
  textAt,
  type Json,
  type JsonObject,
} from './json.ts';
import type { KeyPart } from './key.ts';
import { kindsOfSet } from './keys.ts';
import { isLimited } from './limits.ts';
import { kindOfType, toNumber, toValue, type Kind } from './kinds.ts';

/** One element, as a tuple of values; null where it is not understood. */
export function toTuple(json: Json, kinds: readonly Kind[]): readonly Value[] | null {
  const bare = bareElement(json);
  if (bare === '*') return kinds.map(() => ({ type: 'any' }));
  const parts = at(bare, 'concat');
  const list = isList(parts) ? parts : [bare];
  if (list.length !== kinds.length) return null;
  const values = list.map((part, index) => {
    const kind = kinds[index];
    return kind === undefined ? null : toValue(part, kind);
  });
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : known;
}

/** All of a list, or null where one is null. */
export function allOrNull<T>(items: readonly (T | null)[]): readonly T[] | null {
  const known = items.filter((item): item is T => item !== null);
  return known.length < items.length ? null : known;
}

/** `{"jump": {"target": "x"}}`. */
export function toVerdict(json: Json | undefined): Verdict | null {
  if (!isObject(json)) return null;
  const [type] = Object.keys(json);
  switch (type) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { type };
    case 'jump':
    case 'goto': {
      const chain = textAt(json[type], 'target');
      return chain === null ? null : { type, chain };
    }
    default:
      return null;
  }
}

/** The entries of a map, pairs of a key and what `read` makes of the value; null where one is not understood. */
function toEntries<T extends object>(
  json: Json | undefined,
  kinds: readonly Kind[],
  read: (value: Json) => T | null,
): readonly (T & { readonly tuple: readonly Value[] })[] | null {
  return allOrNull(
    listOf(json).map((entry) => {
      const pair = bareElement(entry);
      if (!isList(pair)) return null;
      const [key, value] = pair;
      const tuple = key === undefined ? null : toTuple(key, kinds);
      const data = value === undefined ? null : read(value);
      return tuple && data && { tuple, ...data };
    }),
  );
}

/** Null where an element was not understood. */
export const toVerdictEntries = (
  json: Json | undefined,
  kinds: readonly Kind[],
): readonly VerdictMapEntry[] | null =>
  toEntries(json, kinds, (value) => {
    const verdict = toVerdict(value);
    return verdict && { verdict };
  });

/** Null where an element was not understood. */
export const toTranslationEntries = (
  json: Json | undefined,
  kinds: readonly Kind[],
): readonly TranslationMapEntry[] | null => toEntries(json, kinds, toTranslation);

/** Of a map to marks, addresses, ports. */
export const toNumberEntries = (
  json: Json | undefined,
  kinds: readonly Kind[],
  kind: Kind,
): readonly NumberMapEntry[] | null =>
  toEntries(json, kinds, (data) => {
    const value = constantOf(data, kind);
    return value === null ? null : { value };
  });

/** An address, or a number as nft writes it for this kind; null: neither. */
export const constantOf = (json: Json, kind: Kind): number | string | null =>
  kind === 'address' ? (typeof json === 'string' && isAddress(json) ? json : null) : toNumber(json, kind);

/** `10.0.0.1`, 80, a range or prefix of these, or an address with a port. */
export function toTranslation(json: Json): Omit<TranslationMapEntry, 'tuple'> | null {
  const concat = at(json, 'concat');
  if (isList(concat)) {
    const parts = concat.map(toTranslation);
    if (parts.includes(null)) return null;
    return { to: parts.reduce<Translation>((all, part) => ({ ...all, ...part?.to }), {}) };
  }
  const prefix = at(json, 'prefix');
  const network = at(prefix, 'addr');
  const length = at(prefix, 'len');
  if (typeof network === 'string' && typeof length === 'number')
    return { to: { address: { from: network, to: network } }, netmap: length };
  const range = at(json, 'range');
  const [from, to] = isList(range) ? range : [json, json];
  if (typeof from === 'number' && typeof to === 'number') return { to: { ports: [from, to] } };
  if (typeof from === 'string' && typeof to === 'string' && isAddress(from) && isAddress(to))
    return { to: { address: { from, to } } };
  return null;
}

/** What rules of a table do to its sets: those that they fill, and those of them with limits for what they put in. */
export interface FilledSets {
  readonly filled: ReadonlySet<string>;
  readonly limited: ReadonlySet<string>;
}

/** A named set or map of a table. nft_set_elem_update_expr(): a limit is asked by whoever looks the element up. */
export function toNamedSet(json: JsonObject, byRules: FilledSets): NamedSet | null {
  const set = toSet(json, byRules.filled);
  const limited =
    set !== null &&
    (byRules.limited.has(set.name) ||
      isLimited(json['stmt']) ||
      listOf(json['elem']).some((element) => isLimited(at(isList(element) ? element[0] : element, 'elem'))));
  return limited ? { ...set, limited: true } : set;
}

function toSet(json: JsonObject, filledByRules: ReadonlySet<string>): NamedSet | null {
  const name = textAt(json, 'name');
  if (name === null) return null;
  const kinds = kindsOfSet(json['type']);
  const dynamic = filledByRules.has(name) || listOf(json['flags']).includes('dynamic');
  const unreadable: NamedSet = { name, tuples: [], dynamic: true, unreadable: true };
  if (!kinds) return unreadable;
  const mapTo = json['map'];
  // What runs out makes room again.
  const size = numberAt(json, 'size');
  const runsOut = json['timeout'] !== undefined || listOf(json['flags']).includes('timeout');
  const full =
    !runsOut && size !== null && listOf(json['elem']).length >= size ? { full: true as const } : {};
  if (mapTo === undefined) {
    const tuples = allOrNull(listOf(json['elem']).map((element) => toTuple(element, kinds)));
    return tuples ? { name, tuples, dynamic, ...full } : unreadable;
  }
  if (mapTo === 'verdict') {
    const verdicts = toVerdictEntries(json['elem'], kinds);
    return verdicts ? { name, tuples: [], verdicts, dynamic } : unreadable;
  }
  const kindOfData = typeof mapTo === 'string' ? kindOfType(mapTo) : null;
  if ((kindOfData === 'number' || kindOfData === 'priority') && mapTo !== 'inet_service') {
    const numbers = toNumberEntries(json['elem'], kinds, kindOfData);
    return numbers ? { name, tuples: [], numbers, dynamic, ...full } : unreadable;
  }
  const translations = toTranslationEntries(json['elem'], kinds);
  return translations ? { name, tuples: [], translations, dynamic, ...full } : unreadable;
}

export const kindsOf = (parts: readonly KeyPart[]): readonly Kind[] => parts.map(({ kind }) => kind);
