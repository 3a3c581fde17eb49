import type { Address } from '../../../model/ip.ts';
import type { View } from '../state.ts';

/**
 * What a field holds for a packet. A list: several at once (a connection is `new` and `dnat`). `absent`: the packet has no such
 * field, and a comparison with it fails, negated or not. `unknown`: it has one that nobody can tell.
 */
export type FieldValue = Address | number | string | readonly string[] | typeof ABSENT | typeof UNKNOWN;
export const ABSENT = Symbol('absent');
export const UNKNOWN = Symbol('unknown');

/** What no fact tells of is unknown. */
export const known = <T>(value: T | null | undefined): T | typeof UNKNOWN => value ?? UNKNOWN;

/** Reads one field of a packet, as the kernel's expression for it does. */
export type FieldReader = (view: View) => FieldValue;
