import { lazyRule, type Mention } from '../model/lazy-rule.ts';
import type { Backend, Chain, Hook, NamedSet, Rule, RulePart, Table } from '../model/ruleset.ts';
import { asUsed, readSetMatch, type IpSet } from './ipset.ts';
import { readSetTarget } from './ipset-target.ts';
import { readBaseOption, readMatch } from './iptables/matches.ts';
import { recentSets, type RecentLists } from './iptables/recent.ts';
import { readRuleWords, type RuleWords } from './iptables/options.ts';
import { readTarget } from './iptables/targets.ts';
import { tokenize } from './iptables/tokens.ts';

/** Whose listing it is, and what was read beside it. */
export interface IptablesOrigin {
  readonly backend: Exclude<Backend, 'nft'>;
  readonly family: 'ip' | 'ip6';
  /** What `ipset save` tells of the sets that rules look into. */
  readonly ipsets?: ReadonlyMap<string, IpSet>;
  /** The lists of `-m recent`; null: not known. */
  readonly recent?: RecentLists | null;
}

/** What iptables-save(8) prints, as data. */
export interface ParsedIptables<T = Table> {
  readonly tables: readonly T[];
  /** Lines that were not understood, each as a sentence. */
  readonly unknowns: readonly string[];
  /** Tables that hold what iptables-nft-save cannot write: they are listed in part or not at all, and nft shows the rest. */
  readonly incompatible: readonly string[];
}

/** A table whose rules are split into lines, and read one by one as far as somebody asks. */
export interface SavedTable extends Omit<Table, 'chains'> {
  readonly chains: readonly SavedChain[];
}

/** A chain whose rules are read when somebody asks. */
export interface SavedChain extends Omit<Chain, 'rules'> {
  readonly rules: readonly SavedRule[];
}

export interface SavedRule {
  /** All but what the rule does. */
  outline(): Omit<Rule, 'parts'>;
  /** `more`: what else is known of it. */
  read(more?: Pick<Rule, 'handle'>): Rule;
}

const mentionsIn = (text: string): ReadonlySet<Mention> =>
  new Set<Mention>([
    ...(text.includes(' -m socket') || text.includes(' -j TPROXY') ? (['sockets'] as const) : []),
    ...(text.includes('NPT ') ? (['rewrites'] as const) : []),
    ...(text.includes(' --zone') ? (['zones'] as const) : []),
  ]);

interface Source extends IptablesOrigin {
  readonly mentions: ReadonlySet<Mention>;
}

interface Builtin {
  readonly hook: Hook;
  readonly priority: number;
  readonly type: 'filter' | 'nat' | 'route';
}

const at = (hook: Hook, priority: number, type: Builtin['type'] = 'filter'): Builtin => ({
  hook,
  priority,
  type,
});

/** Where the kernel calls iptables' own chains (enum nf_ip_hook_priorities); both backends register them alike. */
const BUILTINS: Readonly<Record<string, Readonly<Record<string, Builtin>>>> = {
  raw: { PREROUTING: at('prerouting', -300), OUTPUT: at('output', -300) },
  mangle: {
    PREROUTING: at('prerouting', -150),
    INPUT: at('input', -150),
    FORWARD: at('forward', -150),
    OUTPUT: at('output', -150, 'route'),
    POSTROUTING: at('postrouting', -150),
  },
  nat: {
    PREROUTING: at('prerouting', -100, 'nat'),
    INPUT: at('input', 100, 'nat'),
    OUTPUT: at('output', -100, 'nat'),
    POSTROUTING: at('postrouting', 100, 'nat'),
  },
  filter: { INPUT: at('input', 0), FORWARD: at('forward', 0), OUTPUT: at('output', 0) },
  security: { INPUT: at('input', 50), FORWARD: at('forward', 50), OUTPUT: at('output', 50) },
};

const NO_SETS: ReadonlyMap<string, IpSet> = new Map();

