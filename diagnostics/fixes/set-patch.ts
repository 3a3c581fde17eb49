import { known, valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { familyOf, sameAddress } from '../model/ip.ts';
import type { Value } from '../model/rule-match.ts';
import type { Backend, NamedSet, Table, TableFamily } from '../model/ruleset.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';
import { factsOf } from './patch.ts';

/** Where a named set is. Those of ipset(8) are in no table: every table whose rules look into them has them. */
export interface SetPlace {
  readonly namespace: NamespaceId;
  readonly backend: Backend;
  readonly family: TableFamily;
  readonly table: string;
  readonly set: string;
}

const IPSET = /^ipset (.*)$/;

/** Its name for ipset(8); null: it is one of nft's. */
export const ipsetName = ({ set }: SetPlace): string | null => IPSET.exec(set)?.[1] ?? null;

const has = (table: Table, place: SetPlace): boolean =>
  ipsetName(place) !== null ||
  (table.backend === place.backend && table.family === place.family && table.name === place.table);

/** undefined: there is none, or the rules were not read. */
export const findSet = (snapshot: Snapshot, place: SetPlace): NamedSet | undefined => {
  const ruleset = factsOf(snapshot, place.namespace)?.ruleset ?? { state: 'absent' as const };
  return valueOr(ruleset, { tables: [], unknowns: [] })
    .tables.find(
      (table) =>
        table.backend === place.backend && table.family === place.family && table.name === place.table,
    )
    ?.sets.find(({ name }) => name === place.set);
};

/** An element that is this address alone: no network around it, no range that it lies in, nothing beside it. */
export const isElement = (tuple: readonly Value[], address: string): boolean => {
  const [value] = tuple;
  return (
    tuple.length === 1 &&
    value?.type === 'prefix' &&
    value.length === (familyOf(address) === 4 ? 32 : 128) &&
    sameAddress(value.address, address)
  );
};

export const withoutElement = (snapshot: Snapshot, place: SetPlace, address: string): Snapshot =>
  withFacts(snapshot, place.namespace, (facts) => {
    if (facts.ruleset.state !== 'known') return facts;
    const left = (set: NamedSet): NamedSet =>
      set.name === place.set
        ? { ...set, tuples: set.tuples.filter((tuple) => !isElement(tuple, address)) }
        : set;
    const tables = facts.ruleset.value.tables.map((table) =>
      has(table, place) ? { ...table, sets: table.sets.map(left) } : table,
    );
    return { ...facts, ruleset: known({ ...facts.ruleset.value, tables }) };
  });
