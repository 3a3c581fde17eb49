import type { Action } from '../../model/ruleset.ts';
import { MASK_ALL } from '../iptables/values.ts';
import { at, isList, textAt, type Json } from './json.ts';

/** (base & and) ^ xor: every chain of bitwise operations on one mark with constants comes down to this. */
interface Blend {
  readonly base: 'mark' | 'ct mark' | null;
  readonly and: number;
  readonly xor: number;
}

const word = (value: number): number => value >>> 0;

function readBlend(json: Json | undefined): Blend | null {
  if (typeof json === 'number') return { base: null, and: 0, xor: word(json) };
  if (textAt(at(json, 'meta'), 'key') === 'mark') return { base: 'mark', and: MASK_ALL, xor: 0 };
  if (textAt(at(json, 'ct'), 'key') === 'mark') return { base: 'ct mark', and: MASK_ALL, xor: 0 };
  for (const operator of ['&', '|', '^'] as const) {
    const operands = at(json, operator);
    if (!isList(operands)) continue;
    const [first, ...rest] = operands.map(readBlend);
    return rest.reduce<Blend | null>((left, right) => join(left, operator, right), first ?? null);
  }
  return null;
}

function join(left: Blend | null, operator: '&' | '|' | '^', right: Blend | null): Blend | null {
  if (!left || !right) return null;
  if (right.base !== null) return left.base === null ? join(right, operator, left) : null;
  const { base, and, xor } = left;
  const constant = right.xor;
  switch (operator) {
    case '&':
      return { base, and: word(and & constant), xor: word(xor & constant) };
    case '|':
      return { base, and: word(and & ~constant), xor: word((xor & ~constant) | constant) };
    case '^':
      return { base, and, xor: word(xor ^ constant) };
  }
}

/** `meta mark set …` and `ct mark set …`; null where the value is not modelled. */
export function readMarkStatement(target: 'mark' | 'ct mark', value: Json | undefined): Action | null {
  if (target === 'mark' && textAt(at(value, 'socket'), 'key') === 'mark')
    return { type: 'restore-socket-mark' };
  const blend = readBlend(value);
  if (!blend) return null;
  const { base, and, xor } = blend;
  if (base === null || base === target)
    return {
      type: target === 'mark' ? 'set-mark' : 'set-ct-mark',
      mask: base === null ? MASK_ALL : word(~and),
      value: xor,
    };
  if (xor !== 0) return null;
  return target === 'mark'
    ? { type: 'restore-mark', packetMask: MASK_ALL, connectionMask: and }
    : { type: 'save-mark', packetMask: and, connectionMask: MASK_ALL };
}
