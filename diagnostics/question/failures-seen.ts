import type { ProbeOutcome } from '../model/diagnosis.ts';
import type { Way, WayProbes } from './judge-way.ts';
import { seenTrip, type Seen } from './seen.ts';

/** Failures that tell which way was taken. Silence on UDP tells nothing. */
export function failuresSeen(ways: readonly Way[], probes: readonly WayProbes[]): Seen {
  const told = ways.flatMap(({ trip, start }, index): readonly (readonly [string, ProbeOutcome])[] => {
    const outcome = probes[index]?.own?.outcome;
    if (outcome === undefined || outcome === 'not-run' || outcome === 'reply') return [];
    if (start.protocol === 'udp' && outcome === 'timeout') return [];
    return seenTrip(trip, outcome) === trip ? [] : [[start.destination, outcome]];
  });
  return new Map(told);
}
