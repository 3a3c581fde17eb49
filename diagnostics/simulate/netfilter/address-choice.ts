import { formatAddress, parseAddress, type Address } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { AddressRange } from '../../model/ruleset.ts';

/** Bits of a word of an address, and words of union nf_inet_addr, whatever the family. */
const WORD = 32;
const WORDS = 4;

const INITIAL = 0xdeadbeef;
const rotated = (word: number, by: number): number => (word << by) | (word >>> (WORD - by));

/** jhash2() of include/linux/jhash.h for the four words of an address. */
function hash([k0 = 0, k1 = 0, k2 = 0, k3 = 0]: readonly number[], start: number): number {
  let a = (INITIAL + (WORDS << 2) + start + k0) | 0;
  let b = (INITIAL + (WORDS << 2) + start + k1) | 0;
  let c = (INITIAL + (WORDS << 2) + start + k2) | 0;
  // __jhash_mix()
  a = (a - c) ^ rotated(c, 4);
  c = (c + b) | 0;
  b = (b - a) ^ rotated(a, 6);
  a = (a + c) | 0;
  c = (c - b) ^ rotated(b, 8);
  b = (b + a) | 0;
  a = (a - c) ^ rotated(c, 16);
  c = (c + b) | 0;
  b = (b - a) ^ rotated(a, 19);
  a = (a + c) | 0;
  c = (c - b) ^ rotated(b, 4);
  b = (b + a) | 0;
  a = (a + k3) | 0;
  // __jhash_final()
  c = ((c ^ b) - rotated(b, 14)) | 0;
  a = ((a ^ c) - rotated(c, 11)) | 0;
  b = ((b ^ a) - rotated(a, 25)) | 0;
  c = ((c ^ b) - rotated(b, 16)) | 0;
  a = ((a ^ c) - rotated(c, 4)) | 0;
  b = ((b ^ a) - rotated(a, 14)) | 0;
  return ((c ^ b) - rotated(b, 24)) >>> 0;
}

/** The words of an address, most significant first. */
const wordsOf = ({ family, value }: Address): readonly number[] =>
  family === 4
    ? [Number(value)]
    : Array.from({ length: WORDS }, (_, at) =>
        Number((value >> BigInt(WORD * (WORDS - 1 - at))) & 0xffffffffn),
      );

/** A word in the network's order as a processor that begins with the lowest byte reads it. */
const asStored = (word: number): number =>
  ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

/** reciprocal_scale() */
const scaled = (value: number, below: number): number =>
  Number((BigInt(value) * BigInt(below)) >> BigInt(WORD));

/**
 * find_best_ips_proto() of net/netfilter/nf_nat_core.c: which address of a range a connection is mapped to. A hash of its own
 * two addresses says so, and no chance: one client comes to the same backend again. `persistent`: whatever it asks for. The hash
 * is that of processors which begin with the lowest byte, as nearly all do. null: the range is damaged.
 */
export function chooseAddress(
  range: AddressRange,
  packet: Pick<Packet, 'source' | 'destination'>,
  { persistent, zone }: { readonly persistent: boolean; readonly zone: number },
): string | null {
  const [low, high] = [parseAddress(range.from), parseAddress(range.to)];
  const [source, destination] = [parseAddress(packet.source), parseAddress(packet.destination)];
  if (!low || !high || !source || !destination || low.family !== high.family || high.value < low.value)
    return null;
  const towards = wordsOf(destination).map(asStored);
  let drawn = hash(wordsOf(source).map(asStored), persistent ? 0 : (towards.at(-1) ?? 0) ^ zone);
  const highest = wordsOf(high);
  let free = false;
  const chosen = wordsOf(low).map((from, at) => {
    const to = highest[at] ?? 0;
    const word = free ? scaled(drawn, 0xffffffff) : from + scaled(drawn, (to - from + 1) >>> 0);
    if (word !== to) free = true;
    if (!persistent) drawn = (drawn ^ (towards[at] ?? 0)) >>> 0;
    return BigInt(word >>> 0);
  });
  const value = chosen.reduce((sum, word) => (sum << BigInt(WORD)) | word, 0n);
  return formatAddress({ family: low.family, value });
}
