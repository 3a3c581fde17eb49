/** What only the text of `nft -a list ruleset` shows. */
export interface ListingText {
  /** The rule as nft writes it, without counters. */
  ruleText(family: string, table: string, chain: string, handle: number): string | null;
  /** The devices that a base chain of a device's hook is called for; null: the listing does not have it. */
  devices(family: string, table: string, chain: string): readonly string[] | null;
  /** The kernel calls no chain of such a table. */
  isDormant(family: string, table: string): boolean;
}

const TABLE = /^table (\S+) (\S+) \{/;
const BLOCK = /^\t(\S+) (\S+) \{/;
const RULE_END = / # handle (\d+)$/;

/** `type filter hook ingress device "eth0" priority …`, `devices = { "a", "b" }`, or none where they are gone. */
const DEVICE_HOOK = /^\t\ttype \S+ hook (?:ingress|egress) (.*)priority /;

const devicesOf = (words: string): readonly string[] =>
  words.match(/[^\s",={}]+/g)?.filter((word) => word !== 'device' && word !== 'devices') ?? [];

const ruleKey = (...parts: readonly (string | number)[]): string => parts.join('\u0000');

/** Reads the listing line by line; a rule may be wrapped over several lines, of which the last has the handle. */
export function readListingText(text: string): ListingText {
  const rules = new Map<string, string>();
  const dormant = new Set<string>();
  const devices = new Map<string, readonly string[]>();
  let table: readonly [string, string] | null = null;
  let chain: string | null = null;
  let wrapped: string[] = [];
  for (const line of text.split('\n')) {
    const tableLine = TABLE.exec(line);
    if (tableLine) {
      table = [tableLine[1] ?? '', tableLine[2] ?? ''];
      chain = null;
      continue;
    }
    if (!table) continue;
    if (/^\tflags .*\bdormant\b/.test(line)) dormant.add(ruleKey(...table));
    const block = BLOCK.exec(line);
    if (block) chain = block[1] === 'chain' ? (block[2] ?? null) : null;
    else if (line === '\t}') chain = null;
    else if (chain !== null && line.startsWith('\t\t')) {
      wrapped.push(line.trim());
      const handle = RULE_END.exec(line)?.[1];
      const header =
        wrapped.length === 1 &&
        /^(type|comment|policy|flags) .*;?$/.test(line.trim()) &&
        handle === undefined;
      const hook = DEVICE_HOOK.exec(line)?.[1];
      if (header && hook !== undefined) devices.set(ruleKey(...table, chain), devicesOf(hook));
      if (handle === undefined && !header) continue;
      if (handle !== undefined)
        rules.set(
          ruleKey(...table, chain, Number(handle)),
          withoutCounters(wrapped.join(' ').replace(RULE_END, '')),
        );
      wrapped = [];
      continue;
    }
    wrapped = [];
  }
  return {
    ruleText: (...where) => rules.get(ruleKey(...where)) ?? null,
    devices: (...where) => devices.get(ruleKey(...where)) ?? null,
    isDormant: (family, name) => dormant.has(ruleKey(family, name)),
  };
}

const withoutCounters = (text: string): string =>
  text.replace(/counter packets \d+ bytes \d+/g, 'counter').replace(/ used \d+ \w+/g, '');
