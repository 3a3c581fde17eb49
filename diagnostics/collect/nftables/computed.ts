import type { Computed } from '../../model/rule-action.ts';
import type { Match } from '../../model/rule-match.ts';
import { bitwise } from './bit-steps.ts';
import type { Json } from './json.ts';
import { ADDRESS_BYTES, readKey } from './keys.ts';
import { addressNumber, toNumber, type Kind } from './kinds.ts';
import { allOrNull, constantOf } from './sets.ts';

/** A value that is put somewhere, and what the packet has to be for it to be there. */
export interface Source {
  readonly value: Computed;
  readonly requires: readonly Match[];
}

/** Reads the right side of `… set …`: a constant, or a field and what is done with its bits; null: not modelled. */
export function readSource(json: Json | undefined, kind: Kind): Source | null {
  if (json === undefined) return null;
  const constant = constantOf(json, kind);
  if (constant !== null) return { value: { type: 'constant', value: constant }, requires: [] };
  const { base, steps } = bitwise(json);
  const key = readKey(base);
  const [part, ...others] = key?.parts ?? [];
  if (!key || !part || others.length > 0 || (key.chances !== undefined && !part.field.startsWith('jhash ')))
    return null;
  if (steps.length === 0)
    return { value: { type: 'field', field: part.field, steps: [] }, requires: key.requires };
  const field = part.kind === 'address' ? ADDRESS_BYTES[part.field] : part.field;
  const read = allOrNull(
    steps.map(({ operator, operand }) => {
      const number = part.kind === 'address' ? addressNumber(operand) : toNumber(operand, part.kind);
      return number === null ? null : { operator, constant: number };
    }),
  );
  return field && read ? { value: { type: 'field', field, steps: read }, requires: key.requires } : null;
}
