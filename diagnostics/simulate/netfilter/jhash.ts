const INITIAL = 0xdeadbeef;
const WORD = 32;

const rotated = (word: number, by: number): number => (word << by) | (word >>> (WORD - by));

/**
 * jhash() and jhash2() of include/linux/jhash.h, as processors have it that begin with the lowest byte (nearly all do). `bytes`: how
 * many the words hold, the last one filled up with nought.
 */
export function jhash(words: readonly number[], start: number, bytes = words.length * 4): number {
  let a = (INITIAL + bytes + start) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; words.length - at > 3; at += 3) {
    a = (a + (words[at] ?? 0)) | 0;
    b = (b + (words[at + 1] ?? 0)) | 0;
    c = (c + (words[at + 2] ?? 0)) | 0;
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
  }
  if (words.length === at) return c >>> 0;
  a = (a + (words[at] ?? 0)) | 0;
  b = (b + (words[at + 1] ?? 0)) | 0;
  c = (c + (words[at + 2] ?? 0)) | 0;
  // __jhash_final()
  c = ((c ^ b) - rotated(b, 14)) | 0;
  a = ((a ^ c) - rotated(c, 11)) | 0;
  b = ((b ^ a) - rotated(a, 25)) | 0;
  c = ((c ^ b) - rotated(b, 16)) | 0;
  a = ((a ^ c) - rotated(c, 4)) | 0;
  b = ((b ^ a) - rotated(a, 14)) | 0;
  return ((c ^ b) - rotated(b, 24)) >>> 0;
}

/** reciprocal_scale() */
export const scaled = (value: number, below: number): number =>
  Number((BigInt(value) * BigInt(below)) >> BigInt(WORD));

/** A word in the network's order as such a processor reads it. */
export const asStored = (word: number): number =>
  ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

/** The words of an address, most significant first. */
export const wordsOf = ({
  family,
  value,
}: {
  readonly family: 4 | 6;
  readonly value: bigint;
}): readonly number[] =>
  Array.from({ length: family === 4 ? 1 : 4 }, (_, at) =>
    Number((value >> BigInt(WORD * ((family === 4 ? 0 : 3) - at))) & 0xffffffffn),
  );
