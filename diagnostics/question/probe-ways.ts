import type { Snapshot } from '../model/snapshot.ts';
import { groupBy } from '../model/remember.ts';
import { predict, type Prediction } from '../simulate/answer/predict.ts';
import { addressAsked, deviceAsked } from '../simulate/start.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { FactSource, RawProbe } from '../source.ts';
import { watchOf } from './probe-watch.ts';
import { probesOfWays, probeUntilSeen, seriesOf } from './chance-ways.ts';
import { NOT_PROBED, type Way, type WayProbes } from './judge-way.ts';
import { probeLarge } from './large-probe.ts';

/** Whether and for how long the kernel is asked. */
export interface ProbeOptions {
  readonly probe: boolean;
  readonly signal?: AbortSignal;
  /** Of one probe. */
  readonly timeoutMilliseconds?: number;
}

/** Longer than the kernel's three ARP requests, so that it can say that nobody answered. */
const PROBE_MILLISECONDS = 3500;
/** Where silence was predicted for sure, it is believed sooner: longer than the first retransmission of a SYN. */
const PREDICTED_SILENCE_MILLISECONDS = 1200;

/** Asks the kernel for the same flow; null where it cannot be asked. */
export function probeTrip(
  source: FactSource,
  snapshot: Snapshot,
  trip: RoundTrip,
  options: ProbeOptions,
): Promise<RawProbe> | null {
  const { start } = trip;
  // A port that another program holds cannot be asked from.
  if (!options.probe || !source.probe || start.from !== 'namespace' || start.sourcePort !== undefined)
    return null;
  return source.probe(
    {
      namespace: start.namespace,
      protocol: start.protocol,
      address: addressAsked(start),
      port: start.port,
      timeoutMilliseconds: options.timeoutMilliseconds ?? patience(predict(trip)),
      watch: watchOf(snapshot, trip),
      ...deviceAsked(start),
    },
    options.signal,
  );
}

/** An ICMPv6 error that comes while connect() is at work is heard only after the second SYN (tcp_v6_err()). */
const patience = ({ certain, outcome }: Prediction): number =>
  certain && outcome !== 'reply' && outcome !== 'refused'
    ? PREDICTED_SILENCE_MILLISECONDS
    : PROBE_MILLISECONDS;

/** Every way's own connection, those of the relays behind it, and large packets where small ones were answered. */
export async function probeWays(
  source: FactSource,
  snapshot: Snapshot,
  ways: readonly Way[],
  options: ProbeOptions,
): Promise<readonly WayProbes[]> {
  const ask: Asker = (trip, milliseconds = Infinity) =>
    probeTrip(source, snapshot, trip, {
      ...options,
      timeoutMilliseconds: Math.min(milliseconds, options.timeoutMilliseconds ?? patience(predict(trip))),
    });
  const asked = new Map<Way, WayProbes>();
  // The ways that chance decides between are one question.
  const questions = [...groupBy(ways, (way) => (way.chance ? way.start : way)).values()];
  await Promise.all(
    questions.map(async (same) => {
      const own = await ownProbes(same, ask);
      for (const [index, way] of same.entries())
        asked.set(way, await withTheRest(source, snapshot, way, own[index] ?? { own: null }, ask, options));
    }),
  );
  return ways.map((way) => asked.get(way) ?? NOT_PROBED);
}

/** `milliseconds`: not longer than that, whatever was asked for. */
type Asker = (trip: RoundTrip, milliseconds?: number) => Promise<RawProbe> | null;

/** One way is asked once; of several that chance decides between, until each was seen. */
async function ownProbes(
  ways: readonly Way[],
  ask: Asker,
): Promise<readonly Pick<WayProbes, 'own' | 'tries'>[]> {
  const trips = ways.map(({ trip }) => trip);
  const [first] = trips;
  if (first === undefined || trips.length === 1)
    return [{ own: first === undefined ? null : await ask(first) }];
  // Where one of them is silent for sure, all are given only so long.
  const { as = first, milliseconds } = seriesOf(
    trips,
    (trip) => patience(predict(trip)) < PROBE_MILLISECONDS,
  );
  const begun = ask(as, milliseconds);
  if (begun === null) return trips.map(() => ({ own: null }));
  let pending: Promise<RawProbe> | null = begun;
  const seen = await probeUntilSeen(trips, () => {
    const now = pending ?? ask(as, milliseconds) ?? begun;
    pending = null;
    return now;
  });
  const tries = seen.map(({ outcome }) => outcome);
  return probesOfWays(trips, seen).map((own) => ({ own, tries }));
}

async function withTheRest(
  source: FactSource,
  snapshot: Snapshot,
  { trip, relays, large }: Way,
  first: Pick<WayProbes, 'own' | 'tries'>,
  ask: Asker,
  { signal }: ProbeOptions,
): Promise<WayProbes> {
  const behind = await Promise.all(relays.map((relay) => ask(relay.trip)));
  // Only where small packets were answered is it worth to know about large ones.
  const sizes = [first.own, ...behind].map((raw, index) => {
    const walked = [trip, ...relays.map((relay) => relay.trip)][index];
    return raw?.outcome === 'reply' && walked
      ? probeLarge(source, snapshot, walked, large[index] ?? [], signal)
      : [];
  });
  return { ...first, relays: behind, sizes: await Promise.all(sizes) };
}
