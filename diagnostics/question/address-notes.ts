import { labelIn } from '../causes/situation.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { forkedTrips } from '../simulate/answer/forks.ts';
import { BY_ADDRESSES } from '../simulate/ip/routed.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { Way, WayProbes } from './judge-way.ts';
import type { Note } from './notes.ts';
import { seenTrip } from './seen.ts';
import { arrives } from './walked.ts';

/** That packets between other addresses fare otherwise, where a multipath route chose by these and the probe told which way it is. */
export function addressNotes(
  snapshot: Snapshot,
  ways: readonly Way[],
  probes: readonly WayProbes[],
): readonly Note[] {
  return ways.flatMap(({ trip }, index): readonly Note[] => {
    const trips = forkedTrips(trip) ?? [];
    const seen = seenTrip(trip, probes[index]?.own?.outcome);
    if (seen === trip || !trips.every(isByAddresses)) return [];
    const fine = arrives(seen);
    if (trips.every((other) => arrives(other) === fine)) return [];
    const fails = trips
      .filter((other) => !arrives(other))
      .flatMap(({ forward, back }) => {
        const end = (back ?? forward).hops.at(-1);
        return end ? [labelIn(snapshot, end.namespace)] : [];
      });
    return [{ type: 'other-addresses', of: trips.length, arrives: fine, fails: [...new Set(fails)] }];
  });
}

const isByAddresses = ({ ways }: RoundTrip): boolean =>
  ways
    .flatMap(({ forward, back }) => [forward, ...back])
    .every(({ journey }) => journey.forks.every((fork) => fork === BY_ADDRESSES));
