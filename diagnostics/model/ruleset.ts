import type { Action } from './rule-action.ts';
import type { Match, Value } from './rule-match.ts';
import type { NumberMapEntry, TranslationMapEntry, VerdictMapEntry } from './rule-map.ts';

/**
 * Netfilter as data, for every backend: iptables rules and nft rules become the same sequence of matches and actions,
 * evaluated left to right as the kernel does. What a parser does not know becomes `unmodelled`, never nothing.
 */
export type Backend = 'legacy' | 'iptables-nft' | 'nft';
/** Whose packets a table looks at (nft(8), address families). */
export type TableFamily = 'ip' | 'ip6' | 'inet' | 'bridge' | 'netdev' | 'arp';
/** Where the kernel calls chains (enum nf_inet_hooks, enum nf_dev_hooks). */
export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress';

/** All that netfilter does in one namespace, whatever tool has written it. */
export interface Ruleset {
  /** In the order in which they were listed; the walk sorts by hook and priority. */
  readonly tables: readonly Table[];
  /** Parts that could not be read or understood as a whole: each makes a walk through this namespace uncertain. */
  readonly unknowns: readonly string[];
  /** NFQUEUE numbers that a program reads from; absent: not known. */
  readonly boundQueues?: readonly number[];
  /** Whether there is any IPsec policy here; absent: not known. */
  readonly ipsecPolicies?: boolean;
  /** The clock when the rules were read, in seconds since 1970, where some ask for it; absent: not known. */
  readonly clock?: number;
  /** How far the local time of that moment was ahead of UTC, in seconds. */
  readonly clockAhead?: number;
}

/** Chains and sets of one owner; chains jump within their table only. */
export interface Table {
  readonly backend: Backend;
  readonly family: TableFamily;
  readonly name: string;
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
}

/** Rules that are met one after the other, until one of them decides. */
export interface Chain {
  readonly name: string;
  /** Present on base chains: the ones the kernel calls. */
  readonly base?: {
    readonly type: 'filter' | 'nat' | 'route';
    readonly hook: Hook;
    /** Lower runs first. */
    readonly priority: number;
    readonly policy: 'accept' | 'drop';
    /** Of netdev chains (and ingress chains of inet tables): the interfaces they sit on. */
    readonly devices?: readonly string[];
  };
  readonly rules: readonly Rule[];
}

/** Matches, which all have to hold, and actions behind them. */
export interface Rule {
  /** As the tool prints it (`-A FORWARD -j DROP`, or nft syntax), without counters. */
  readonly text: string;
  /** 1 for the first rule of its chain, as `iptables -L --line-numbers` counts. */
  readonly number: number;
  /** nft's handle. */
  readonly handle?: number;
  readonly comment?: string;
  readonly packets?: number;
  readonly parts: readonly RulePart[];
}

/** What a rule is made of, in the order in which the kernel meets it. */
export type RulePart = Match | Action;

/** A named set or map of an nft table. */
export interface NamedSet {
  readonly name: string;
  readonly tuples: readonly (readonly Value[])[];
  /** Elements that are marked as not belonging to it (ipset's `nomatch`); absent: it cannot have any; of all that fit, the narrowest counts: by their first network, then by their second. */
  readonly exceptions?: readonly (readonly Value[])[];
  /** The narrowest network that a packet is in hides all wider ones, even where what stands beside it is of others. */
  readonly hiding?: true;
  /** Of maps to verdicts; `tuples` is then empty. */
  readonly verdicts?: readonly VerdictMapEntry[];
  /** Of maps to addresses and ports; `tuples` is then empty. */
  readonly translations?: readonly TranslationMapEntry[];
  /** Of maps to marks and other numbers; `tuples` is then empty. */
  readonly numbers?: readonly NumberMapEntry[];
  /** How often each of `tuples` was noted, in their order; of lists that count. */
  readonly noted?: readonly number[];
  /** Rules fill it as packets pass. */
  readonly dynamic: boolean;
  /** It holds as many elements as it may: rules put in no more, unless one of them has run out by then. */
  readonly full?: true;
  /** Its elements have a limit of their own, which is asked too wherever a packet is found among them. */
  readonly limited?: true;
  /** Of a list of other sets (ipset's `list:set`), whose own `tuples` are empty: what is in any of these is in it. */
  readonly members?: readonly string[];
  /** What it holds was not understood: any lookup is open. */
  readonly unreadable?: true;
}
