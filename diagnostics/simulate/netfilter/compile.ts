import { pieceOf } from '../../model/lazy-rule.ts';
import type { Action } from '../../model/rule-action.ts';
import type { Match } from '../../model/rule-match.ts';
import type { Chain, NamedSet, Rule, RulePart, Ruleset, Table } from '../../model/ruleset.ts';
import { compileText } from './text-search.ts';
import { compileBytecode } from './bytecode.ts';
import { compileTime } from './clock.ts';
import { compileCount, compileQuota } from './amounts.ts';
import { compileNoted } from './noted.ts';
import { compileU32 } from './u32.ts';
import { compileComparison, compileLookup, type Lookup, type TableSet, type Test } from './compare.ts';
import { hasConnection } from './state.ts';
import type { NumberMapEntry, TranslationMapEntry, VerdictMapEntry } from '../../model/rule-map.ts';

const KNOWN_ACTIONS: ReadonlySet<string> = new Set<PlainAction['type']>([
  'verdict',
  'reject',
  'dnat',
  'snat',
  'netmap',
  'masquerade',
  'redirect',
  'set-mark',
  'set-ct-mark',
  'restore-mark',
  'save-mark',
  'rewrite',
  'translate-prefix',
  'set-label',
  'assign-helper',
  'set-tos',
  'set-ttl',
  'clamp-mss',
  'remove-tcp-options',
  'restore-socket-mark',
  'set-ether',
  'set-packet-type',
  'answer-arp',
  'claim',
  'answer-syn',
  'notrack',
  'set-zone',
  'none',
]);

/** A rule ready to run. Each part is read and compiled once a ruleset, the first time it is reached. */
export interface CompiledRule {
  readonly rule: Rule;
  /** undefined: it has no more. */
  part(at: number): CompiledPart | undefined;
}

export type CompiledPart =
  /** `chance`: where it is `maybe`, chance decides. */
  | { readonly kind: 'test'; readonly test: Test; readonly match: Match; readonly chance?: boolean }
  | {
      readonly kind: 'verdict-map';
      readonly action: MapAction<'verdict-map'>;
      readonly lookup: Lookup<VerdictMapEntry>;
      readonly named: TableSet | 'unknown' | null;
    }
  | {
      readonly kind: 'translation-map';
      readonly action: MapAction<'translation-map'>;
      readonly lookup: Lookup<TranslationMapEntry>;
      readonly named: TableSet | 'unknown' | null;
    }
  | {
      readonly kind: 'mark-map';
      readonly action: MapAction<'mark-map'>;
      readonly lookup: Lookup<NumberMapEntry>;
      readonly named: TableSet | 'unknown' | null;
    }
  /** `holds`: whether the set has the packet's element already; null: it is not known what the set holds. */
  | {
      readonly kind: 'fill';
      readonly action: MapAction<'fill'>;
      readonly named: TableSet;
      readonly holds: Test | null;
    }
  | { readonly kind: 'action'; readonly action: PlainAction };

type MapAction<T extends string> = Extract<Action, { readonly type: T }>;
/** What needs no map or set to be done. */
export type PlainAction = Exclude<
  Action,
  { readonly type: 'verdict-map' | 'translation-map' | 'mark-map' | 'fill' }
>;

/** A table whose rules are compiled when a packet first comes to their chain. */
export interface CompiledTable {
  readonly table: Table;
  /** The rules of a chain; null: there is no such chain. */
  rules(chain: string): readonly CompiledRule[] | null;
}

const cache = new WeakMap<Ruleset, readonly CompiledTable[]>();

/** The tables of a ruleset with their rules as functions. */
export function compileRuleset(ruleset: Ruleset): readonly CompiledTable[] {
  const seen = cache.get(ruleset);
  if (seen) return seen;
  const compiled = ruleset.tables.map(compileTable);
  cache.set(ruleset, compiled);
  return compiled;
}

function compileTable(table: Table): CompiledTable {
  const sets = new Map(table.sets.map((set) => [set.name, { set, key: setKey(table, set.name) }]));
  const chains = new Map<string, Chain>(table.chains.map((chain) => [chain.name, chain]));
  const ready = new Map<string, readonly CompiledRule[]>();
  return {
    table,
    rules(name) {
      const seen = ready.get(name);
      if (seen) return seen;
      const chain = chains.get(name);
      if (!chain) return null;
      const rules = chain.rules.map((rule) => compileRule(rule, table, sets));
      ready.set(name, rules);
      return rules;
    },
  };
}

function compileRule(rule: Rule, table: Table, sets: ReadonlyMap<string, TableSet>): CompiledRule {
  const compiled: CompiledPart[] = [];
  let pieces = 0;
  let complete = false;
  return {
    rule,
    part(at) {
      while (compiled.length <= at && !complete) {
        const piece = pieceOf(rule, pieces++);
        if (!piece) complete = true;
        else
          for (const part of piece) if (!isSure(part, table)) compiled.push(compilePart(part, table, sets));
      }
      return compiled[at];
    },
  };
}

