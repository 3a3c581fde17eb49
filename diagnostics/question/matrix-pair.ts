import type { WhyVerdict } from '../model/diagnosis.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import type { MatrixPair, MatrixQuestion, MatrixStop } from '../model/reach-matrix.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { Disposition, Step, Trace } from '../model/trace.ts';
import { MATRIX_WORDS } from '../report/matrix-words.ts';
import { said } from '../sayings/sayings.ts';
import { stepText } from '../report/step-text.ts';
import { displayText } from '../model/display-text.ts';
import { onlySwitches } from '../simulate/link/bridge.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import { tripsByChance } from './chance-ways.ts';
import { destinationsOf } from './destinations.ts';
import { arrives, missingOf } from './walked.ts';
import { judgeWay, NOT_PROBED } from './judge-way.ts';
import { relaysBehind } from './relay.ts';
import { overall } from './verdict.ts';

/** What one end's question to another comes to; said in a language only when somebody wants to hear it. */
export interface PairAnswer {
  readonly missing: readonly MissingFact[];
  /** Every namespace whose rules or sockets had a say; not those that only switch frames. */
  readonly passed: readonly NamespaceId[];
  result(
    language: Language,
    labelOf: (id: NamespaceId) => string,
  ): Pick<MatrixPair, 'verdict' | 'address' | 'stop'>;
  /** The same said of two ends that are like these (`AlikeEnd`); null where words of doubt would have to be rewritten. */
  alike(rename: Rename): PairAnswer | null;
}

/** Gives a text with the words of some ends that of others. */
export type Rename = (text: string) => string;

/** As `hoplab why` does: an end with many addresses is tried by the first ones. */
const MOST_ADDRESSES = 4;

interface Stop {
  readonly direction: 'forward' | 'back';
  readonly disposition: Disposition;
  readonly namespace: NamespaceId | null;
  readonly step: Step | null;
  readonly doubt: string | null;
}

interface Way {
  readonly address: string;
  readonly verdict: WhyVerdict;
  readonly stop: Stop | null;
  readonly passed: readonly NamespaceId[];
  readonly missing: readonly MissingFact[];
}

/** Predicts one question between two namespaces, there and back. Pure. */
export function askPair(
  snapshot: Snapshot,
  from: NamespaceId,
  to: NamespaceId,
  question: MatrixQuestion,
): PairAnswer {
  const { addresses, denied, missing } = destinationsOf(snapshot, from, to, question.family);
  if (addresses.length === 0) return nowhere(denied, to, question, missing);
  const ways = addresses
    .slice(0, MOST_ADDRESSES)
    .flatMap((address) => walkWays(snapshot, from, address, question));
  const verdict = overall(ways.map((way) => way.verdict));
  const telling = ways.find((way) => way.verdict !== 'reachable') ?? ways[0];
  return answerOf(
    verdict,
    telling?.address ?? null,
    verdict === 'reachable' ? null : (telling?.stop ?? null),
    ways.flatMap((way) => way.missing),
    [...new Set(ways.flatMap(({ passed }) => passed))],
  );
}

const answerOf = (
  verdict: WhyVerdict,
  address: string | null,
  stop: Stop | null,
  missing: readonly MissingFact[],
  passed: readonly NamespaceId[],
): PairAnswer => ({
  missing,
  passed,
  result: (language, labelOf) => ({ verdict, address, stop: stop && stopIn(stop, language, labelOf) }),
  alike: (rename) =>
    missing.length > 0 || (stop !== null && stop.doubt !== null)
      ? null
      : answerOf(
          verdict,
          address === null ? null : rename(address),
          stop && renamed(stop, rename),
          [],
          passed.map(rename),
        ),
});

/** Every text of a value anew. */
function renamed<T>(value: T, rename: Rename): T;
function renamed(value: unknown, rename: Rename): unknown {
  if (typeof value === 'string') return rename(value);
  if (Array.isArray(value)) return value.map((one) => renamed(one as unknown, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, renamed(inner as unknown, rename)]),
  );
}

/** An end without an address cannot be asked; one whose interfaces may not be read may have some. */
const nowhere = (
  denied: string | null,
  to: NamespaceId,
  { family }: MatrixQuestion,
  missing: readonly MissingFact[],
): PairAnswer => ({
  missing,
  passed: [],
  result: (language, labelOf) => ({
    verdict: denied === null ? 'unreachable' : 'unknown',
    address: null,
    stop: {
      direction: 'forward',
      disposition: denied === null ? 'no-route' : 'unknown',
      namespace: labelOf(to),
      text: displayText(
        denied === null ? MATRIX_WORDS[language].noAddress(family ?? null) : said(denied, language),
      ),
    },
  }),
  alike: () => null,
});

function walkWays(
  snapshot: Snapshot,
  namespace: NamespaceId,
  destination: string,
  { protocol, port }: MatrixQuestion,
): readonly Way[] {
  const whole = walkFlow(snapshot, { from: 'namespace', namespace, destination, protocol, port });
  return tripsByChance(whole).map(({ trip }) => judgedWay(snapshot, namespace, trip));
}

function judgedWay(snapshot: Snapshot, sender: NamespaceId, trip: RoundTrip): Way {
  const relays = relaysBehind(snapshot, trip);
  // A table of who reaches whom is about first packets: large ones are `why`’s.
  const { verdict } = judgeWay(snapshot, { start: trip.start, trip, relays, large: [] }, NOT_PROBED);
  const trips = [trip, ...relays.map((relay) => relay.trip)];
  const lost = trips.find((it) => !arrives(it)) ?? trip;
  return {
    address: trip.start.destination,
    verdict,
    stop: verdict === 'reachable' ? null : stopOf(lost),
    passed: passedBy(snapshot, trips, sender),
    missing: trips.flatMap(missingOf),
  };
}

/** Every way that a packet might take counts, also those that a trace does not show. */
const passedBy = (
  snapshot: Snapshot,
  trips: readonly RoundTrip[],
  sender: NamespaceId,
): readonly NamespaceId[] => {
  const found = new Set([sender]);
  for (const { ways } of trips)
    for (const { forward, back } of ways)
      for (const { journey } of [forward, ...back])
        for (const { namespace, steps } of journey.hops)
          if (!found.has(namespace) && !(steps.every(isOfLayer2) && onlySwitches(snapshot, namespace)))
            found.add(namespace);
  return [...found];
};

const isOfLayer2 = ({ kind }: Step): boolean =>
  kind === 'receive' || kind === 'bridge' || kind === 'transmit';

function stopOf({ forward, back }: RoundTrip): Stop | null {
  const answered = back?.disposition === 'delivered' && back.certain;
  const there = forward.disposition !== 'delivered' || back === null || (answered && !forward.certain);
  const trace: Trace = there ? forward : back;
  const doubt = trace.doubts[0] ?? null;
  const hop = trace.hops.at(-1);
  return {
    direction: there ? 'forward' : 'back',
    disposition: trace.disposition,
    namespace: hop?.namespace ?? null,
    step: hop?.steps.filter(({ kind }) => kind !== 'doubt').at(-1) ?? null,
    doubt: trace.certain ? null : doubt,
  };
}

function stopIn(stop: Stop, language: Language, labelOf: (id: NamespaceId) => string): MatrixStop {
  const { direction, disposition, namespace, step, doubt } = stop;
  const words = MATRIX_WORDS[language];
  const decided = step && stepText(step, language);
  return {
    direction,
    disposition,
    namespace: namespace === null ? null : labelOf(namespace),
    text: doubt === null ? (decided ?? words.dispositions[disposition]) : displayText(said(doubt, language)),
  };
}
