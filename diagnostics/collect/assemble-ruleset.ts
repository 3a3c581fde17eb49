import { lazyRule } from '../model/lazy-rule.ts';
import type { Chain, Rule, Ruleset, Table } from '../model/ruleset.ts';
import { parseIpsets } from './ipset.ts';
import {
  listIptablesSave,
  readSavedTable,
  type IptablesOrigin,
  type ParsedIptables,
  type SavedChain,
  type SavedTable,
} from './iptables-save.ts';
import { parseEbtablesSave, type SavedFrameRules } from './ebtables-save.ts';
import { parseRecentLists } from './iptables/recent.ts';
import { listNftJson, type NftChain, type NftTable } from './nftables.ts';

/** What the tools printed in one namespace; a tool that is not there, or found nothing, has no text. */
export interface RulesetListings {
  /** iptables-nft-save, ip6tables-nft-save. */
  readonly compat?: { readonly ip?: string; readonly ip6?: string };
  /** iptables-legacy-save, ip6tables-legacy-save. */
  readonly legacy?: { readonly ip?: string; readonly ip6?: string };
  /** `nft -j list ruleset`, `nft -a list ruleset`, and `nft --debug=netlink list ruleset` where it is needed. */
  /** ebtables-nft-save, where a table of family bridge has extensions of its. */
  readonly frames?: string | null;
  /** `ipset save`, where rules look into such sets. */
  readonly ipsets?: string | null;
  /** What `grep -rs ''` prints of the lists of `-m recent`, where rules ask them; null: they could not be read. */
  readonly recent?: string | null;
  readonly nft?: { readonly json: string; readonly text: string; readonly bytecode?: string | null };
}

const FAMILIES = ['ip', 'ip6'] as const;

/**
 * One ruleset from all listings. A table of iptables-nft is shown by nft too, and neither shows all of it: nft prints nothing
 * of an iptables extension, and iptables-nft-save leaves out sets, foreign base chains, and at times the whole table. So nft
 * says which rules there are, and iptables-save what a rule with an extension means.
 */
export function assembleRuleset(listings: RulesetListings): Ruleset {
  const saved = new Map<string, SavedTable>();
  const partly = new Set<string>();
  const ipsets = parseIpsets(listings.ipsets ?? '');
  const recent = typeof listings.recent === 'string' ? parseRecentLists(listings.recent) : null;
  const listed = (texts: Texts | undefined, backend: IptablesOrigin['backend']): readonly Listed[] =>
    FAMILIES.flatMap((family) => {
      const text = texts?.[family];
      return text === undefined
        ? []
        : [{ family, ...listIptablesSave(text, { backend, family, ipsets, recent }) }];
    });
  const frames = parseEbtablesSave(listings.frames ?? '');
  const compat = listed(listings.compat, 'iptables-nft');
  const legacy = listed(listings.legacy, 'legacy');
  for (const { family, tables, incompatible } of compat) {
    for (const table of tables) saved.set(`${family} ${table.name}`, table);
    for (const name of incompatible) partly.add(`${family} ${name}`);
  }
  const native = listings.nft
    ? listNftJson(listings.nft.json, listings.nft.text, listings.nft.bytecode)
    : null;
  const tables = native
    ? native.tables.map((table): Table => {
        if (table.family === 'bridge') return mergeFrames(table, frames);
        const key = `${table.family} ${table.name}`;
        return mergeTable(table, saved.get(key), partly.has(key));
      })
    : // Without nft, iptables-nft-save is all there is.
      [...saved.values()].map(readSavedTable);
  tables.push(...legacy.flatMap((list) => list.tables.map(readSavedTable)));
  // Only now, since what is not understood shows itself as a rule is read.
  const unknowns = [
    ...compat.flatMap((list) => list.unknowns),
    ...(native?.unknowns ?? [...partly].map((key) => `table ${key} holds rules that only nft can list`)),
    ...legacy.flatMap((list) => list.unknowns),
  ];
  return { tables, unknowns };
}

type Texts = NonNullable<RulesetListings['compat']>;

interface Listed extends ParsedIptables<SavedTable> {
  readonly family: 'ip' | 'ip6';
}

/** Of rules for frames nft shows all but what ebtables' extensions ask; in ebtables' words it finds them again once they were taken out and put back. */
const mergeFrames = (table: NftTable, frames: SavedFrameRules): Table => ({
  ...table,
  chains: table.chains.map((chain) => {
    const saved = frames.get(`${table.name} ${chain.name}`);
    const paired = saved?.length === chain.rules.length;
    return {
      ...chain,
      rules: chain.rules.map((rule, index): Rule => {
        const own = rule.read();
        const read = paired && !rule.isNative() ? saved[index] : undefined;
        if (!read) return own;
        const opaque = own.parts.some(({ type }) => type === 'unmodelled');
        return { ...own, text: read.text, ...(opaque ? { parts: read.read() } : {}) };
      }),
    };
  }),
});

/** A table of nft with what iptables-nft-save knows of it, if it does. */
function mergeTable(table: NftTable, save: SavedTable | undefined, partly: boolean): Table {
  const { family, name, sets } = table;
  const saved = new Map(save?.chains.map((chain) => [chain.name, chain]));
  return {
    backend: save && !partly ? 'iptables-nft' : 'nft',
    family,
    name,
    chains: table.chains.map((chain) => mergeChain(chain, saved.get(chain.name))),
    sets: [...sets, ...(save?.sets ?? [])],
  };
}

/** Rules are paired by their place; where the two listings differ in number they are of different moments. */
function mergeChain(chain: NftChain, save: SavedChain | undefined): Chain {
  const paired = save?.rules.length === chain.rules.length;
  const rules = chain.rules.map((rule, index): Rule => {
    const saved = paired ? save.rules[index] : undefined;
    if (!saved || rule.isNative()) return rule.read();
    const own = rule.handle === null ? {} : { handle: rule.handle };
    if (rule.isOpaque()) return saved.read(own);
    const outline = saved.outline();
    return lazyRule({ ...outline, ...own }, rule.unread(outline.text));
  });
  return { ...chain, rules };
}
