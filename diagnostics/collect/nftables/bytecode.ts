import { compare, text, unmodelledMatch } from '../iptables/values.ts';
import type { RulePart } from '../../model/ruleset.ts';

/**
 * Which family of packets a rule asks for, in the kernel's own instructions. nft (seen in 1.0.6) does not list
 * `meta nfproto ipv6` before `reject with tcp reset`, taking it for what the reject implies; but a TCP reset implies none.
 */
export type HiddenFamily = (where: {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
}) => 'ipv4' | 'ipv6' | 'any' | 'unknown';

/** `inet filter input 7` or, with the rule before it, `inet filter input 8 7`. */
const HEADER = /^(\S+) (\S+) (\S+) (\d+)(?: \d+)* *$/;
/** The family by hook, by packet type, or by the frame's EtherType. */
const LOAD = /^ *\[ (?:meta load (?:nfproto|protocol)|payload load 2b @ link header \+ 12) => reg (\d+) \]/;
const COMPARE = /^ *\[ cmp eq reg (\d+) 0x([0-9a-f]+) \]/;

const FAMILIES: Readonly<Record<string, 'ipv4' | 'ipv6'>> = {
  '00000002': 'ipv4',
  '0000000a': 'ipv6',
  '00000008': 'ipv4',
  '0000dd86': 'ipv6',
};

/** Reads `nft --debug=netlink list ruleset`. Null: it was not read, or could not be. */
export function readHiddenFamilies(bytecode: string | null): HiddenFamily {
  const found = new Map<string, 'ipv4' | 'ipv6' | 'any'>();
  let rule: string | null = null;
  let loaded: string | undefined;
  for (const line of (bytecode ?? '').split('\n')) {
    const header = HEADER.exec(line);
    if (header) {
      rule = header.slice(1, 5).join(' ');
      found.set(rule, 'any');
      loaded = undefined;
      continue;
    }
    const compared = COMPARE.exec(line);
    const family = FAMILIES[compared?.[2] ?? ''];
    if (rule !== null && family && compared?.[1] === loaded) found.set(rule, family);
    loaded = LOAD.exec(line)?.[1];
  }
  return ({ family, table, chain, handle }) =>
    found.get(`${family} ${table} ${chain} ${handle}`) ?? 'unknown';
}

/** A listing in which a reset may hide what family it is for. */
export const mayHideFamilies = (json: string): boolean => json.includes('"tcp reset"');

/** What such a rule asks of the packet beside what the listing says. */
export function hiddenMatch(family: ReturnType<HiddenFamily>, ruleText: string): readonly RulePart[] {
  switch (family) {
    case 'any':
      return [];
    case 'unknown':
      return [unmodelledMatch(`whether “${ruleText}” is for IPv4, IPv6 or both (nft does not list it)`)];
    default:
      return [compare('nfproto', [text(family)])];
  }
}
