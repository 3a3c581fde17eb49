import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { chanceTrips } from '../simulate/answer/forks.ts';
import { walkLarge, type LargePackets } from '../simulate/answer/large.ts';
import { predict } from '../simulate/answer/predict.ts';
import { endsAtHeldPort } from '../simulate/ip/held-port.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import { NOTHING_SEEN, seenTrip, type Seen } from './seen.ts';

/** An answer comes back, and from a program: not from a socket that only keeps the port. */
export const arrives = (trip: RoundTrip): boolean =>
  predict(trip).outcome === 'reply' && !endsAtHeldPort(trip.forward);

/** A flow there and back, and what becomes of large packets once small ones pass. */
export interface Walked {
  readonly trip: RoundTrip;
  /** Empty where not even small ones do. */
  readonly large: readonly LargePackets[];
}

/** Of several ways the one that explains: where chance decides one that fails, else the one that was seen. */
export const walkWhole = (snapshot: Snapshot, start: FlowStart, seen: Seen = NOTHING_SEEN): Walked => {
  const whole = walkFlow(snapshot, start);
  const byChance = chanceTrips(whole);
  const trip = byChance
    ? (byChance.find((way) => !arrives(way)) ?? whole)
    : seenTrip(whole, seen.get(start.destination));
  return { trip, large: largeOf(snapshot, trip) };
};

/** Where small packets pass, what becomes of large ones in each direction. */
export const largeOf = (snapshot: Snapshot, trip: RoundTrip): readonly LargePackets[] =>
  arrives(trip) ? walkLarge(snapshot, trip) : [];

/** The first large packets that are lost; null: those of neither direction are. */
export const lostOf = ({ large }: Pick<Walked, 'large'>): LargePackets | null =>
  large.find(({ fate }) => fate === 'lost') ?? null;

/** The direction in which a connection that was opened is stopped. */
export const cutOf = ({ large }: Pick<Walked, 'large'>): LargePackets | null =>
  large.find(({ fate, certain }) => fate === 'cut' && certain) ?? null;

/** All that follows the first packet too, and large ones. */
export const arrivesWhole = (walked: Walked): boolean =>
  arrives(walked.trip) && lostOf(walked) === null && cutOf(walked) === null;

/** Facts that the walk of large packets has asked for in vain. */
export const missingOfLarge = ({ large }: Pick<Walked, 'large'>): readonly MissingFact[] =>
  large.flatMap(({ missing }) => missing);

/** Facts that the walk there or back has asked for in vain. */
export const missingOf = ({ forward, back }: RoundTrip): readonly MissingFact[] => [
  ...forward.missing,
  ...(back?.missing ?? []),
];
