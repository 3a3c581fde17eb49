import type { U32Test } from '../../model/rule-match.ts';
import { packetBytes, type PacketBytes } from '../ip/packet-bytes.ts';
import type { Truth, Test } from './compare.ts';

/** Thirty-two bits, of which those in `unknown` may be anything. */
interface Bits {
  readonly value: number;
  readonly unknown: number;
}

const WORD = 4;

/** undefined: the packet ends before. */
function wordAt(bytes: PacketBytes, offset: number): Bits | undefined {
  if (offset < 0 || offset + WORD > bytes.length) return undefined;
  let [value, unknown] = [0, 0];
  for (const byte of bytes.slice(offset, offset + WORD)) {
    value = value * 256 + (byte ?? 0);
    unknown = unknown * 256 + (byte === null ? 0xff : 0);
  }
  return { value, unknown };
}

const shifted = ({ value, unknown }: Bits, shift: (bits: number) => number): Bits => ({
  value: shift(value) >>> 0,
  unknown: shift(unknown) >>> 0,
});

/** Beyond 31 a shift of C's is not one of JavaScript's. */
const left = (bits: number, by: number): number => (by > 31 ? 0 : bits << by);
const right = (bits: number, by: number): number => (by > 31 ? 0 : bits >>> by);

/** u32_match_it() of net/netfilter/xt_u32.c: all tests have to hold. */
export const compileU32 =
  (tests: readonly U32Test[], negate: boolean): Test =>
  ({ packet }) => {
    const bytes = packetBytes(packet);
    const truths = tests.map((test) => holds(test, bytes));
    const truth: Truth = truths.includes(false) ? false : truths.includes('maybe') ? 'maybe' : true;
    return truth === 'maybe' ? truth : truth !== negate;
  };

function holds({ start, operations, ranges }: U32Test, bytes: PacketBytes): Truth {
  let at = 0;
  let bits = wordAt(bytes, start);
  for (const { operator, number } of operations) {
    if (!bits) return false;
    switch (operator) {
      case '&':
        bits = shifted(bits, (one) => one & number);
        break;
      case '<<':
        bits = shifted(bits, (one) => left(one, number));
        break;
      case '>>':
        bits = shifted(bits, (one) => right(one, number));
        break;
      case '@':
        if (bits.unknown !== 0) return 'maybe';
        at += bits.value;
        bits = wordAt(bytes, at + number);
        break;
    }
  }
  return bits ? inRanges(bits, ranges) : false;
}

function inRanges({ value, unknown }: Bits, ranges: U32Test['ranges']): Truth {
  const [low, high] = [(value & ~unknown) >>> 0, (value | unknown) >>> 0];
  if (unknown === 0) return ranges.some(([from, to]) => from <= low && low <= to);
  if (ranges.some(([from, to]) => from <= low && high <= to)) return true;
  return ranges.every(([from, to]) => high < from || to < low) ? false : 'maybe';
}
