import type { Chain, Hook, RulePart, Table } from '../model/ruleset.ts';
import { entry } from '../host/external-json.ts';
import { isWatcher, readFrameOption, type FrameOption } from './ebtables/matches.ts';
import { readFrameTarget } from './ebtables/targets.ts';
import { unmodelledMatch } from './iptables/values.ts';
import { tokenize, type Token } from './iptables/tokens.ts';

/** What each rule of a chain means; its place in the chain is its place in nft's list. */
export type SavedFrameRules = ReadonlyMap<string, readonly SavedFrameRule[]>;

export interface SavedFrameRule {
  /** As ebtables writes it. */
  readonly text: string;
  readonly read: () => readonly RulePart[];
}

/** Options without a value. */
const BARE: ReadonlySet<string> = new Set([
  '--arp-gratuitous',
  '--log',
  '--log-ip',
  '--log-ip6',
  '--log-arp',
  '--nflog',
  '--ulog',
  '--snat-arp',
]);

/** Options of targets: they are read together with it. */
const OF_TARGETS =
  /^--(?:mark-(?:set|or|and|xor|target)|to-(?:src|dst|source|destination)|(?:snat|dnat|redirect|arpreply)-\S+)$/;

/** What `ebtables-nft-save` prints, by `TABLE CHAIN`. Never throws; a rule that is not understood is one that may do anything. */
export function parseEbtablesSave(text: string): SavedFrameRules {
  const found = new Map<string, SavedFrameRule[]>();
  const chainsOf = new Map<string, Set<string>>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const chain = /^:(\S+)/.exec(line)?.[1];
    const own = chainsOf.get(table) ?? new Set<string>();
    chainsOf.set(table, own);
    if (chain !== undefined) own.add(chain);
    const name = /^-A (\S+)(?: |$)/.exec(line)?.[1];
    if (name === undefined) continue;
    const key = `${table} ${name}`;
    const rules = found.get(key) ?? [];
    rules.push({ text: line.trim(), read: () => readRule(line, own) });
    found.set(key, rules);
  }
  return found;
}

/** The tables of legacy ebtables (enum nf_br_hook_priorities), as `ebtables-legacy-save` prints them. */
export function parseEbtablesTables(listing: string): {
  readonly tables: readonly Table[];
  readonly unknowns: readonly string[];
} {
  const rules = parseEbtablesSave(listing);
  const chains = new Map<string, Chain[]>();
  const unknowns: string[] = [];
  let table = '';
  for (const line of listing.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name === undefined) {
      if (!LISTED.test(line))
        unknowns.push(`a line of the ebtables listing was not understood: ${line.trim()}`);
      continue;
    }
    const at = entry(BUILTIN, `${table} ${name}`);
    const base = at && {
      type: 'filter' as const,
      hook: at[0],
      priority: at[1],
      policy: policy === 'DROP' ? ('drop' as const) : ('accept' as const),
    };
    const own = (rules.get(`${table} ${name}`) ?? []).map(({ text, read }, index) => ({
      text,
      number: index + 1,
      parts: read(),
    }));
    chains.set(table, [...(chains.get(table) ?? []), { name, ...(base && { base }), rules: own }]);
  }
  const routes = chains.get('broute')?.some((chain) => chain.rules.length > 0) === true;
  return {
    tables: [...chains].map(([name, held]) => ({
      backend: 'legacy',
      family: 'bridge',
      name,
      chains: held,
      sets: [],
    })),
    unknowns: [
      ...unknowns,
      ...(routes
        ? ['Rules in the table broute of legacy ebtables take frames past bridges: they are not modelled.']
        : []),
    ],
  };
}

/** A table, a rule, a remark; or nothing. */
const LISTED = /^(?:\*\S+|-A \S+.*|#.*|COMMIT)?\s*$/;

const BUILTIN: Readonly<Record<string, readonly [Hook, number]>> = {
  'nat PREROUTING': ['prerouting', -300],
  'nat OUTPUT': ['output', 100],
  'nat POSTROUTING': ['postrouting', 300],
  'filter INPUT': ['input', -200],
  'filter FORWARD': ['forward', -200],
  'filter OUTPUT': ['output', 200],
};

function readRule(line: string, chains: ReadonlySet<string>): readonly RulePart[] {
  const words = splitOptions(tokenize(line).slice(2));
  if (!words) return [{ type: 'unmodelled', text: line, decides: true }];
  const target = words.find(({ name }) => name === '-j');
  const parts: RulePart[] = [];
  for (const option of words) {
    if (option === target || OF_TARGETS.test(option.name)) continue;
    if (isWatcher(option.name)) continue;
    const read = readFrameOption(option);
    parts.push(
      ...(read ?? [
        unmodelledMatch([option.name, ...(option.negate ? ['!'] : []), option.value].join(' ').trim()),
      ]),
    );
  }
  const own = words.filter(({ name }) => OF_TARGETS.test(name));
  return target ? [...parts, ...readFrameTarget(target.value, own, chains)] : parts;
}

/** Null where the words make no options. */
function splitOptions(tokens: readonly Token[]): readonly FrameOption[] | null {
  const options: FrameOption[] = [];
  let at = 0;
  while (at < tokens.length) {
    const name = tokens[at++];
    if (!name || name.quoted || !name.text.startsWith('-')) return null;
    let negate = false;
    if (tokens[at]?.text === '!') {
      negate = true;
      at++;
    }
    if (BARE.has(name.text)) {
      options.push({ name: name.text, negate, value: '' });
      continue;
    }
    const value = tokens[at++];
    if (!value) return null;
    options.push({ name: name.text, negate, value: value.text });
  }
  return options;
}
