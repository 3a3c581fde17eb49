import type { Attributes } from '../../host/native/netlink-message.ts';

/**
 * The kernel sent something that is not translated here, and that may matter: ip(8) is asked instead. What is too short to hold
 * what it should is a RangeError of Buffer's, and ends in the same way.
 */
export class NotUnderstood extends Error {
  /** What it was, for who looks for the reason: nobody else is shown it. */
  constructor(what: string, value?: string | number) {
    super(`${what} ${value ?? ''}`);
  }
}

/** Numbers are in the processor's order, which is this one wherever system calls are made (see loadSystemCalls). */
export const u8 = (bytes: Buffer): number => bytes.readUInt8(0);
export const u16 = (bytes: Buffer): number => bytes.readUInt16LE(0);
export const u32 = (bytes: Buffer): number => bytes.readUInt32LE(0);
export const s32 = (bytes: Buffer): number => bytes.readInt32LE(0);
/** In the network's order: ports. */
export const port = (bytes: Buffer): number => bytes.readUInt16BE(0);

/** An attribute's value; undefined where it was not sent. */
export function valueOf<T>(attributes: Attributes, type: number, read: (bytes: Buffer) => T): T | undefined {
  const bytes = attributes.get(type);
  return bytes === undefined ? undefined : read(bytes);
}

/** As `ip` prints it: by the number of octets an IPv4 or an IPv6 address. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 16) return text6(bytes);
  throw new NotUnderstood('address', bytes.length);
}

/** inet_ntop(3) of the C library, which writes some addresses with an IPv4 one at the end. */
function text6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2));
  const [start, length] = longestZeros(groups);
  const hex = (from: number, to?: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff)))
    return `::${length === 5 ? 'ffff:' : ''}${bytes.subarray(12).join('.')}`;
  return length < 2 ? hex(0) : `${hex(0, start)}::${hex(start + length)}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  for (let at = 0, length = 0; at < groups.length; at++) {
    length = groups[at] === 0 ? length + 1 : 0;
    if (length > best[1]) best = [at - length + 1, length];
  }
  return best;
}

/** Kinds of links (ARPHRD_*) whose hardware addresses are IP addresses. */
const ADDRESSED_BY_IP = new Set([768, 769, 776, 778, 823]);

/** ll_addr_n2a() of iproute2's lib/ll_addr.c. */
export const hardwareText = (bytes: Buffer, linkType: number): string =>
  ADDRESSED_BY_IP.has(linkType) && (bytes.length === 4 || bytes.length === 16)
    ? addressText(bytes)
    : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

/** The words whose bits are set. */
export const flagWords = (words: readonly (readonly [string, number])[], flags: number): string[] =>
  words.filter(([, bit]) => (flags & bit) !== 0).map(([word]) => word);