/** What iptables-nft-save says of a table that others have put into what it cannot write. */
export const INCOMPATIBLE_TABLE =
  /^# Table [`'"](.+?)['"`] (?:is incompatible|contains incompatible base-chains)/m;
const CHAIN_LINE = /^:(\S+) (\S+)(?: \[(\d+):\d+\])?$/;
const COUNTERS = /^\[(\d+):\d+\] /;
const RULE = /^-A (\S+)(?: |$)/;

interface Draft {
  readonly name: string;
  readonly policies: Map<string, string>;
  /** Written in the order in which the chains appear. */
  readonly lines: Map<string, Line[]>;
}

/** A comment may hold line ends, which iptables-save prints as they are, between the quotes. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const whole: string = open === null ? line : `${open}\n${line}`;
    open = quoteIsOpen(whole) && /^(\[\d+:\d+\] )?-A /.test(whole) ? whole : null;
    if (open === null) lines.push(whole);
  }
  return open === null ? lines : [...lines, open];
}

const quoteIsOpen = (text: string): boolean =>
  text.includes('"') && (text.replace(/\\./gs, '').match(/"/g)?.length ?? 0) % 2 === 1;

/** Reads what iptables-save, iptables-legacy-save, ip6tables-save … print, with or without counters. Never throws. */
export function parseIptablesSave(text: string, origin: IptablesOrigin): ParsedIptables {
  const listed = listIptablesSave(text, origin);
  return { ...listed, tables: listed.tables.map(readSavedTable) };
}

/** All rules of a table at once. */
export const readSavedTable = (table: SavedTable): Table => ({
  ...table,
  chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.map((rule) => rule.read()) })),
});

/** The same, with rules that wait to be read. */
export function listIptablesSave(text: string, origin: IptablesOrigin): ParsedIptables<SavedTable> {
  const tables: SavedTable[] = [];
  const unknowns: string[] = [];
  const incompatible: string[] = [];
  const ipsets = asUsed(origin.ipsets ?? NO_SETS, text);
  const sets = [...[...ipsets.values()].map(({ set }) => set), ...recentSets(origin.recent ?? null, text)];
  let draft: Draft | null = null;
  const mentions = mentionsIn(text);
  const finish = (): void => {
    if (draft) tables.push(readTable(draft, { ...origin, ipsets, mentions }, unknowns, sets));
    draft = null;
  };
  const broken = (): void => {
    if (draft) unknowns.push(`the iptables listing of table ${draft.name} has no end`);
    finish();
  };
  for (const raw of logicalLines(text)) {
    const line = raw.trimEnd();
    if (line === '') continue;
    if (line.startsWith('#')) {
      const name = INCOMPATIBLE_TABLE.exec(line)?.[1];
      if (name !== undefined) incompatible.push(name);
    } else if (line.startsWith('*')) {
      broken();
      draft = { name: line.slice(1), policies: new Map(), lines: new Map() };
    } else if (line === 'COMMIT') {
      finish();
    } else if (!draft || !readLine(line, draft)) {
      unknowns.push(`a line of the iptables listing was not understood: ${line}`);
    }
  }
  broken();
  return { tables, unknowns, incompatible };
}

/** Chains and rules of a table; whether the line was one. */
function readLine(line: string, draft: Draft): boolean {
  const chain = CHAIN_LINE.exec(line);
  if (chain) {
    draft.policies.set(chain[1] ?? '', chain[2] ?? '-');
    return true;
  }
  const counters = COUNTERS.exec(line);
  const text = counters ? line.slice(counters[0].length) : line;
  const name = RULE.exec(text)?.[1];
  if (name === undefined) return false;
  const lines = draft.lines.get(name) ?? [];
  lines.push({ text, ...(counters && { packets: Number(counters[1]) }) });
  draft.lines.set(name, lines);
  return true;
}

