import { createHmac, randomBytes } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Hardware } from './hardware.ts';
import type { Prefix } from '../model/ip.ts';

/** New numbers for addresses that share as many leading bits as the old ones did: routes and rules decide as before. */
export interface Renumbering {
  /** An address, or the text itself where it is none. */
  address(text: string): string;
  prefix(prefix: Prefix): Prefix;
  /** A range as ranges and prefixes that hold the same addresses; in order. */
  range(from: string, to: string): readonly (Prefix | { readonly from: string; readonly to: string })[];
}

/** Networks that mean something to the kernel, and stay: this network, loopback, link-local, multicast and above. */
const FIXED: readonly string[] = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'],
  ...['::/8', 'fe80::/10', 'ff00::/8'],
];

/** Bits below these stay: hosts of a network keep their number, and with it their order. */
const LOWEST = { 4: 24, 6: 64 } as const;
/** A network that is so wide says nothing about who owns it: its parts are renumbered too. */
const WIDEST = { 4: 8, 6: 16 } as const;

type Bits = string;

const bitsOf = (text: string): Bits | null => {
  if (!ipaddr.isValid(text) || (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text)))
    return null;
  return ipaddr
    .parse(text)
    .toByteArray()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
};

const bytesOf = (bits: Bits): number[] => (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));

const textOf = (bits: Bits, fit: Hardware['fit'] = (bytes) => bytes): string => {
  const parsed = ipaddr.fromByteArray([...fit(bytesOf(bits))]);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
};

const headOf = (text: string): Bits => {
  const [address = '', length = ''] = text.split('/');
  return (bitsOf(address) ?? '').slice(0, Number(length));
};

/** Keyed by whether it is IPv4: the bits of both families look alike. */
const named = (bits: Bits, whole: number): string => `${whole === 32 ? 4 : 6} ${bits}`;

/**
 * @param networks the networks that interfaces are on: within them nothing changes, so that broadcast addresses and ranges stay
 *   what they are
 * @param fit what becomes of the part that names a host of IPv6; else it stays
 */
export function renumber(
  networks: readonly Prefix[],
  fit?: Hardware['fit'],
  key: Buffer = randomBytes(32),
): Renumbering {
  const kept = new Set<string>();
  for (const { address, length } of networks) {
    const bits = bitsOf(address);
    if (bits && length >= (bits.length === 32 ? WIDEST[4] : WIDEST[6]))
      kept.add(named(bits.slice(0, length), bits.length));
  }
  const above = new Set<string>();
  const fixed = new Set<string>();
  for (const text of FIXED) {
    const whole = text.includes(':') ? 128 : 32;
    const head = headOf(text);
    fixed.add(named(head, whole));
    for (let length = 0; length < head.length; length += 1) above.add(named(head.slice(0, length), whole));
  }
  const flips = new Map<string, boolean>();
  const flipsAfter = (name: string): boolean => {
    const seen = flips.get(name);
    if (seen !== undefined) return seen;
    const flip = ((createHmac('sha256', key).update(name).digest()[0] ?? 0) & 1) === 1;
    flips.set(name, flip);
    return flip;
  };
  /** `length`: bits that count. */
  const mapBits = (bits: Bits, whole: number): Bits => {
    const lowest = whole === 32 ? LOWEST[4] : LOWEST[6];
    let result = '';
    for (let at = 0; at < bits.length; at += 1) {
      const name = named(bits.slice(0, at), whole);
      if (at >= lowest || kept.has(name) || fixed.has(name)) return result + bits.slice(at);
      const bit = bits.charAt(at);
      result += !above.has(name) && flipsAfter(name) ? (bit === '0' ? '1' : '0') : bit;
    }
    return result;
  };
  const address = (text: string): string => {
    const bits = bitsOf(text);
    return bits === null ? text : textOf(mapBits(bits, bits.length), fit);
  };
  const prefix = ({ address: text, length }: Prefix): Prefix => {
    const bits = bitsOf(text);
    if (bits === null) return { address: text, length };
    // What is written behind the prefix (`10.0.0.7/24`) belongs to a host there.
    const behind = /1/.test(bits.slice(length));
    const head = mapBits(bits.slice(0, length), bits.length);
    return {
      address: behind || length === bits.length ? address(text) : textOf(head.padEnd(bits.length, '0')),
      length,
    };
  };
  /** Whether all addresses that begin so keep their order. */
  const ordered = (head: Bits, whole: number): boolean =>
    head.length >= (whole === 32 ? LOWEST[4] : LOWEST[6]) ||
    Array.from({ length: head.length + 1 }, (_, at) => named(head.slice(0, at), whole)).some(
      (name) => kept.has(name) || fixed.has(name),
    );
  return {
    address,
    prefix,
    range(from, to) {
      const [low, high] = [bitsOf(from), bitsOf(to)];
      if (low === null || high === null || low.length !== high.length) return [{ from, to }];
      let shared = 0;
      while (shared < low.length && low[shared] === high[shared]) shared += 1;
      if (ordered(low.slice(0, shared), low.length)) return [{ from: address(from), to: address(to) }];
      return prefixesOf(low, high).map((head) =>
        prefix({ address: textOf(head.padEnd(low.length, '0')), length: head.length }),
      );
    },
  };
}

/** The fewest prefixes that hold exactly the addresses from `low` to `high`. */
function prefixesOf(low: Bits, high: Bits, head: Bits = ''): readonly Bits[] {
  const width = low.length - head.length;
  const [first, last] = [head + '0'.repeat(width), head + '1'.repeat(width)];
  if (last < low || first > high) return [];
  if (first >= low && last <= high) return [head];
  return [...prefixesOf(low, high, `${head}0`), ...prefixesOf(low, high, `${head}1`)];
}
