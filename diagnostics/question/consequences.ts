import type { Found } from './found.ts';
import { applyRemedy, type Retarget, type State } from './on-paper.ts';

/**
 * Causes come in the order in which the packet meets them, so that the first may follow from one that is found after it: a rule
 * drops an answer that a wrong route had led to it. A rule that need not be mended once the others are is left out. Only a rule: it
 * is in the way of packets, never of another cause's commands, as a missing address is of a route's.
 *
 * @param settled whether nothing is in the way of the flow any more
 * @returns the others, each with the facts as they are once those before it are mended, and what is left when all are
 */
export function withoutConsequences(
  found: readonly Found[],
  state: State,
  retarget: Retarget,
  settled: (state: State) => boolean,
): { readonly found: readonly Found[]; readonly mended: State['snapshot']; readonly start: State['start'] } {
  let needed = found;
  for (const one of found.slice(0, -1).filter(isRule)) {
    const others = needed.filter((other) => other !== one);
    if (settled(mendAll(others, state, retarget).after)) needed = others;
  }
  const { after, found: kept } = mendAll(needed, state, retarget);
  return { found: kept, mended: after.snapshot, start: after.start };
}

const isRule = ({ finding }: Found): boolean => finding.params['chain'] !== undefined;

/** The first remedy of each, one after another. */
function mendAll(
  found: readonly Found[],
  begin: State,
  retarget: Retarget,
): { readonly found: readonly Found[]; readonly after: State } {
  let after = begin;
  const kept = found.map((one): Found => {
    const there = { ...one, before: after.snapshot, start: after.start };
    const [first] = one.remedies;
    if (first) after = applyRemedy(after, first, retarget);
    return there;
  });
  return { found: kept, after };
}
