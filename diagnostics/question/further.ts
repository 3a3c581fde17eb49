import type { Diagnosis, Leg } from '../model/diagnosis.ts';

/**
 * Whether a flow that still fails gets at least as far as it did, where something else stops it now: what mends one thing and
 * breaks an earlier one helped nobody.
 */
export function isFurther(before: Diagnosis, after: Diagnosis): boolean {
  if (before.verdict !== after.verdict) return after.verdict === 'partial';
  const [was, is] = [before, after].map(({ legs }) => legs.find(({ kind }) => kind === 'direct'));
  // A name that could not be looked up leads nowhere yet; neither does one that cannot any more.
  if (!was || !is) return was === undefined;
  return distanceOf(is) >= distanceOf(was);
}

/** The way back comes after all of the way there. */
const FAR = 1000;

const distanceOf = ({ forward, back }: Leg): number =>
  back !== null && forward.disposition === 'delivered' ? FAR + back.hops.length : forward.hops.length;
