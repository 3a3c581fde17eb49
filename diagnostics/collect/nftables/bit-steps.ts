import { at, isList, type Json } from './json.ts';

const BIT_OPERATORS = ['&', '|', '^', '<<', '>>'] as const;

/** One operation on a field, with what stands at its right. */
export interface WrittenStep {
  readonly operator: (typeof BIT_OPERATORS)[number];
  readonly operand: Json;
}

/** `(ct mark & 0xff) >> 2`: the field, and what is done with it, in order. */
export function bitwise(json: Json | undefined): {
  readonly base: Json | undefined;
  readonly steps: readonly WrittenStep[];
} {
  for (const operator of BIT_OPERATORS) {
    const operands = at(json, operator);
    if (!isList(operands)) continue;
    const [first, ...others] = operands;
    const { base, steps } = bitwise(first);
    return { base, steps: [...steps, ...others.map((operand) => ({ operator, operand }))] };
  }
  return { base: json, steps: [] };
}
