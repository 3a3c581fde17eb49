import { known } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Backend, Chain, Hook, Rule, Table, TableFamily } from '../model/ruleset.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';
import { factsOf } from './patch.ts';

/** Where a chain is. */
export interface ChainPlace {
  readonly namespace: NamespaceId;
  readonly backend: Backend;
  readonly family: TableFamily;
  readonly table: string;
  readonly chain: string;
}

const isTable = (table: Table, place: ChainPlace): boolean =>
  table.backend === place.backend && table.family === place.family && table.name === place.table;

/** undefined: there is none, or the rules were not read. */
export const findChain = (snapshot: Snapshot, place: ChainPlace): Chain | undefined => {
  const ruleset = factsOf(snapshot, place.namespace)?.ruleset;
  return ruleset?.state === 'known'
    ? ruleset.value.tables
        .find((table) => isTable(table, place))
        ?.chains.find(({ name }) => name === place.chain)
    : undefined;
};

/** Changes a chain; a built-in chain that iptables makes at the first use is made here too. */
export function changeChain(
  snapshot: Snapshot,
  place: ChainPlace,
  change: (chain: Chain) => Chain,
): Snapshot {
  return withFacts(snapshot, place.namespace, (facts) => {
    if (facts.ruleset.state !== 'known') return facts;
    const ruleset = facts.ruleset.value;
    const tables = ruleset.tables.some((table) => isTable(table, place))
      ? ruleset.tables
      : [
          ...ruleset.tables,
          { backend: place.backend, family: place.family, name: place.table, chains: [], sets: [] },
        ];
    return {
      ...facts,
      ruleset: known({
        ...ruleset,
        tables: tables.map((table) =>
          isTable(table, place) ? { ...table, chains: changeNamed(table.chains, place, change) } : table,
        ),
      }),
    };
  });
}

function changeNamed(
  chains: readonly Chain[],
  place: ChainPlace,
  change: (chain: Chain) => Chain,
): readonly Chain[] {
  if (chains.some(({ name }) => name === place.chain))
    return chains.map((chain) => (chain.name === place.chain ? change(chain) : chain));
  const base = builtIn(place);
  return base ? [...chains, change(base)] : chains;
}

const HOOKS: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** The chains iptables registers (net/ipv4/netfilter/iptable_nat.c, iptable_filter.c): NAT at ±100, filter at 0. */
function builtIn(place: ChainPlace): Chain | null {
  const hook = HOOKS[place.chain];
  if (place.backend === 'nft' || hook === undefined) return null;
  if (place.table !== 'nat' && place.table !== 'filter') return null;
  const before = hook === 'prerouting' || hook === 'output';
  const priority = place.table === 'filter' ? 0 : before ? -100 : 100;
  const type = place.table === 'nat' ? 'nat' : 'filter';
  return { name: place.chain, base: { type, hook, priority, policy: 'accept' }, rules: [] };
}

/** Rules count from 1, as `iptables -L --line-numbers` does. */
export const renumber = (rules: readonly Rule[]): readonly Rule[] =>
  rules.map((rule, index) => ({ ...rule, number: index + 1 }));
