import type { Field } from '../model/rule-field.ts';
import type { Action } from '../model/rule-action.ts';
import type { Verdict } from '../model/rule-map.ts';
import type { Match, Value } from '../model/rule-match.ts';
import type { Chain, Hook, Rule, RulePart, Table } from '../model/ruleset.ts';
import { entry } from '../host/external-json.ts';
import { macOf } from './ebtables/matches.ts';
import {
  compare,
  interfaceValue,
  number,
  readNumber,
  readPrefix,
  text,
  unmodelledMatch,
} from './iptables/values.ts';

/** NF_ARP_IN, NF_ARP_OUT and NF_ARP_FORWARD (of bridges, by way of br_netfilter). */
const HOOKS: Readonly<Record<string, Hook>> = { INPUT: 'input', OUTPUT: 'output', FORWARD: 'forward' };

/**
 * What `arptables-legacy -L -n` prints of its only table: `Chain INPUT (policy ACCEPT)`, and a rule a line (`-j DROP -s 10.0.0.1`).
 * Never throws; what is not understood is uncertain.
 */
export function parseArptables(listing: string): Table {
  const lines = listing.split('\n');
  const own = new Set(
    lines.flatMap((line) => {
      const name = /^Chain (\S+) \(\d+ references?\)/.exec(line)?.[1];
      return name === undefined ? [] : [name];
    }),
  );
  const chains: { -readonly [K in keyof Chain]: Chain[K] extends readonly Rule[] ? Rule[] : Chain[K] }[] = [];
  for (const line of lines) {
    const [, name, policy] = /^Chain (\S+) \((?:policy (\w+)|\d+ references?)/.exec(line) ?? [];
    if (name !== undefined) {
      const hook = entry(HOOKS, name);
      chains.push({
        name,
        ...(hook &&
          policy !== undefined && {
            base: {
              type: 'filter' as const,
              hook,
              priority: 0,
              policy: policy === 'DROP' ? ('drop' as const) : ('accept' as const),
            },
          }),
        rules: [],
      });
      continue;
    }
    const chain = chains.at(-1);
    if (!chain || line.trim() === '') continue;
    const written = `-A ${chain.name} ${line.trim()}`;
    chain.rules.push({ text: written, number: chain.rules.length + 1, parts: readRule(line.trim(), own) });
  }
  return { backend: 'legacy', family: 'arp', name: 'filter', chains, sets: [] };
}

interface Option {
  readonly name: string;
  readonly negate: boolean;
  readonly value: string;
}

function readRule(line: string, chains: ReadonlySet<string>): readonly RulePart[] {
  const matches: Match[] = [];
  let target: readonly Action[] = [];
  const options = optionsOf(line.split(/\s+/));
  for (const option of options) {
    if (option.name === '-j') target = readTarget(option.value, options, chains);
    else if (!OF_TARGETS.test(option.name))
      matches.push(
        entry(READERS, option.name)?.(option) ??
          unmodelledMatch(`${option.negate ? '! ' : ''}${option.name} ${option.value}`),
      );
  }
  return [...matches, ...target];
}

const OF_TARGETS = /^--(?:mangle-|set-class|set-mark|and-mark|or-mark)/;

function optionsOf(words: readonly string[]): readonly Option[] {
  const options: Option[] = [];
  for (let at = 0; at < words.length; at++) {
    const negate = words[at] === '!';
    if (negate) at++;
    const name = words[at] ?? '';
    options.push({ name, negate, value: words[++at] ?? '' });
  }
  return options;
}

const VERDICTS: Readonly<Record<string, Verdict>> = {
  ACCEPT: { type: 'accept' },
  DROP: { type: 'drop' },
  RETURN: { type: 'return' },
};

function readTarget(
  name: string,
  options: readonly Option[],
  chains: ReadonlySet<string>,
): readonly Action[] {
  const verdict = entry(VERDICTS, name);
  if (verdict) return [{ type: 'verdict', verdict }];
  if (chains.has(name)) return [{ type: 'verdict', verdict: { type: 'jump', chain: name } }];
  const words = options.filter((option) => OF_TARGETS.test(option.name));
  const written = ['-j', name, ...words.flatMap((option) => [option.name, option.value])].join(' ');
  // It sorts what leaves into queues, and lets it go on.
  if (name === 'CLASSIFY') return [{ type: 'none', text: written }];
  return [{ type: 'unmodelled', text: written, decides: true }];
}

type Reader = (option: Option) => Match | null;

const of =
  (field: Field, read: (value: string) => Value | null): Reader =>
  ({ value, negate }) => {
    const wanted = read(value);
    return wanted && compare(field, [wanted], negate);
  };

const hardware = (value: string): Value | null => {
  const mac = macOf(value);
  return mac === null ? null : text(mac);
};
const numeric = (value: string): Value | null => {
  const wanted = readNumber(value);
  return wanted === null ? null : number(wanted);
};
const IPV4 = 0x800;

const READERS: Readonly<Record<string, Reader>> = {
  '-s': of('arp saddr ip', readPrefix),
  '-d': of('arp daddr ip', readPrefix),
  '-i': of('iif', interfaceValue),
  '-o': of('oif', interfaceValue),
  '--src-mac': of('arp saddr ether', hardware),
  '--dst-mac': of('arp daddr ether', hardware),
  '--opcode': of('arp operation', numeric),
  '--h-type': of('arp htype', numeric),
  '--h-length': of('arp hlen', numeric),
  // It is asked for IPv4's, whose addresses have four bytes.
  '--proto-type': ({ value, negate }) =>
    readNumber(value) === IPV4 ? compare('arp plen', [number(4)], negate) : null,
};
