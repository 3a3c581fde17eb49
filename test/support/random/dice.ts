/** Random choices that a seed repeats. */
export interface Dice {
  /** An integer from 0 to `below` - 1. */
  int(below: number): number;
  chance(probability: number): boolean;
  /** Throws where there is nothing to pick from. */
  pick<T>(list: readonly T[]): T;
  shuffled<T>(list: readonly T[]): readonly T[];
}

/** Mulberry32: small, and good enough to draw networks with. */
export function diceFrom(seed: number): Dice {
  let state = (seed * 0x9e3779b1) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    chance: (probability) => next() < probability,
    pick(list) {
      const one = list[int(list.length)];
      if (one === undefined) throw new Error('There is nothing to pick from.');
      return one;
    },
    shuffled(list) {
      const left = [...list];
      return list.flatMap(() => left.splice(int(left.length), 1));
    },
  };
}
