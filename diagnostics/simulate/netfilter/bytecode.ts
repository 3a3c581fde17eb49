import type { BytecodeInstruction } from '../../model/rule-match.ts';
import type { Packet } from '../../model/packet.ts';
import { packetBytes, type PacketBytes } from '../ip/packet-bytes.ts';
import type { Test, Truth } from './compare.ts';

/** Thirty-two bits, of which those in `unknown` may be anything. */
interface Bits {
  readonly value: number;
  readonly unknown: number;
}

/** The two registers and the sixteen cells of memory that a program has. */
interface State {
  readonly at: number;
  readonly a: Bits;
  readonly x: Bits;
  readonly memory: Readonly<Record<number, Bits>>;
}

const ANYTHING: Bits = { value: 0, unknown: 0xffffffff };
const known = (value: number): Bits => ({ value: value >>> 0, unknown: 0 });
const ZERO = known(0);

/** Both ways of every jump that nobody can tell are followed; with more of them than this nothing is told. */
const MOST_STEPS = 4096;

/** linux/filter.h: what lies before the packet's own bytes. */
const BEFORE = { other: -0x1000, network: -0x100000, link: -0x200000 } as const;
const OTHER = { protocol: BEFORE.other, mark: BEFORE.other + 20 } as const;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;

/** bpf_mt() of net/netfilter/xt_bpf.c: what the program returns is not zero. It reads from the network header on. */
export const compileBytecode =
  (program: readonly BytecodeInstruction[]): Test =>
  ({ packet }) =>
    run(program, packet);

type Outcome =
  | { readonly type: 'on'; readonly states: readonly State[] }
  | { readonly type: 'returned'; readonly truth: Truth };

function run(program: readonly BytecodeInstruction[], packet: Packet): Truth {
  const bytes = packetBytes(packet);
  const waiting: State[] = [{ at: 0, a: ZERO, x: ZERO, memory: {} }];
  const truths = new Set<Truth>();
  for (let steps = 0; waiting.length > 0; steps++) {
    const state = waiting.pop();
    const instruction = state && program[state.at];
    // The kernel takes no program that runs off its end.
    if (!instruction || steps > MOST_STEPS) return 'maybe';
    const outcome = step(instruction, state, bytes, packet);
    if (outcome.type === 'on') waiting.push(...outcome.states);
    else truths.add(outcome.truth);
    if (truths.has('maybe') || truths.size > 1) return 'maybe';
  }
  return [...truths][0] ?? 'maybe';
}

const returned = (truth: Truth): Outcome => ({ type: 'returned', truth });

/** Classes and modes of bpf(4), after linux/bpf_common.h. */
function step(one: BytecodeInstruction, state: State, bytes: PacketBytes, packet: Packet): Outcome {
  const { code, number } = one;
  const onward = (change: Partial<State>): Outcome => ({
    type: 'on',
    states: [{ ...state, at: state.at + 1, ...change }],
  });
  const operand = (code & 0x08) === 0 ? known(number) : state.x;
  switch (code & 0x07) {
    case 0x00:
    case 0x01: {
      const read = loaded(one, state, bytes, packet);
      if (read === 'beyond') return returned(false);
      if (read === 'unclear') return returned('maybe');
      return onward((code & 0x07) === 0 ? { a: read } : { x: read });
    }
    case 0x02:
      return onward({ memory: { ...state.memory, [number]: state.a } });
    case 0x03:
      return onward({ memory: { ...state.memory, [number]: state.x } });
    case 0x04: {
      const divides = (code & 0xf0) === 0x30 || (code & 0xf0) === 0x90;
      if (divides && operand.unknown !== 0) return returned('maybe');
      if (divides && operand.value === 0) return returned(false);
      return onward({ a: calculated(code & 0xf0, state.a, operand) });
    }
    case 0x05:
      return { type: 'on', states: jumped(one, state, operand) };
    case 0x06:
      return returned(isSet((code & 0x18) === 0x10 ? state.a : operand));
    default:
      return onward((code & 0xf8) === 0 ? { x: state.a } : { a: state.x });
  }
}

const isSet = ({ value, unknown }: Bits): Truth =>
  (value & ~unknown) !== 0 ? true : unknown === 0 ? false : 'maybe';

const SIZES: Readonly<Record<number, number>> = { 0x00: 4, 0x08: 2, 0x10: 1 };

