import type { Match } from '../../model/rule-match.ts';
import { compileLookup, fillingOf, readFields, type TableSet, type Test } from './compare.ts';

/**
 * Whether an address was noted often enough, as recent_mt() of xt_recent.c counts. What rules of this very walk have noted was a
 * moment ago; too few are too few whenever they were.
 */
export function compileNoted(
  { field, atLeast, lately }: Extract<Match, { readonly type: 'noted' }>,
  list: TableSet | undefined,
): Test {
  if (!list || list.set.unreadable || list.set.noted === undefined) return () => 'maybe';
  const { tuples, noted } = list.set;
  const lookup = compileLookup(tuples.map((tuple, at) => ({ tuple, times: noted[at] ?? 0 })));
  return (view) => {
    const held = readFields([field], view);
    if (!held) return false;
    const { certain, possible } = lookup(held);
    const filling = fillingOf(list, held, view);
    if (possible.length > 0 || filling?.now === 'open') return 'maybe';
    if (filling?.now === 'out') return false;
    const now = filling?.times ?? 0;
    if (now >= atLeast) return true;
    if (now + (certain[0]?.times ?? 0) < atLeast) return false;
    return lately || filling ? 'maybe' : true;
  };
}
