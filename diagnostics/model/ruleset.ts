import type { Prefix } from './ip.ts';
import type { Field } from './rule-field.ts';

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
  /** NFQUEUE numbers that a program reads from; absent: not known. */
  readonly boundQueues?: readonly number[];
  /** Whether there is any IPsec policy here; absent: not known. */
  readonly ipsecPolicies?: boolean;
  /** The clock when the rules were read, in seconds since 1970, where some ask for it; absent: not known. */
  readonly clock?: number;
  /** How far the local time of that moment was ahead of UTC, in seconds. */
  readonly clockAhead?: number;
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
    /** Of netdev chains (and ingress chains of inet tables): the interfaces they sit on. */
    readonly devices?: readonly string[];
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
  /** The same of an address: `::1/::ffff:ffff:ffff:ffff`, whatever the prefix. */
  | { readonly type: 'address bits'; readonly mask: string; readonly value: string }
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
      /** It holds of a packet without a connection, too (iptables' `conntrack`, which asks such a packet for its state alone). */
      readonly orNoConnection?: true;
    }
  /** Bits of the packet, read by a little program (iptables' `u32`); all tests have to hold. */
  | { readonly type: 'u32'; readonly negate: boolean; readonly tests: readonly U32Test[] }
  /** A program of classic BPF that reads the packet (iptables' `bpf`); it matches where it returns anything but 0. */
  | { readonly type: 'bytecode'; readonly program: readonly BytecodeInstruction[] }
  /** A text somewhere in the packet, `from` the network header on (iptables' `string`). */
  | {
      readonly type: 'text';
      readonly negate: boolean;
      readonly bytes: readonly number[];
      readonly from: number;
      readonly to: number;
      readonly ignoreCase: boolean;
    }
  | TimeMatch
  /** The connections that a rule counts (`ct count`, connlimit) are more than these, or (not `over`) no more. */
  | { readonly type: 'connection-count'; readonly over: boolean; readonly limit: number }
  /** The bytes that have met a rule, this packet's among them, are more than the quota, or (not `over`) no more. */
  | { readonly type: 'quota'; readonly over: boolean; readonly bytes: number; readonly used: number }
  /**
   * How often an address was noted in a list (iptables' `recent`): at least so many times. `lately`: only those of late count, and
   * when the others were is not known.
   */
  | {
      readonly type: 'noted';
      readonly field: Field;
      readonly set: string;
      readonly atLeast: number;
      readonly lately: boolean;
    }
  /**
   * A match that is not modelled, or that depends on time, chance or history: both outcomes are followed. `chance`: the kernel
   * draws or counts (`statistic`), so that of several connections some match and some do not.
   */
  | {
      readonly type: 'unmodelled';
      readonly text: string;
      readonly chance?: true;
      readonly because?: Because;
    };

/** What decides a match that no fact tells of. */
export type Because = 'rate' | 'amount' | 'processor' | 'fingerprint';

/** A time of the day (in seconds; over midnight where `from` is later), on days, between moments in seconds since 1970; all UTC. */
export interface TimeMatch {
  readonly type: 'time';
  readonly from: number;
  readonly to: number;
  /** 1: Monday. */
  readonly weekdays: readonly number[];
  readonly monthDays: readonly number[];
  readonly since: number;
  readonly until?: number;
  /** What goes over midnight is of the day on which it began. */
  readonly contiguous?: boolean;
}

/** struct sock_filter of linux/filter.h. */
export interface BytecodeInstruction {
  readonly code: number;
  /** How many instructions a jump leaves out, by how its comparison ends (`jt`, `jf`). */
  readonly whenTrue: number;
  readonly whenFalse: number;
  /** `k`: a constant, an offset, a cell of memory. */
  readonly number: number;
}

/** One test of `u32`: four bytes from `start` of the network header on, changed step by step, lie in one of the ranges. */
export interface U32Test {
  readonly start: number;
  /** `@`: what was read so far is added to where reading begins, and it is read at that number from there. */
  readonly operations: readonly { readonly operator: '&' | '<<' | '>>' | '@'; readonly number: number }[];
  readonly ranges: readonly (readonly [number, number])[];
}

export type Verdict =
  | { readonly type: 'accept' | 'drop' | 'return' | 'continue' }
  /** To a program. `bypass`: accepted where none reads the queue, instead of dropped. Without `numbers` not known which. */
  | { readonly type: 'queue'; readonly numbers?: readonly [number, number]; readonly bypass?: boolean }
  | { readonly type: 'jump' | 'goto'; readonly chain: string };

