import type { Trace } from '../../model/trace.ts';
import type { Ended } from '../journey.ts';
import { ANSWERED, asTrace, type RoundTrip, type Way } from '../walk.ts';

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
  const ends = endsOf(trip);
  const drawn = ends.some(({ journey }) => journey.chances.length > 0);
  const ways = singleWays(trip);
  return drawn && ways.length > 1 && ends.every(isByChance) ? ways.map((way) => only(trip, way)) : null;
}

/**
 * A trip of which it is not known which way it takes (the hash of a multipath route, a match that is not modelled), as one trip for
 * each, none of them certain; null where there is one way, where chance decides, or where facts are missing.
 */
export function forkedTrips(trip: RoundTrip): readonly RoundTrip[] | null {
  const ways = singleWays(trip);
  if (ways.length < 2 || endsOf(trip).some(({ journey }) => journey.missing.length > 0)) return null;
  if (chanceTrips(trip) !== null) return null;
  return ways.map((way) => {
    const one = only(trip, way);
    const forks = [way.forward, ...way.back].flatMap(({ journey }) => journey.forks);
    return { ...one, forward: inDoubt(one.forward, forks), back: one.back && inDoubt(one.back, forks) };
  });
}

const inDoubt = (trace: Trace, forks: readonly string[]): Trace => ({
  ...trace,
  certain: false,
  doubts: [...new Set([...trace.doubts, ...forks])],
});

const endsOf = ({ ways }: RoundTrip): readonly Ended[] =>
  ways.flatMap(({ forward, back }) => [forward, ...back]);

const singleWays = ({ ways }: RoundTrip): readonly Way[] =>
  ways.flatMap(({ forward, back }): readonly Way[] =>
    back.length === 0 ? [{ forward, back }] : back.map((one) => ({ forward, back: [one] })),
  );

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
