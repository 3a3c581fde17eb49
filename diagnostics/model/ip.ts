import ipaddr from 'ipaddr.js';
import { remember } from './remember.ts';

/** An IP address as a number, so that prefixes and ranges are comparisons. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** An IPv4 address once more, as a plain number: these are compared many times as fast. */
  readonly short?: number;
}

/** A network: an address and how many of its first bits count. */
export interface Prefix {
  readonly address: string;
  readonly length: number;
}

const DOT = '.'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const LONGEST_4 = '255.255.255.255'.length;
/** Bounds the memory of a long-running session; rulesets and tables repeat the same few thousand texts. */
const MEMO_LIMIT = 50_000;
const memo = new Map<string, Address | null>();

/** How many bits an address has: the prefix length of a single host. */
export const addressBits = (family: 4 | 6): 32 | 128 => (family === 4 ? 32 : 128);

/** Four numbers of one to three digits, character by character: rulesets hold them by the thousand. */
const parseV4 = (text: string): Address | null => {
  if (text.length > LONGEST_4) return null;
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || octet > 255 || ++dots > 3) return null;
      value = value * 256 + octet;
      octet = digits = 0;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || ++digits > 3) return null;
    octet = octet * 10 + digit;
  }
  if (dots !== 3 || digits === 0 || octet > 255) return null;
  value = value * 256 + octet;
  return { family: 4, value: BigInt(value), short: value };
};

const parseV6 = (text: string): Address | null => {
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return null;
  let value = 0n;
  for (const part of ipaddr.IPv6.parse(text).parts) value = (value << 16n) | BigInt(part);
  return { family: 6, value };
};

/** Null for what is no address; a zone (`fe80::1%eth0`) is ignored. */
export function parseAddress(text: string): Address | null {
  const seen = memo.get(text);
  if (seen !== undefined) return seen;
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  const address = parseV4(bare) ?? parseV6(bare);
  if (memo.size >= MEMO_LIMIT) memo.clear();
  memo.set(text, address);
  return address;
}

/** The address as `ip` prints it (RFC 5952 for IPv6). */
export function formatAddress({ family, value }: Address): string {
  const bytes: number[] = [];
  for (let shift = addressBits(family) - 8; shift >= 0; shift -= 8)
    bytes.push(Number((value >> BigInt(shift)) & 255n));
  return family === 4 ? bytes.join('.') : new ipaddr.IPv6(bytes).toRFC5952String();
}

const written = remember(formatAddress);

/** One spelling for one address; a text that is no address stays as it is. */
export const canonicalAddress = (text: string): string => {
  const address = parseAddress(text);
  return address ? written(address) : text;
};

/**
 * What the kernel makes of an address that a program connects to (ip_route_output_key(), tcp_v6_connect()): the unspecified
 * one is the sender itself, an IPv4 address in an IPv6 one is IPv4's.
 */
export function reachedBy(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  const parsed = address.includes(':') ? parseAddress(address) : null;
  if (parsed?.family !== 6) return address;
  if (parsed.value === 0n) return '::1';
  return parsed.value >> 32n === 0xffffn
    ? formatAddress({ family: 4, value: parsed.value & 0xffffffffn })
    : address;
}

/** IPv4 or IPv6, without a prefix length or a zone. */
export const isAddress = (text: string): boolean => parseAddress(text) !== null;

/** null: not an address. */
export const familyOf = (text: string): 4 | 6 | null => parseAddress(text)?.family ?? null;

/** However each is written; false where one of them is no address and they differ. */
export const sameAddress = (one: string, other: string): boolean =>
  one === other || compareAddresses(one, other) === 0;

/** Negative, 0 or positive; IPv4 before IPv6; null where one of them is no address. */
export function compareAddresses(one: string, other: string): number | null {
  const a = parseAddress(one);
  const b = parseAddress(other);
  if (!a || !b) return null;
  if (a.family !== b.family) return a.family - b.family;
  if (a.short !== undefined && b.short !== undefined) return a.short - b.short;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** Whether the address lies in the prefix; false across families and for texts that are no addresses. */
export function prefixContains(prefix: Prefix, address: string): boolean {
  const base = parseAddress(prefix.address);
  const asked = parseAddress(address);
  if (!base || !asked || base.family !== asked.family) return false;
  return sameNetwork(base, asked, prefix.length);
}

/** Whether two addresses of one family agree in their first bits. */
export function sameNetwork(one: Address, other: Address, length: number): boolean {
  if (one.short !== undefined && other.short !== undefined)
    return length <= 0 || (one.short ^ other.short) >>> (32 - length) === 0;
  const shift = BigInt(addressBits(one.family) - length);
  return one.value >> shift === other.value >> shift;
}

/** Whether the address lies between the two, both included. */
export function rangeContains(from: string, to: string, address: string): boolean {
  const low = compareAddresses(from, address);
  const high = compareAddresses(address, to);
  if (low === null || high === null || familyOf(from) !== familyOf(address)) return false;
  return low <= 0 && high <= 0;
}

/** Netmasks whose ones are not all on the left have no length. */
function maskLength(mask: string): number | null {
  const parsed = parseAddress(mask);
  if (!parsed) return null;
  const bits = addressBits(parsed.family);
  const zeros = (1n << BigInt(bits)) - 1n - parsed.value;
  return (zeros & (zeros + 1n)) === 0n ? bits - (zeros === 0n ? 0 : zeros.toString(2).length) : null;
}

/** Reads `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, or an address alone (its full length). Host bits stay as written. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = familyOf(address);
  if (!family) return null;
  if (slash < 0) return { address, length: addressBits(family) };
  const rest = text.slice(slash + 1);
  const length = /^\d+$/.test(rest) ? Number(rest) : familyOf(rest) === family ? maskLength(rest) : null;
  return length === null || length > addressBits(family) ? null : { address, length };
}

/** First and last address of a prefix. */
export function prefixRange(prefix: Prefix): { readonly from: string; readonly to: string } | null {
  const base = parseAddress(prefix.address);
  if (!base) return null;
  const hostBits = BigInt(addressBits(base.family) - prefix.length);
  const from = (base.value >> hostBits) << hostBits;
  return {
    from: formatAddress({ family: base.family, value: from }),
    to: formatAddress({ family: base.family, value: from + (1n << hostBits) - 1n }),
  };
}

/** `10.0.0.2:80`, `[fd00::2]:80`. */
export const addressAndPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
