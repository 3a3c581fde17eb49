import type { Ended } from './journey.ts';
import { ANSWERED, asTrace, type RoundTrip, type Way } from './walk.ts';

/** Whether everything that this way leaves open is drawn by the kernel for each connection. */
const isByChance = ({ journey }: Ended): boolean =>
  journey.doubts.length === 0 &&
  journey.missing.length === 0 &&
  journey.forks.every((fork) => journey.chances.includes(fork));

/**
 * A trip whose way chance decides (`statistic`, `numgen`), as one trip for each way that a connection may take; null where there is
 * one way, or where something else than chance decides too.
 */
export function chanceTrips(trip: RoundTrip): readonly RoundTrip[] | null {
  const ends = trip.ways.flatMap(({ forward, back }) => [forward, ...back]);
  const drawn = ends.some(({ journey }) => journey.chances.length > 0);
  const ways = trip.ways.flatMap(({ forward, back }): readonly Way[] =>
    back.length === 0 ? [{ forward, back }] : back.map((one) => ({ forward, back: [one] })),
  );
  return drawn && ways.length > 1 && ends.every(isByChance) ? ways.map((way) => only(trip, way)) : null;
}

const only = (trip: RoundTrip, way: Way): RoundTrip => {
  const { forward, back } = way;
  const answered = asTrace(back);
  const toError = ANSWERED.has(forward.ending.disposition) ? null : answered;
  return {
    ...trip,
    forward: asTrace([forward]) ?? trip.forward,
    back: toError === null ? answered : null,
    notice: toError,
    underlays: [forward, ...back].flatMap(({ journey }) => journey.underlays),
    ways: [way],
  };
};
