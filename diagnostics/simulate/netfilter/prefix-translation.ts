import { formatAddress, parseAddress, type Prefix } from '../../model/ip.ts';

const WORD = 0xffff;
/** A prefix longer than this leaves no room for the sum within the network. */
const SITE = 48;
const BITS = 128;

/** RFC 1071: the sum of one's complement, of 16 bits each. */
const sumOf = (words: readonly number[]): number =>
  words.reduce((sum, word) => {
    const next = sum + word;
    return next > WORD ? next - WORD : next;
  }, 0);

const wordsOf = (value: bigint): readonly number[] =>
  Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(16 * (7 - at))) & BigInt(WORD)));

const valueOf = (words: readonly number[]): bigint =>
  words.reduce((value, word) => (value << 16n) | BigInt(word), 0n);

/** The first bits of an address, and nought. */
const masked = (value: bigint, length: number): bigint =>
  length === 0 ? 0n : (value >> BigInt(BITS - length)) << BigInt(BITS - length);

/**
 * ip6t_npt_map_pfx() of net/ipv6/netfilter/ip6t_NPT.c (RFC 6296): the address with another prefix, and with the same sum; null: no
 * word of its end has room for it.
 */
export function translatedPrefix(address: string, from: Prefix, to: Prefix): string | null {
  const [old, source, target] = [address, from.address, to.address].map(parseAddress);
  if (!old || !source || !target) return null;
  const length = Math.max(from.length, to.length);
  const mapped = masked(target.value, length) | (old.value - masked(old.value, length));
  const words = [...wordsOf(mapped)];
  const at = length <= SITE ? 3 : words.findIndex((word, index) => index >= 4 && word !== WORD);
  const room = words[at];
  if (room === undefined) return null;
  const lost = sumOf(wordsOf(masked(source.value, from.length)));
  const gained = sumOf(wordsOf(masked(target.value, to.length)));
  const sum = sumOf([room, lost, WORD - gained]);
  words[at] = sum === WORD ? 0 : sum;
  return formatAddress({ family: 6, value: valueOf(words) });
}