/** A table of IPv4 sees nothing else: nft asks all the same. */
function isSure(part: RulePart, { family }: Table): boolean {
  if (part.type !== 'compare' || part.fields[0] !== 'nfproto' || part.negate || part.values.type === 'set')
    return false;
  const { tuples } = part.values;
  const only = tuples.length === 1 && part.fields.length === 1 ? tuples[0]?.[0] : undefined;
  return only?.type === 'text' && only.value === { ip: 'ipv4', ip6: 'ipv6' }[String(family)];
}

/** iptables' own sets are the same for all tables. */
const setKey = ({ family, name }: Pick<Table, 'family' | 'name'>, set: string): string =>
  /^(?:ipset|recent) /.test(set) ? set : `${family} ${name} ${set}`;

/** The named map that is asked; unknown: the listing does not have it, or it holds something else. */
const namedMap = (
  map: { readonly type: 'inline' } | { readonly type: 'named'; readonly name: string },
  sets: ReadonlyMap<string, TableSet>,
  holds: (set: NamedSet) => unknown,
): TableSet | 'unknown' | null => {
  if (map.type === 'inline') return null;
  const found = sets.get(map.name);
  return found && holds(found.set) !== undefined ? found : 'unknown';
};

const entriesOf = <E>(
  map: { readonly type: 'inline'; readonly entries: readonly E[] } | { readonly type: 'named' },
  named: TableSet | 'unknown' | null,
  held: (set: NamedSet) => readonly E[] | undefined,
): readonly E[] =>
  map.type === 'inline' ? map.entries : named === 'unknown' || !named ? [] : (held(named.set) ?? []);

/** A map to addresses or ports is one for NAT too, and listed so. */
const numbersOf = ({ numbers, translations }: NamedSet): readonly NumberMapEntry[] | undefined =>
  numbers ??
  translations?.flatMap(({ tuple, to: { address, ports } }) => {
    const [value, last] = address ? [address.from, address.to] : (ports ?? []);
    return value === undefined || value !== last ? [] : [{ tuple, value }];
  });

function comparison(
  { fields, negate, values, orNoConnection }: Extract<Match, { readonly type: 'compare' }>,
  sets: ReadonlyMap<string, TableSet>,
): Test {
  const test = compileComparison(fields, negate, values, sets);
  return orNoConnection ? (view) => !hasConnection(view) || test(view) : test;
}

function compilePart(part: RulePart, table: Table, sets: ReadonlyMap<string, TableSet>): CompiledPart {
  switch (part.type) {
    case 'compare':
      return {
        kind: 'test',
        match: part,
        chance: part.fields.includes('chance'),
        test: comparison(part, sets),
      };
    case 'u32':
      return { kind: 'test', match: part, test: compileU32(part.tests, part.negate) };
    case 'time':
      return { kind: 'test', match: part, test: compileTime(part) };
    case 'connection-count':
      return { kind: 'test', match: part, test: compileCount(part) };
    case 'quota':
      return { kind: 'test', match: part, test: compileQuota(part) };
    case 'noted':
      return { kind: 'test', match: part, test: compileNoted(part, sets.get(part.set)) };
    case 'bytecode':
      return { kind: 'test', match: part, test: compileBytecode(part.program) };
    case 'text':
      return { kind: 'test', match: part, test: compileText(part) };
    case 'unmodelled':
      return 'decides' in part
        ? { kind: 'action', action: part }
        : { kind: 'test', match: part, chance: part.chance === true, test: () => 'maybe' };
    case 'verdict-map': {
      const named = namedMap(part.map, sets, ({ verdicts }) => verdicts);
      const lookup = compileLookup(entriesOf(part.map, named, ({ verdicts }) => verdicts));
      return { kind: 'verdict-map', action: part, lookup, named };
    }
    case 'translation-map': {
      const named = namedMap(part.map, sets, ({ translations }) => translations);
      const lookup = compileLookup(entriesOf(part.map, named, ({ translations }) => translations));
      return { kind: 'translation-map', action: part, lookup, named };
    }
    case 'mark-map': {
      const named = namedMap(part.map, sets, numbersOf);
      const lookup = compileLookup(entriesOf(part.map, named, numbersOf));
      return { kind: 'mark-map', action: part, lookup, named };
    }
    case 'fill': {
      const found = sets.get(part.set);
      // What is looked up nowhere, or was not listed, is told by its name.
      const named = found ?? {
        set: { name: part.set, tuples: [], dynamic: true, unreadable: true },
        key: setKey(table, part.set),
      };
      const holds =
        found && part.fields
          ? compileComparison(part.fields, false, { type: 'set', name: part.set }, sets)
          : null;
      return { kind: 'fill', action: part, named, holds };
    }
    default:
      // A snapshot file of a newer version may hold parts that are not known here.
      return KNOWN_ACTIONS.has(part.type)
        ? { kind: 'action', action: part }
        : { kind: 'action', action: { type: 'unmodelled', text: part.type, decides: true } };
  }
}
