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
const HANDLE = / # handle (\d+)$/;
const HEADER = /^(type|comment|policy|flags) .*;?$/;

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
    if (table && chain !== null && line.startsWith('\t\t')) {
      const words = line.trim();
      const handle = HANDLE.exec(line)?.[1];
      const header = wrapped.length === 0 && handle === undefined && HEADER.test(words);
      const hook = header ? DEVICE_HOOK.exec(line)?.[1] : undefined;
      if (hook !== undefined) devices.set(ruleKey(...table, chain), devicesOf(hook));
      if (handle !== undefined)
        rules.set(
          ruleKey(...table, chain, handle),
          withoutCounters([...wrapped, words].join(' ').replace(HANDLE, '')),
        );
      wrapped = handle !== undefined || header ? [] : [...wrapped, words];
      continue;
    }
    wrapped = [];
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
  }
  return {
    ruleText: (...where) => rules.get(ruleKey(...where)) ?? null,
    devices: (...where) => devices.get(ruleKey(...where)) ?? null,
    isDormant: (family, name) => dormant.has(ruleKey(family, name)),
  };
}

const withoutCounters = (text: string): string =>
  text.replace(/counter packets \d+ bytes \d+/g, 'counter').replace(/ used \d+ \w+/g, '');
