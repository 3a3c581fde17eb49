import { formatAddress, parseAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { AddressRange } from '../../model/rule-map.ts';
import { asStored, jhash, scaled, wordsOf } from './jhash.ts';

/** Bits of a word of an address. */
const WORD = 32;

/** The address in union nf_inet_addr, which has four words whatever the family. */
const hash = (words: readonly number[], start: number): number =>
  jhash([...words, 0, 0, 0].slice(0, 4), start);

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
