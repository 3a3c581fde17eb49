/** What only the text of `nft -a list ruleset` shows. */
export interface ListingText {
  /** The rules of a chain as nft writes them, without counters, by their handles. */
  rulesOf(family: string, table: string, chain: string): ReadonlyMap<number, string>;
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

const keyOf = (...parts: readonly string[]): string => parts.join('\u0000');

type Rules = Map<number, string>;
const NO_RULES: ReadonlyMap<number, string> = new Map();

/** Reads the listing line by line; a rule may be wrapped over several lines, of which the last has the handle. */
export function readListingText(text: string): ListingText {
  const chains = new Map<string, Rules>();
  const dormant = new Set<string>();
  const devices = new Map<string, readonly string[]>();
  let table: readonly [string, string] | null = null;
  let chain: string | null = null;
  let rules: Rules = new Map();
  let wrapped: string[] = [];
  for (const line of text.split('\n')) {
    if (table && chain !== null && line.startsWith('\t\t')) {
      const words = line.trim();
      const handle = HANDLE.exec(line)?.[1];
      const header = wrapped.length === 0 && handle === undefined && HEADER.test(words);
      const hook = header ? DEVICE_HOOK.exec(line)?.[1] : undefined;
      if (hook !== undefined) devices.set(keyOf(...table, chain), devicesOf(hook));
      if (handle !== undefined)
        rules.set(Number(handle), withoutCounters([...wrapped, words].join(' ').replace(HANDLE, '')));
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
    if (/^\tflags .*\bdormant\b/.test(line)) dormant.add(keyOf(...table));
    const block = BLOCK.exec(line);
    if (block) {
      chain = block[1] === 'chain' ? (block[2] ?? null) : null;
      rules = new Map();
      if (chain !== null) chains.set(keyOf(...table, chain), rules);
    } else if (line === '\t}') chain = null;
  }
  return {
    rulesOf: (...where) => chains.get(keyOf(...where)) ?? NO_RULES,
    devices: (...where) => devices.get(keyOf(...where)) ?? null,
    isDormant: (family, name) => dormant.has(keyOf(family, name)),
  };
}

const withoutCounters = (text: string): string =>
  text.replace(/counter packets \d+ bytes \d+/g, 'counter').replace(/ used \d+ \w+/g, '');