/** `beyond`: the packet ends before, which ends the program too. */
function loaded(
  { code, number }: BytecodeInstruction,
  state: State,
  bytes: PacketBytes,
  packet: Packet,
): Bits | 'beyond' | 'unclear' {
  const size = SIZES[code & 0x18] ?? 4;
  switch (code & 0xe0) {
    case 0x00:
      return known(number);
    case 0x20:
      return readAt(number | 0, size, bytes, packet);
    case 0x40:
      return state.x.unknown === 0 ? readAt((number + state.x.value) | 0, size, bytes, packet) : 'unclear';
    case 0x60:
      return state.memory[number] ?? ZERO;
    case 0x80:
      return known(packet.size);
    default: {
      // Four times the lower half of a byte: how long the header of IPv4 is.
      const byte = readAt(number | 0, 1, bytes, packet);
      if (typeof byte === 'string') return byte;
      return { value: (byte.value & 0x0f) << 2, unknown: (byte.unknown & 0x0f) << 2 };
    }
  }
}

function readAt(offset: number, size: number, bytes: PacketBytes, packet: Packet): Bits | 'beyond' {
  if (offset < 0 && offset < BEFORE.network) return offset < BEFORE.link ? 'beyond' : ANYTHING;
  if (offset < 0 && offset >= BEFORE.other) {
    if (offset === OTHER.protocol) return known(ETHERTYPE[packet.family]);
    return offset === OTHER.mark ? known(packet.mark) : ANYTHING;
  }
  const start = offset < 0 ? offset - BEFORE.network : offset;
  if (start + size > bytes.length) return 'beyond';
  let [value, unknown] = [0, 0];
  for (const byte of bytes.slice(start, start + size)) {
    value = value * 256 + (byte ?? 0);
    unknown = unknown * 256 + (byte === null ? 0xff : 0);
  }
  return { value, unknown };
}

/** Bits stay known one by one where an operation keeps them apart; a sum with an unknown bit is unknown as a whole. */
function calculated(operation: number, a: Bits, b: Bits): Bits {
  const sure = a.unknown === 0 && b.unknown === 0;
  const [ones, others] = [(a.value & ~a.unknown) >>> 0, (b.value & ~b.unknown) >>> 0];
  const bits = (value: number, unknown: number): Bits => ({
    value: (value & ~unknown) >>> 0,
    unknown: unknown >>> 0,
  });
  switch (operation) {
    case 0x40:
      return bits(ones | others, (a.unknown | b.unknown) & ~(ones | others));
    case 0x50:
      return bits(ones & others, (ones | a.unknown) & (others | b.unknown) & ~(ones & others));
    case 0xa0:
      return bits(ones ^ others, a.unknown | b.unknown);
    case 0x60:
    case 0x70: {
      if (b.unknown !== 0) return ANYTHING;
      const shift = (one: number): number => {
        if (b.value > 31) return 0;
        return operation === 0x60 ? one << b.value : one >>> b.value;
      };
      return bits(shift(ones), shift(a.unknown));
    }
    default:
      return sure ? known(sum(operation, ones, others)) : ANYTHING;
  }
}

function sum(operation: number, a: number, b: number): number {
  switch (operation) {
    case 0x00:
      return a + b;
    case 0x10:
      return a - b;
    case 0x20:
      return Math.imul(a, b);
    case 0x30:
      return Math.floor(a / b);
    case 0x90:
      return a % b;
    default:
      return -a;
  }
}

function jumped(
  { code, number, whenTrue, whenFalse }: BytecodeInstruction,
  state: State,
  operand: Bits,
): readonly State[] {
  const to = (distance: number): State => ({ ...state, at: state.at + 1 + distance });
  if ((code & 0xf0) === 0) return [to(number)];
  const truth = compared(code & 0xf0, state.a, operand);
  if (truth === 'maybe') return [to(whenTrue), to(whenFalse)];
  return [to(truth ? whenTrue : whenFalse)];
}

function compared(operation: number, a: Bits, b: Bits): Truth {
  const [lowA, highA] = [(a.value & ~a.unknown) >>> 0, (a.value | a.unknown) >>> 0];
  const [lowB, highB] = [(b.value & ~b.unknown) >>> 0, (b.value | b.unknown) >>> 0];
  switch (operation) {
    case 0x10: {
      const unknown = a.unknown | b.unknown;
      if (((lowA ^ lowB) & ~unknown) !== 0) return false;
      return unknown === 0 ? true : 'maybe';
    }
    case 0x20:
      return lowA > highB ? true : highA <= lowB ? false : 'maybe';
    case 0x30:
      return lowA >= highB ? true : highA < lowB ? false : 'maybe';
    default:
      return (lowA & lowB) !== 0 ? true : (highA & highB) === 0 ? false : 'maybe';
  }
}
