import { mergeResults, withDoubt, type Result } from './state.ts';

/** Up to this many equals every order is tried, beyond it only the listed one and its reverse. */
const ALL_ORDERS_UP_TO = 3;

/** Groups of equal priority, in order. */
export function byPriority<T extends { readonly priority: number }>(
  sorted: readonly T[],
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  for (const item of sorted) {
    const last = groups.at(-1);
    if (last?.[0]?.priority === item.priority) last.push(item);
    else groups.push([item]);
  }
  return groups;
}

/**
 * The orders in which equals may run: the kernel puts the one registered last first (nf_hook_entries_grow()), which a
 * listing does not show. The likeliest comes first: tables are listed as they were made.
 */
function orders<T>(equals: readonly T[]): readonly (readonly T[])[] {
  const reversed = [...equals].reverse();
  if (equals.length < 2) return [equals];
  if (equals.length > ALL_ORDERS_UP_TO) return [reversed, equals];
  return permutations(reversed);
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

/** What comes of equals, whichever runs first; `doubt` says so where that decides. */
export function inEveryOrder<T>(
  equals: readonly T[],
  run: (order: readonly T[]) => readonly Result[],
  doubt: () => string,
): readonly Result[] {
  const runs = orders(equals).map((order) => mergeResults(run(order)));
  const merged = mergeResults(runs.flat());
  if (merged.length === runs[0]?.length) return merged;
  const reason = doubt();
  return merged.map((result) => ({ ...result, state: withDoubt(result.state, reason) }));
}
