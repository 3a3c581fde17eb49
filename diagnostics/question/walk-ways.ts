import type { MissingFact } from '../model/snapshot.ts';
import { memoriesWanted, staleStarts } from '../simulate/netfilter/remembered.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import { tripsByChance } from './chance-ways.ts';
import type { FactReader } from './fact-reader.ts';
import type { Way } from './judge-way.ts';
import { relaysBehind } from './relay.ts';
import { arrives, cutOf, largeOf, lostOf, missingOf, missingOfLarge } from './walked.ts';

/** The ways from each start as far as the facts lead, of which those that it asks for are read: also what connections of before take, and each way that chance may choose. */
export async function walkWays(facts: FactReader, starts: readonly FlowStart[]): Promise<readonly Way[]> {
  const { ways } = await facts.complete((snapshot) => {
    const asked = starts.flatMap((start) => {
      const trip = walkFlow(snapshot, start);
      const old = staleStarts(snapshot, trip).map((again) => walkFlow(snapshot, again));
      return [trip, ...old];
    });
    const walked = asked.flatMap(tripsByChance).map(({ trip, chance }): Way => {
      const relays = relaysBehind(snapshot, trip);
      const large = [trip, ...relays.map((relay) => relay.trip)].map((one) => largeOf(snapshot, one));
      return { start: trip.start, trip, relays, large, ...(chance ? { chance } : {}) };
    });
    const memories = asked.flatMap((trip) => memoriesWanted(snapshot, trip));
    return { ways: walked, missing: [...walked.flatMap(missingOfWay), ...memories] };
  });
  return ways;
}

/** The packet's own way and back, and those of the connections that relays make behind it. */
export const tripsOf = ({ trip, relays }: Way): readonly RoundTrip[] => [
  trip,
  ...relays.map((relay) => relay.trip),
];

const missingOfWay = (way: Way): readonly MissingFact[] => [
  ...tripsOf(way).flatMap(missingOf),
  ...way.large.flatMap((large) => missingOfLarge({ large })),
];

/** Whether something does not arrive, on paper: the packet, a relay's own connection, what follows, or a large packet. */
export const fails = (way: Way): boolean =>
  tripsOf(way).some((trip) => !arrives(trip)) ||
  way.large.some((large) => (cutOf({ large }) ?? lostOf({ large })) !== null);
