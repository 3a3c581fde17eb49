import type { Value } from './rule-match.ts';

/** Whether networks of an element are narrower than another's, of which the first tells most. */
export function isNarrower(one: readonly Value[], other: readonly Value[]): boolean {
  for (const [at, value] of one.entries()) {
    const beside = other[at];
    if (value.type !== 'prefix' || beside?.type !== 'prefix' || value.length === beside.length) continue;
    return value.length > beside.length;
  }
  return false;
}
