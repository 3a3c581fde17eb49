import type { Field } from './rule-field.ts';

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
  /** `exceptions`: what is asked is whether an exception of the set is the narrowest that fits (ipset's `--return-nomatch`). */
  | { readonly type: 'set'; readonly name: string; readonly exceptions?: true };

/** What has to be so of a packet that a rule is for. */
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
