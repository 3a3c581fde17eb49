import { lazyRule, type Mention, type UnreadRule } from '../model/lazy-rule.ts';
import type { Chain, Hook, NamedSet, Rule, RulePart, Table, TableFamily } from '../model/ruleset.ts';
import {
  at,
  isList,
  isObject,
  listOf,
  numberAt,
  textAt,
  type Json,
  type JsonObject,
} from './nftables/json.ts';
import { hiddenMatch, readHiddenFamilies, type HiddenFamily } from './nftables/bytecode.ts';
import { isLimited } from './nftables/limits.ts';
import { readListingText, type ListingText } from './nftables/listing-text.ts';
import { toNamedSet } from './nftables/sets.ts';
import { readStatement } from './nftables/statements.ts';

export interface ParsedNftables<T = Table> {
  /** Every table, those of iptables-nft too: what iptables-nft-save knows of these comes in by assembleRuleset(). */
  readonly tables: readonly T[];
  readonly unknowns: readonly string[];
}

/** A table whose rules are read one by one, as far as somebody asks. */
export interface NftTable extends Omit<Table, 'chains'> {
  readonly chains: readonly NftChain[];
}

/** A chain whose rules are read when somebody asks. */
export interface NftChain extends Omit<Chain, 'rules'> {
  readonly rules: readonly NftRule[];
}

export interface NftRule {
  readonly handle: number | null;
  /** It has an extension of iptables, of which nft shows the name at most. */
  isOpaque(): boolean;
  /** It has what no iptables rule has: a set, a map. */
  isNative(): boolean;
  /** What it asks and does; `text`: how it is to be called where something is not understood. */
  unread(text: string): UnreadRule;
  read(): Rule;
}

const FAMILIES: readonly string[] = ['ip', 'ip6', 'inet', 'bridge', 'netdev', 'arp'] satisfies TableFamily[];
const HOOKS: readonly string[] = [
  'ingress',
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'egress',
] satisfies Hook[];

const isFamily = (text: string | null): text is TableFamily => text !== null && FAMILIES.includes(text);
const isHook = (text: string | null): text is Hook => text !== null && HOOKS.includes(text);

/**
 * Reads `nft -j list ruleset`; `text` is `nft -a list ruleset`, which has the rules as a user writes them (empty: rules are
 * shown as JSON); `bytecode` is `nft --debug=netlink list ruleset` where mayHideFamilies() asks for it. Never throws.
 */
export function parseNftJson(json: string, text: string, bytecode: string | null = null): ParsedNftables {
  const { tables, unknowns } = listNftJson(json, text, bytecode);
  return { tables: tables.map(readNftTable), unknowns };
}

const readNftTable = (table: NftTable): Table => ({
  ...table,
  chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.map((rule) => rule.read()) })),
});

/** The same, with rules that wait to be read. */
export function listNftJson(
  json: string,
  text: string,
  bytecode: string | null = null,
): ParsedNftables<NftTable> {
  const unknowns: string[] = [];
  const listing: Listing = {
    ...readListingText(text),
    hiddenFamily: readHiddenFamilies(bytecode),
    mentions: mentionsIn(json),
  };
  const objects = listOf(at(parse(json), 'nftables'));
  if (objects.length === 0) unknowns.push('the listing of nft was not understood');
  const drafts = new Map<string, Draft>();
  for (const object of objects) addObject(object, drafts, unknowns);
  return { tables: [...drafts.values()].map((draft) => finish(draft, listing, unknowns)), unknowns };
}

function parse(json: string): Json | undefined {
  try {
    return JSON.parse(json) as Json;
  } catch {
    return undefined;
  }
}