export type Action =
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'verdict-map'; readonly fields: readonly Field[]; readonly map: VerdictMap }
  /** `with`: `icmp-port-unreachable`, `icmp-host-prohibited`, `tcp-reset` … (iptables' words). */
  | { readonly type: 'reject'; readonly with: string }
  | ({ readonly type: 'dnat' | 'snat' } & Translation)
  /** dnat, snat or redirect to what a map holds for the packet; a packet it holds nothing for goes to the next rule. */
  | {
      readonly type: 'translation-map';
      readonly change: 'dnat' | 'snat' | 'redirect';
      readonly family?: 4 | 6;
      readonly fields: readonly Field[];
      readonly map: TranslationMap;
    }
  /** The network part of the address is replaced: of the destination or the source, as the hook has it. */
  | { readonly type: 'netmap'; readonly address: string; readonly length: number }
  | { readonly type: 'masquerade'; readonly ports?: readonly [number, number] }
  /** To this machine itself (output) or to the address of the interface it came in by (prerouting). */
  | { readonly type: 'redirect'; readonly ports?: readonly [number, number]; readonly random?: boolean }
  /** new = (old & ~mask) ^ value, moved then by `shift`. */
  | {
      readonly type: 'set-mark' | 'set-ct-mark';
      readonly mask: number;
      readonly value: number;
      readonly shift?: number;
    }
  /**
   * restore: mark = (mark & ~packetMask) ^ (ct mark & connectionMask); save: the other way round. `shift`: by so many bits what is
   * copied is moved first, to the left; below nought to the right.
   */
  | {
      readonly type: 'restore-mark' | 'save-mark';
      readonly packetMask: number;
      readonly connectionMask: number;
      readonly shift?: number;
    }
  /** The prefix of an address becomes another one, and 16 bits of the rest such that the sum stays what it was (RFC 6296). */
  | {
      readonly type: 'translate-prefix';
      readonly end: 'source' | 'destination';
      readonly from: Prefix;
      readonly to: Prefix;
    }
  /** A number of the packet becomes what a map holds for it; a packet it holds nothing for goes to the next rule. */
  | {
      readonly type: 'mark-map';
      readonly target: MapTarget;
      readonly fields: readonly Field[];
      readonly map: NumberMap;
    }
  /**
   * Something of the packet is put into a set or a map, or taken out. `fields`: what of it, where that is known; without, or
   * without `change`, what a later rule finds there is open.
   */
  | {
      readonly type: 'fill';
      readonly set: string;
      readonly change?: 'add' | 'delete';
      readonly fields?: readonly Field[];
    }
  /** Bits of the packet's headers, or of what the machine knows of it, become others; conntrack and NAT are not told. */
  | { readonly type: 'rewrite'; readonly target: RewriteTarget; readonly value: Computed }
  /** A helper looks into the connection from now on: of what it announces no walk is. `early`: before conntrack has seen the packet. */
  | { readonly type: 'assign-helper'; readonly early?: true }
  /** Bits that the connection has from now on. */
  | { readonly type: 'set-label'; readonly labels: readonly number[] }
  /** new = (old & ~mask) ^ value */
  | { readonly type: 'set-tos'; readonly mask: number; readonly value: number }
  | { readonly type: 'set-ttl'; readonly change: 'set' | 'increase' | 'decrease'; readonly value: number }
  /** The largest segment that a SYN asks for, made smaller where it is larger; `route`: what fits the routes there and back. */
  | { readonly type: 'clamp-mss'; readonly mss: number | 'route' }
  /** Options of TCP are written over with nothing (`reset tcp option`, TCPOPTSTRIP). */
  | { readonly type: 'remove-tcp-options'; readonly kinds: readonly number[] }
  | FrameChange
  /** The packet's mark becomes that of the socket it would come to. */
  | { readonly type: 'restore-socket-mark' }
  | Claim
  | { readonly type: 'notrack' }
  /** Before conntrack has seen the packet: connections of different zones are strangers to each other. */
  | { readonly type: 'set-zone'; readonly id: number | 'mark'; readonly directions: ZoneDirections }
  /** counter, log, comment: nothing happens to the packet. */
  | { readonly type: 'none'; readonly text: string }
  /**
   * An action that is not modelled. `decides`: it may take, drop or pass the packet; else the packet goes on, changed in
   * a way that is not modelled.
   */
  | { readonly type: 'unmodelled'; readonly text: string; readonly decides: boolean };

