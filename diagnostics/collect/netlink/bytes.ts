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
  const [start, end] = longestZeros(bytes);
  if (start === 0 && end === 6) return `::${bytes.subarray(12).join('.')}`;
  if (start === 0 && end === 5 && bytes.readUInt16BE(10) === 0xffff)
    return `::ffff:${bytes.subarray(12).join('.')}`;
  if (end - start < 2) return groupsText(bytes, 0, GROUPS);
  return `${groupsText(bytes, 0, start)}::${groupsText(bytes, end, GROUPS)}`;
}

const GROUPS = 8;

function groupsText(bytes: Buffer, from: number, to: number): string {
  let text = '';
  for (let group = from; group < to; group++)
    text += `${group > from ? ':' : ''}${bytes.readUInt16BE(group * 2).toString(16)}`;
  return text;
}

/** The first of the longest runs of groups that are zero. */
function longestZeros(bytes: Buffer): readonly [start: number, end: number] {
  let [start, end] = [0, 0];
  for (let group = 0, length = 0; group < GROUPS; group++) {
    length = bytes.readUInt16BE(group * 2) === 0 ? length + 1 : 0;
    if (length > end - start) [start, end] = [group + 1 - length, group + 1];
  }
  return [start, end];
}

/** Kinds of links (ARPHRD_*) whose hardware addresses are IP addresses. */
const ADDRESSED_BY_IP = new Set([768, 769, 776, 778, 823]);

/** ll_addr_n2a() of iproute2's lib/ll_addr.c. */
export const hardwareText = (bytes: Buffer, linkType: number): string =>
  ADDRESSED_BY_IP.has(linkType) && (bytes.length === 4 || bytes.length === 16)
    ? addressText(bytes)
    : octetsText(bytes.toString('hex'));

/** `0242ac11` → `02:42:ac:11`. A machine has thousands of them, and this is the quickest. */
function octetsText(hex: string): string {
  let text = hex.slice(0, 2);
  for (let at = 2; at < hex.length; at += 2) text += `:${hex.slice(at, at + 2)}`;
  return text;
}

/** The words whose bits are set. */
export const flagWords = (words: readonly (readonly [string, number])[], flags: number): string[] =>
  words.filter(([, bit]) => (flags & bit) !== 0).map(([word]) => word);
