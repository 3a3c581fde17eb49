import type { ProbeOutcome } from '../model/diagnosis.ts';
import { forkedTrips } from '../simulate/answer/forks.ts';
import { predict } from '../simulate/answer/predict.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import { same } from './verdict.ts';

/** What the kernel said of a flow to an address, where the walk alone cannot tell which way the packet takes. */
export type Seen = ReadonlyMap<string, ProbeOutcome>;

export const NOTHING_SEEN: Seen = new Map();

/** Of several ways, the one whose end is what was seen; unseen, the first where none arrives. */
export function seenTrip(whole: RoundTrip, outcome: ProbeOutcome | undefined): RoundTrip {
  const trips = forkedTrips(whole) ?? [];
  if (whole.forward.certain && whole.back?.certain !== false && new Set(trips.map(lastOf)).size === 1)
    return whole;
  if (outcome === undefined || outcome === 'not-run')
    return (predict(whole).fails ? trips[0] : undefined) ?? whole;
  return trips.find((trip) => same(predict(trip).outcome, outcome)) ?? whole;
}

/** What the packet, or its answer, met last, and where. */
function lastOf({ forward, back }: RoundTrip): string {
  const hop = (back ?? forward).hops.at(-1);
  return JSON.stringify([hop?.namespace, hop?.steps.at(-1)]);
}