/** What a rule may put another value into. `priority`: skb->priority, by which queues sort. */
export type RewriteTarget = 'saddr' | 'daddr' | 'sport' | 'dport' | 'mark' | 'ct mark' | 'priority';

export type MapTarget = RewriteTarget | 'ct zone';

/** A value written in the rule, or worked out from the packet: its field, changed step by step. */
export type Computed =
  | { readonly type: 'constant'; readonly value: number | string }
  | { readonly type: 'field'; readonly field: Field; readonly steps: readonly BitStep[] };

/** One operation on 32 bits. */
export interface BitStep {
  readonly operator: '&' | '|' | '^' | '<<' | '>>';
  readonly constant: number;
}

/** What rules make of a frame (ebtables, nft's `ether daddr set`). */
export type FrameChange =
  /**
   * Another hardware address; `bridge`: that of the bridge whose port it came by. `judged`: whose it is then is found out anew;
   * else it counts as whose it was before. `arp`: it is also the one that an ARP message says of its sender.
   */
  | {
      readonly type: 'set-ether';
      readonly end: 'source' | 'destination';
      readonly address: string;
      readonly judged?: true;
      readonly arp?: true;
    }
  /** Whose it counts as. */
  | { readonly type: 'set-packet-type'; readonly to: PacketType }
  /** A question of ARP is answered at once, with this address. */
  | { readonly type: 'answer-arp'; readonly address: string };

/** skb->pkt_type */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost';

/**
 * TPROXY: the packet is given, as it is, to the transparent socket that listens here, wherever it was going. Without an address,
 * to that of the interface it came in by; without a port, to its own.
 */
export interface Claim {
  readonly type: 'claim';
  readonly family?: 4 | 6;
  readonly address?: string;
  readonly port?: number;
  /** Of iptables: new = (old & ~mask) ^ value, where a socket takes it. */
  readonly mark?: { readonly mask: number; readonly value: number };
  /** Where no socket takes it: iptables drops the packet, nft goes to the next rule. */
  readonly otherwise: 'drop' | 'next';
}

/** For which direction of a connection the zone tells it from others. */
export type ZoneDirections = 'both' | 'original' | 'reply';

export interface Translation {
  readonly address?: AddressRange;
  readonly ports?: readonly [number, number];
  /** Another port of the range than the packet's own may be taken although its own is free. */
  readonly random?: boolean;
  /** A client comes to the same address of the range whatever it asks for. */
  readonly persistent?: boolean;
  /** Ports are mapped one to one: this one to the first of the range (`:8000-8099/80`). */
  readonly basePort?: number;
  /** Of inet tables: packets of the other family are left alone. */
  readonly family?: 4 | 6;
}

export type TranslationMap =
  | { readonly type: 'inline'; readonly entries: readonly TranslationMapEntry[]; readonly complete?: boolean }
  | { readonly type: 'named'; readonly name: string };

export interface TranslationMapEntry {
  readonly tuple: readonly Value[];
  readonly to: Translation;
  /** Prefix length, where the network part of the address is replaced. */
  readonly netmap?: number;
}

export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

export type VerdictMap =
  /** `complete`: there is an entry for every number that can be drawn. */
  | { readonly type: 'inline'; readonly entries: readonly VerdictMapEntry[]; readonly complete?: boolean }
  | { readonly type: 'named'; readonly name: string };

export interface VerdictMapEntry {
  readonly tuple: readonly Value[];
  readonly verdict: Verdict;
}

export type NumberMap =
  | { readonly type: 'inline'; readonly entries: readonly NumberMapEntry[]; readonly complete?: boolean }
  | { readonly type: 'named'; readonly name: string };

export interface NumberMapEntry {
  readonly tuple: readonly Value[];
  /** Text: an address. */
  readonly value: number | string;
}

/** A named set or map of an nft table. */
export interface NamedSet {
  readonly name: string;
  readonly tuples: readonly (readonly Value[])[];
  /** Elements that are marked as not belonging to it (ipset's `nomatch`): of all that fit, the narrowest counts. */
  readonly exceptions?: readonly (readonly Value[])[];
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
  /** A list of other sets (ipset's `list:set`): its elements are theirs. */
  readonly joined?: true;
  /** What it holds was not understood: any lookup is open. */
  readonly unreadable?: true;
}