const mentionsIn = (json: string): ReadonlySet<Mention> =>
  new Set<Mention>([
    ...(json.includes('"socket"') || json.includes('"tproxy"') ? (['sockets'] as const) : []),
    ...(/"mangle": ?\{"key": ?\{"payload"/.test(json) ? (['rewrites'] as const) : []),
    ...(json.includes('"zone"') ? (['zones'] as const) : []),
  ]);

interface Listing extends ListingText {
  readonly mentions: ReadonlySet<Mention>;
  readonly hiddenFamily: HiddenFamily;
}

interface Draft {
  readonly family: TableFamily;
  readonly name: string;
  readonly dormant: boolean;
  readonly chains: Map<string, { readonly json: JsonObject; readonly rules: JsonObject[] }>;
  readonly sets: JsonObject[];
}

/** Objects that hold no rule: what they name is harmless, or is named by the rules that use it. */
const IGNORED = new Set([
  'metainfo',
  'flowtable',
  'counter',
  'quota',
  'limit',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
  'synproxy',
  'tunnel',
]);

function addObject(object: Json, drafts: Map<string, Draft>, unknowns: string[]): void {
  const [kind = ''] = isObject(object) ? Object.keys(object) : [];
  const body = at(object, kind);
  if (IGNORED.has(kind)) return;
  const family = textAt(body, 'family');
  if (!isObject(body) || !isFamily(family)) {
    unknowns.push(`an object of the nft listing was not understood (${kind || 'nameless'})`);
    return;
  }
  const name = textAt(body, kind === 'table' ? 'name' : 'table') ?? '';
  const key = `${family} ${name}`;
  const draft: Draft = drafts.get(key) ?? {
    family,
    name,
    dormant: listOf(body['flags']).includes('dormant'),
    chains: new Map(),
    sets: [],
  };
  drafts.set(key, draft);
  switch (kind) {
    case 'table':
      return;
    case 'chain':
      draft.chains.set(textAt(body, 'name') ?? '', { json: body, rules: [] });
      return;
    case 'set':
    case 'map':
      draft.sets.push(body);
      return;
    case 'rule': {
      const chain = draft.chains.get(textAt(body, 'chain') ?? '');
      if (chain) chain.rules.push(body);
      else unknowns.push(`a rule of nft table ${key} belongs to no chain of the listing`);
      return;
    }
    default:
      unknowns.push(`an object of the nft listing was not understood (${kind})`);
  }
}

function finish(draft: Draft, listing: Listing, unknowns: string[]): NftTable {
  const { family, name } = draft;
  const dormant = draft.dormant || listing.isDormant(family, name);
  const filled = new Set<string>();
  const limited = new Set<string>();
  for (const { rules } of draft.chains.values())
    for (const rule of rules)
      for (const statement of listOf(rule['expr'])) {
        const fill = at(statement, 'set') ?? at(statement, 'map') ?? at(statement, 'meter');
        const set = textAt(fill, 'set')?.replace(/^@/, '');
        if (set === undefined) continue;
        filled.add(set);
        if (isLimited(at(fill, 'stmt'))) limited.add(set);
      }
  const chains = [...draft.chains].map(([chainName, chain]): NftChain => {
    const base = dormant ? null : readBase(chain.json, listing.devices(family, name, chainName));
    if (base === 'unknown')
      unknowns.push(
        `it is not known where the kernel calls chain ${chainName} of nft table ${family} ${name}`,
      );
    const texts = listing.rulesOf(family, name, chainName);
    const rules = chain.rules.map((rule, index) =>
      readRule(rule, index + 1, { table: draft, name: chainName, texts, listing }),
    );
    return { name: chainName, ...(base && base !== 'unknown' && { base }), rules };
  });
  const sets = draft.sets
    .map((set) => toNamedSet(set, { filled, limited }))
    .filter((set): set is NamedSet => set !== null);
  return { backend: 'nft', family, name, chains, sets };
}

/** `listed`: the devices that only the text shows (nft 1.0.6 leaves them out of its JSON). */
function readBase(json: JsonObject, listed: readonly string[] | null): Chain['base'] | 'unknown' | null {
  if (['type', 'hook', 'prio', 'policy'].every((key) => json[key] === undefined)) return null;
  const hook = textAt(json, 'hook');
  const type = textAt(json, 'type');
  const [priority, policy] = [numberAt(json, 'prio'), textAt(json, 'policy')];
  if (!isHook(hook) || (type !== 'filter' && type !== 'nat' && type !== 'route')) return 'unknown';
  if (priority === null || (policy !== 'accept' && policy !== 'drop')) return 'unknown';
  const devices = listOf(json['dev'] ?? json['devices']).filter((device) => typeof device === 'string');
  return {
    type,
    hook,
    priority,
    policy: policy === 'drop' ? 'drop' : 'accept',
    ...(devices.length > 0 ? { devices } : listed && { devices: listed }),
  };
}

interface ListedChain {
  readonly table: Draft;
  readonly name: string;
  readonly texts: ReadonlyMap<number, string>;
  readonly listing: Listing;
}

function readRule(json: JsonObject, number: number, { table, name, texts, listing }: ListedChain): NftRule {
  const handle = numberAt(json, 'handle');
  const statements = listOf(json['expr']);
  const writeText = (): string =>
    (handle === null ? undefined : texts.get(handle)) ?? JSON.stringify(statements);
  const piece = (text: string, at: number): readonly RulePart[] | null => {
    // nft (seen in 1.0.6) lists a rule without what it cannot read of it; there is none that says nothing.
    if (statements.length === 0) return at === 0 ? [{ type: 'unmodelled', text, decides: true }] : null;
    const statement = statements[at];
    if (statement === undefined) return null;
    const parts = readStatement(statement, text, at === statements.length - 1);
    if (at > 0) return parts;
    const where = { family: table.family, name: table.name, chain: name, handle, text };
    const unseen = hidden(statements, where, listing);
    return unseen.length === 0 ? parts : [...unseen, ...parts];
  };
  const unread = (text: string): UnreadRule => ({
    piece: (at) => piece(text, at),
    mentions: listing.mentions,
  });
  return {
    handle,
    isOpaque: () => statements.some((statement) => at(statement, 'xt') !== undefined),
    isNative: () => statements.some(looksUp),
    unread,
    read() {
      const text = writeText();
      const comment = textAt(json, 'comment');
      const packets = statements
        .map((statement) => numberAt(at(statement, 'counter'), 'packets'))
        .find((n) => n !== null);
      const outline = {
        text,
        number,
        ...(handle !== null && { handle }),
        ...(comment !== null && { comment }),
        ...(packets !== undefined && packets !== null && { packets }),
      };
      return lazyRule(outline, unread(text));
    },
  };
}

const LOOKUPS: ReadonlySet<string> = new Set(['set', 'vmap', 'map', 'concat']);

/** A set or a map, written in the rule or by its name (`@name`). */
const looksUp = (json: Json): boolean => {
  if (typeof json !== 'object' || json === null) return false;
  if (isList(json)) return json.some(looksUp);
  for (const key in json) {
    const value = json[key] ?? null;
    if (LOOKUPS.has(key) || (key === 'right' && typeof value === 'string' && value.startsWith('@')))
      return true;
    if (looksUp(value)) return true;
  }
  return false;
};

/** Rules of tables for both families whose reset may be for one of them only. */
function hidden(
  statements: readonly Json[],
  {
    family,
    name: table,
    chain,
    handle,
    text,
  }: Pick<Draft, 'family' | 'name'> & {
    readonly chain: string;
    readonly handle: number | null;
    readonly text: string;
  },
  { hiddenFamily }: Listing,
): readonly RulePart[] {
  if (family === 'ip' || family === 'ip6' || handle === null) return [];
  const resets = statements.some((statement) => textAt(at(statement, 'reject'), 'type') === 'tcp reset');
  return resets ? hiddenMatch(hiddenFamily({ family, table, chain, handle }), text) : [];
}
