import type { Chain, Rule, Ruleset, Table } from '../model/ruleset.ts';
import { parseIpsets } from './ipset.ts';
import { parseIptablesSave, type IptablesOrigin, type ParsedIptables } from './iptables-save.ts';
import { parseNftJson, type NftChain, type NftTable } from './nftables.ts';

/** What the tools printed in one namespace; a tool that is not there, or found nothing, has no text. */
export interface RulesetListings {
  /** iptables-nft-save, ip6tables-nft-save. */
  readonly compat?: { readonly ip?: string; readonly ip6?: string };
  /** iptables-legacy-save, ip6tables-legacy-save. */
  readonly legacy?: { readonly ip?: string; readonly ip6?: string };
  /** `nft -j list ruleset`, `nft -a list ruleset`, and `nft --debug=netlink list ruleset` where it is needed. */
  /** `ipset save`, where rules look into such sets. */
  readonly ipsets?: string | null;
  readonly nft?: { readonly json: string; readonly text: string; readonly bytecode?: string | null };
}

const FAMILIES = ['ip', 'ip6'] as const;

/**
 * One ruleset from all listings. A table of iptables-nft is shown by nft too, and neither shows all of it: nft prints nothing
 * of an iptables extension, and iptables-nft-save leaves out sets, foreign base chains, and at times the whole table. So nft
 * says which rules there are, and iptables-save what a rule with an extension means.
 */
export function assembleRuleset(listings: RulesetListings): Ruleset {
  const unknowns: string[] = [];
  const saved = new Map<string, Table>();
  const partly = new Set<string>();
  const ipsets = parseIpsets(listings.ipsets ?? '');
  for (const family of FAMILIES) {
    const parsed = readSave(listings.compat?.[family], { backend: 'iptables-nft', family, ipsets });
    unknowns.push(...parsed.unknowns);
    for (const table of parsed.tables) saved.set(`${family} ${table.name}`, table);
    for (const name of parsed.incompatible) partly.add(`${family} ${name}`);
  }
  const native = listings.nft
    ? parseNftJson(listings.nft.json, listings.nft.text, listings.nft.bytecode)
    : null;
  unknowns.push(...(native?.unknowns ?? []));
  const tables = (native?.tables ?? []).map((table): Table => {
    const key = `${table.family} ${table.name}`;
    const save = saved.get(key);
    saved.delete(key);
    return mergeTable(table, save, partly.has(key));
  });
  // Without nft, or where it was read a moment earlier, iptables-nft-save is all there is.
  if (!native) {
    tables.push(...saved.values());
    for (const key of partly) unknowns.push(`table ${key} holds rules that only nft can list`);
  }
  for (const family of FAMILIES) {
    const parsed = readSave(listings.legacy?.[family], { backend: 'legacy', family, ipsets });
    unknowns.push(...parsed.unknowns);
    tables.push(...parsed.tables);
  }
  return { tables, unknowns };
}

function readSave(text: string | undefined, origin: IptablesOrigin): ParsedIptables {
  return text === undefined
    ? { tables: [], unknowns: [], incompatible: [] }
    : parseIptablesSave(text, origin);
}

/** A table of nft with what iptables-nft-save knows of it, if it does. */
function mergeTable(table: NftTable, save: Table | undefined, partly: boolean): Table {
  const { family, name, sets } = table;
  const chains = table.chains.map((chain) =>
    mergeChain(
      chain,
      save?.chains.find((one) => one.name === chain.name),
    ),
  );
  return {
    backend: save && !partly ? 'iptables-nft' : 'nft',
    family,
    name,
    chains,
    sets: [...sets, ...(save?.sets ?? [])],
  };
}

/** Rules are paired by their place; where the two listings differ in number they are of different moments. */
function mergeChain(chain: NftChain, save: Chain | undefined): Chain {
  const paired = save?.rules.length === chain.rules.length;
  const rules = chain.rules.map(({ opaque, native, ...rule }, index): Rule => {
    const saved = paired ? save.rules[index] : undefined;
    if (!saved || native) return rule;
    const handle = rule.handle === undefined ? {} : { handle: rule.handle };
    return opaque ? { ...saved, ...handle } : { ...saved, ...handle, parts: rule.parts };
  });
  return { ...chain, rules };
}
