import type { Value } from './rule-match.ts';

/** Where the packet goes on. */
export type Verdict =
  | { readonly type: 'accept' | 'drop' | 'return' | 'continue' }
  /** To a program. `bypass`: accepted where none reads the queue, instead of dropped. Without `numbers` not known which. */
  | { readonly type: 'queue'; readonly numbers?: readonly [number, number]; readonly bypass?: boolean }
  | { readonly type: 'jump' | 'goto'; readonly chain: string };

/** What NAT makes of an end of the packet (struct nf_nat_range2). */
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

/** From the first to the last, both included; of one family. */
export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

/** What a map holds where a rule translates by it. */
export type TranslationMap =
  | { readonly type: 'inline'; readonly entries: readonly TranslationMapEntry[]; readonly complete?: boolean }
  | { readonly type: 'named'; readonly name: string };

/** An element of a map to addresses and ports. */
export interface TranslationMapEntry {
  readonly tuple: readonly Value[];
  readonly to: Translation;
  /** Prefix length, where the network part of the address is replaced. */
  readonly netmap?: number;
}

/** What a map holds where a rule ends by it (`vmap`). */
export type VerdictMap =
  /** `complete`: there is an entry for every number that can be drawn. */
  | { readonly type: 'inline'; readonly entries: readonly VerdictMapEntry[]; readonly complete?: boolean }
  | { readonly type: 'named'; readonly name: string };

/** An element of a map to verdicts. */
export interface VerdictMapEntry {
  readonly tuple: readonly Value[];
  readonly verdict: Verdict;
}

/** What a map holds where a rule sets a number or an address by it. */
export type NumberMap =
  | { readonly type: 'inline'; readonly entries: readonly NumberMapEntry[]; readonly complete?: boolean }
  | { readonly type: 'named'; readonly name: string };

/** An element of a map to numbers or addresses. */
export interface NumberMapEntry {
  readonly tuple: readonly Value[];
  /** Text: an address. */
  readonly value: number | string;
  /** Only these bits of what was there go first: new = (old & ~mask) ^ value. */
  readonly mask?: number;
}