function readTable(draft: Draft, origin: Source, unknowns: string[], sets: readonly NamedSet[]): SavedTable {
  const names = new Set([...draft.policies.keys(), ...draft.lines.keys()]);
  for (const name of names)
    if (!draft.policies.has(name))
      unknowns.push(`rules of iptables table ${draft.name} are for a chain that is not listed: ${name}`);
  const own = new Set([...names].filter((name) => (draft.policies.get(name) ?? '-') === '-'));
  const chains = [...names].map((name): SavedChain => {
    const rules = (draft.lines.get(name) ?? []).map((line, index): SavedRule => ({
      outline: () => outlineOf(line, index + 1),
      read: (more) => readRule(line, { ...outlineOf(line, index + 1), ...more }, own, origin),
    }));
    const policy = draft.policies.get(name) ?? '-';
    if (policy === '-') return { name, rules };
    const builtin = BUILTINS[draft.name]?.[name];
    if (!builtin) {
      unknowns.push(`it is not known where the kernel calls chain ${name} of iptables table ${draft.name}`);
      return { name, rules };
    }
    if (policy !== 'ACCEPT' && policy !== 'DROP')
      unknowns.push(`the policy of chain ${name} of iptables table ${draft.name} is not known: ${policy}`);
    return { name, base: { ...builtin, policy: policy === 'DROP' ? 'drop' : 'accept' }, rules };
  });
  return { backend: origin.backend, family: origin.family, name: draft.name, chains, sets };
}

interface Line {
  readonly text: string;
  readonly packets?: number;
}

/** The first two words are -A and the chain. */
const wordsOf = ({ text }: Line): RuleWords | null => readRuleWords(tokenize(text).slice(2));

function outlineOf(line: Line, number: number): Omit<Rule, 'parts'> {
  const { text, packets } = line;
  const commented = text.includes('--comment') ? wordsOf(line) : null;
  const comment = commented?.matches
    .find(({ name }) => name === 'comment')
    ?.options.find(({ name }) => name === '--comment')?.values[0];
  return {
    text,
    number,
    ...(comment === undefined ? {} : { comment }),
    ...(packets === undefined ? {} : { packets }),
  };
}

const readRule = (
  line: Line,
  outline: Omit<Rule, 'parts'>,
  chains: ReadonlySet<string>,
  origin: Source,
): Rule => {
  const first = firstOption(line, origin);
  const rest = (): readonly RulePart[] => readParts(line, chains, origin, first !== null);
  const piece = (at: number): readonly RulePart[] | null => {
    if (at === 0) return first ?? rest();
    return at === 1 && first ? rest() : null;
  };
  return lazyRule(outline, { piece, mentions: origin.mentions });
};

/** Addresses and interfaces stand first, and most rules are done with by the first of them. */
const FIRST_OPTION = /^-A \S+ (! )?(-[sdio]) ([^\s"!]+)(?= |$)/;

function firstOption({ text }: Line, { family }: Source): readonly RulePart[] | null {
  const [whole, negation, name = '', value = ''] = FIRST_OPTION.exec(text) ?? [];
  if (whole === undefined) return null;
  const option = { name, negate: negation !== undefined, values: [value] };
  return readBaseOption(option, family === 'ip' ? 4 : 6);
}

/** A rule that is not understood may do anything. `begun`: its first option was read before. */
function readParts(
  line: Line,
  chains: ReadonlySet<string>,
  origin: Source,
  begun: boolean,
): readonly RulePart[] {
  const words = wordsOf(line);
  if (!words) return [{ type: 'unmodelled', text: line.text, decides: true }];
  const family = origin.family === 'ip' ? 4 : 6;
  const ipsets = origin.ipsets ?? NO_SETS;
  const { target } = words;
  return [
    ...(begun ? words.base.slice(1) : words.base).flatMap((option) => readBaseOption(option, family)),
    ...words.matches.flatMap((match) =>
      match.name === 'set' ? readSetMatch(match, ipsets) : readMatch(match, family),
    ),
    ...(target?.name === 'SET' && !chains.has('SET')
      ? readSetTarget(target, ipsets)
      : readTarget(target, chains)),
  ];
}
