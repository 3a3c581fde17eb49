import type { ProbeOutcome } from '../model/diagnosis.ts';
import { familyOf } from '../model/ip.ts';
import { chanceTrips } from '../simulate/answer/forks.ts';
import { predict } from '../simulate/answer/predict.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { RawProbe } from '../source.ts';
import { arrives } from './walked.ts';
import { same } from './verdict.ts';

/** Which of the ways that chance decides between, and how many of them arrive. Where all do, the others are not shown. */
export interface Chance {
  readonly way: number;
  readonly of: number;
  readonly arriving: 'all' | 'some' | 'none';
}

export interface TripByChance {
  readonly trip: RoundTrip;
  readonly chance?: Chance;
}

/** More ways than these are not shown: the first that fail, and one that arrives. */
const MOST_SHOWN = 6;

/** A trip as it was asked for, or each way that chance may give it: all that differ where some fail, one where all arrive. */
export function tripsByChance(whole: RoundTrip): readonly TripByChance[] {
  const trips = chanceTrips(whole);
  if (trips === null) return [{ trip: whole }];
  const of = trips.length;
  const arriving = arrivingOf(trips);
  const all = trips.map((trip, index): TripByChance => ({ trip, chance: { way: index + 1, of, arriving } }));
  if (arriving === 'all') return all.slice(0, 1);
  if (all.length <= MOST_SHOWN) return all;
  const failing = all.filter(({ trip }) => !arrives(trip));
  const first = all.find(({ trip }) => arrives(trip));
  return [...failing.slice(0, MOST_SHOWN - 1), ...(first ? [first] : [])];
}

function arrivingOf(trips: readonly RoundTrip[]): Chance['arriving'] {
  if (trips.every(arrives)) return 'all';
  return trips.some(arrives) ? 'some' : 'none';
}

/** So many connections are tried at most until every way has come up. */
const MOST_TRIES = 16;
const SERIES_MILLISECONDS = 8000;

/** Tries until each way was seen that was predicted, one connection after the other. */
export async function probeUntilSeen(
  trips: readonly RoundTrip[],
  ask: () => Promise<RawProbe>,
): Promise<readonly RawProbe[]> {
  const end = performance.now() + SERIES_MILLISECONDS;
  const seen: RawProbe[] = [];
  while (seen.length < MOST_TRIES && performance.now() < end) {
    const raw = await ask();
    seen.push(raw);
    if (raw.outcome === 'not-run' || trips.every((trip) => seen.some((one) => isOf(trip, one)))) break;
  }
  return seen;
}

const isOf = (trip: RoundTrip, raw: RawProbe): boolean =>
  same(predict(trip).outcome, toldTo(trip, raw).outcome);

/** What each way was seen to do; what no way was predicted to do is held against the first. */
export function probesOfWays(
  trips: readonly RoundTrip[],
  seen: readonly RawProbe[],
): readonly (RawProbe | null)[] {
  const surprise = seen.find((raw) => !trips.some((trip) => isOf(trip, raw) || isHeldBack(trip, raw)));
  return trips.map((trip, index) => {
    const own = seen.find((raw) => isOf(trip, raw));
    if (index === 0 && surprise) return surprise;
    return own ? toldTo(trip, own) : null;
  });
}

/** Shorter than the first retransmission of a SYN, which of IPv6 gets another flow label, and may go by another way. */
const ONE_WAY_MILLISECONDS = 900;

/** Whether one connection of these may try several ways (tcp_write_timeout(), sk_rethink_txhash()). */
const triesSeveral = ({ start }: RoundTrip): boolean =>
  start.protocol === 'tcp' && familyOf(start.destination) === 6;

/** As whom of them a series is asked, and how long each try may take; undefined: as long as that trip may. */
export function seriesOf(
  trips: readonly RoundTrip[],
  isImpatient: (trip: RoundTrip) => boolean,
): { readonly as: RoundTrip | undefined; readonly milliseconds?: number } {
  if (trips.some(triesSeveral))
    return {
      as: trips.find((trip) => predict(trip).outcome !== 'reply') ?? trips[0],
      milliseconds: ONE_WAY_MILLISECONDS,
    };
  return { as: trips.find(isImpatient) ?? trips[0] };
}

/** An ICMPv6 error that a try heard, and its socket would with the second packet (tcp_v6_err()): who refused is known. */
const toldTo = (trip: RoundTrip, raw: RawProbe): RawProbe =>
  raw.outcome === 'timeout' && raw.icmp && triesSeveral(trip) && predict(trip).outcome === 'refused'
    ? { ...raw, outcome: 'refused' }
    : raw;

/** Errors are limited in their rate: of one that was kept back, a try that ends before its second packet hears nothing. */
const isHeldBack = (trip: RoundTrip, raw: RawProbe): boolean =>
  raw.outcome === 'timeout' && triesSeveral(trip) && predict(trip).outcome === 'refused';

/** Whether all tries were answered, and none took a way that was predicted to fail: it may be one no longer. */
export const isUnseen = (
  { trip, chance }: { readonly trip: RoundTrip; readonly chance?: Chance },
  { own, tries = [] }: { readonly own: RawProbe | null; readonly tries?: readonly ProbeOutcome[] },
): boolean =>
  chance !== undefined &&
  own === null &&
  !arrives(trip) &&
  tries.length >= MOST_TRIES &&
  answered(tries) === tries.length;

/** How many of the probes of a series were answered. */
export const answered = (tries: readonly ProbeOutcome[]): number =>
  tries.filter((outcome) => outcome === 'reply').length;
