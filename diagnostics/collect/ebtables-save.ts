import type { RulePart } from '../model/ruleset.ts';
import { isWatcher, readFrameOption, type FrameOption } from './ebtables/matches.ts';
import { readFrameTarget } from './ebtables/targets.ts';
import { unmodelledMatch } from './iptables/values.ts';
import { tokenize, type Token } from './iptables/tokens.ts';

/** What each rule of a chain means; its place in the chain is its place in nft's list. */
export type SavedFrameRules = ReadonlyMap<string, readonly (() => readonly RulePart[])[]>;

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
  const found = new Map<string, (() => readonly RulePart[])[]>();
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
    rules.push(() => readRule(line, own));
    found.set(key, rules);
  }
  return found;
}

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
