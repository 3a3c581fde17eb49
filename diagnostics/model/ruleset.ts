/**
 * Netfilter as data, for every backend: iptables rules and nft rules become the same sequence of matches and actions,
 * evaluated left to right as the kernel does. What a parser does not know becomes `unmodelled`, never nothing.
 */
export type Backend = 'legacy' | 'iptables-nft' | 'nft';
export type TableFamily = 'ip' | 'ip6' | 'inet' | 'bridge' | 'netdev' | 'arp';
export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress';

export interface Ruleset {
  /** In the order in which they were listed; the walk sorts by hook and priority. */
  readonly tables: readonly Table[];
  /** Parts that could not be read or understood as a whole: each makes a walk through this namespace uncertain. */
  readonly unknowns: readonly string[];
}

export interface Table {
  readonly backend: Backend;
  readonly family: TableFamily;
  readonly name: string;
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
}

export interface Chain {
  readonly name: string;
  /** Present on base chains: the ones the kernel calls. */
  readonly base?: {
    readonly type: 'filter' | 'nat' | 'route';
    readonly hook: Hook;
    /** Lower runs first. */
    readonly priority: number;
    readonly policy: 'accept' | 'drop';
    /** Of netdev chains. */
    readonly device?: string;
  };
  readonly rules: readonly Rule[];
}

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

export type RulePart = Match | Action;

/** What of a packet (or of its place) a match looks at. Names follow nft(8). */
export type Field =
  | 'saddr'
  | 'daddr'
  | 'l4proto'
  | 'nfproto'
  | 'sport'
  | 'dport'
  | 'iif'
  | 'oif'
  | 'ct state'
  | 'ct status'
  | 'ct direction'
  | 'ct mark'
  | 'ct original saddr'
  | 'ct original daddr'
  | 'ct original dport'
  | 'mark'
  | 'tcp flags'
  | 'icmp type'
  | 'icmp code'
  | 'saddr type'
  | 'daddr type'
  | 'length'
  | 'ttl'
  | 'pkttype'
  | 'ether saddr'
  | 'ether daddr'
  | 'physical in'
  | 'physical out';

/**
 * One value a field may have. `range` is inclusive and for addresses and numbers; `text` for interface names
 * (a trailing `*` matches any rest), states and types; `bits` matches where `(field & mask) op value`.
 */
export type Value =
  | { readonly type: 'prefix'; readonly address: string; readonly length: number }
  | { readonly type: 'range'; readonly from: string | number; readonly to: string | number }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'bits'; readonly mask: number; readonly value: number }
  | { readonly type: 'any' };

/** Where the values to compare with are: written in the rule, or in a named set of the same table. */
export type Values =
  | { readonly type: 'inline'; readonly tuples: readonly (readonly Value[])[] }
  | { readonly type: 'set'; readonly name: string };

export type Match =
  | {
      readonly type: 'compare';
      /** More than one for a concatenation (`ip saddr . tcp dport`); each tuple then has as many values. */
      readonly fields: readonly Field[];
      readonly negate: boolean;
      readonly values: Values;
    }
  /** A match that is not modelled, or that depends on time, chance or history: both outcomes are followed. */
  | { readonly type: 'unmodelled'; readonly text: string };

export type Verdict =
  | { readonly type: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly type: 'queue' }
  | { readonly type: 'jump' | 'goto'; readonly chain: string };

export type Action =
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'verdict-map'; readonly fields: readonly Field[]; readonly map: VerdictMap }
  /** `with`: `icmp-port-unreachable`, `icmp-host-prohibited`, `tcp-reset` … (iptables' words). */
  | { readonly type: 'reject'; readonly with: string }
  | { readonly type: 'dnat'; readonly address?: AddressRange; readonly ports?: readonly [number, number] }
  | { readonly type: 'snat'; readonly address?: AddressRange; readonly ports?: readonly [number, number] }
  | { readonly type: 'masquerade' }
  /** To this machine itself (output) or to the address of the interface it came in by (prerouting). */
  | { readonly type: 'redirect'; readonly ports?: readonly [number, number] }
  | { readonly type: 'set-mark'; readonly mask: number; readonly value: number }
  | { readonly type: 'set-ct-mark'; readonly mask: number; readonly value: number }
  | { readonly type: 'restore-mark' | 'save-mark'; readonly mask: number }
  | { readonly type: 'notrack' }
  /** counter, log, comment: nothing happens to the packet. */
  | { readonly type: 'none'; readonly text: string }
  /** An action that is not modelled: the packet's fate is `maybe` from here. */
  | { readonly type: 'unmodelled'; readonly text: string };

export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

export type VerdictMap =
  | { readonly type: 'inline'; readonly entries: readonly VerdictMapEntry[] }
  | { readonly type: 'named'; readonly name: string };

export interface VerdictMapEntry {
  readonly tuple: readonly Value[];
  readonly verdict: Verdict;
}

/** A named set or verdict map of an nft table. */
export interface NamedSet {
  readonly name: string;
  readonly tuples: readonly (readonly Value[])[];
  /** Of maps to verdicts; `tuples` is then empty. */
  readonly verdicts?: readonly VerdictMapEntry[];
  /** A set whose contents change by themselves (timeouts, filled by rules): a lookup that misses is `maybe`. */
  readonly dynamic: boolean;
}
