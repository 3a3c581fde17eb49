import type { Remedy } from '../causes/finding.ts';
import type { NameAnswers } from '../model/dns-answer.ts';
import type { Flow } from '../model/flow.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { predict } from '../simulate/answer/predict.ts';
import { staleStarts } from '../simulate/netfilter/remembered.ts';
import { mendEnd, type EndState } from './explain-question.ts';
import type { Found } from './found.ts';
import { oneAnswers, unansweredStarts } from './name-server.ts';
import { applyRemedy } from './on-paper.ts';
import { relaysBehind } from './relay.ts';
import { NOTHING_SEEN, type Seen } from './seen.ts';
import { targetOf } from './target.ts';
import { arrives, arrivesWhole, largeOf, missingOf, walkWhole, type Walked } from './walked.ts';

/** What the remedies of an explanation turn out to do on paper. */
export interface Proven {
  /**
   * Whether the walk arrives with this remedy for a cause and the first remedy of every other one. False where a fact that is
   * missing would have to be read for it.
   */
  readonly isProven: (cause: number, remedy: Remedy) => boolean;
  /** Why it is not sure that these are enough, in the words of the walk; empty where it is, or where they are not. */
  readonly openFor: (cause: number, remedy: Remedy) => readonly string[];
}

/** Each remedy is worked out once. */
export function proofOf(
  snapshot: Snapshot,
  flow: Flow,
  answers: NameAnswers,
  found: readonly Found[],
  seen: Seen = NOTHING_SEEN,
): Proven {
  const known = new Map<string, Tried>();
  const tried = (cause: number, remedy: Remedy): Tried => {
    const key = `${cause} ${found[cause]?.remedies.indexOf(remedy) ?? -1}`;
    let one = known.get(key);
    if (one === undefined)
      known.set(key, (one = tryRemedies(snapshot, flow, answers, found, cause, remedy, seen)));
    return one;
  };
  return {
    isProven: (cause, remedy) => tried(cause, remedy).proven,
    openFor: (cause, remedy) => tried(cause, remedy).open,
  };
}

/**
 * Remedies in the order in which they are offered: where it is not sure that the first is enough, one that is proven comes before
 * it. What cannot be tried on paper at all keeps its place.
 */
export function surestFirst(
  found: readonly Found[],
  proofWith: (found: readonly Found[]) => Proven,
): readonly Found[] {
  return found.reduce((all, { remedies }, at) => {
    const { isProven, openFor } = proofWith(all);
    const [first] = remedies;
    if (first === undefined || openFor(at, first).length === 0) return all;
    const sure = remedies.find((remedy) => isProven(at, remedy));
    if (sure === undefined) return all;
    return all.map((one, index) =>
      index === at ? { ...one, remedies: [sure, ...remedies.filter((remedy) => remedy !== sure)] } : one,
    );
  }, found);
}

interface Tried {
  readonly proven: boolean;
  readonly open: readonly string[];
}

const NOT_PROVEN: Tried = { proven: false, open: [] };

function tryRemedies(
  snapshot: Snapshot,
  flow: Flow,
  answers: NameAnswers,
  found: readonly Found[],
  at: number,
  remedy: Remedy,
  seen: Seen,
): Tried {
  const chosen = found.flatMap(({ remedies }, index) => (index === at ? [remedy] : remedies.slice(0, 1)));
  if (chosen.length < found.length) return NOT_PROVEN;
  const mended = chosen.reduce<EndState>((state, one) => mendEnd(state, one), { snapshot, flow });
  const { starts, situation, sent, missing } = targetOf(mended.snapshot, mended.flow, answers);
  // Where a name server could not be asked: it can now; what it will say is not on paper.
  if (situation?.type === 'name' && situation.reason === 'no-answer')
    return {
      proven: oneAnswers(mended.snapshot, unansweredStarts(mended.snapshot, mended.flow, sent)),
      open: [],
    };
  if (situation !== null || missing.length > 0 || starts.length === 0) return NOT_PROVEN;
  const walks = starts.map((start) => {
    // Facts are mended already; of the remedies only a change of the question is still to be made.
    const asked = chosen.reduce((state, one) => ({ ...state, start: applyRemedy(state, one).start }), {
      snapshot: mended.snapshot,
      start,
    });
    return { ...asked, walked: walkWhole(asked.snapshot, asked.start, seen) };
  });
  return {
    proven: walks.every(({ snapshot: after, walked }) => arrivesThrough(after, walked)),
    open: [...new Set(walks.flatMap(({ walked }) => openOf(walked)))],
  };
}

/** Also what connections of before do, and what is behind relays. */
const arrivesThrough = (snapshot: Snapshot, walked: Walked): boolean =>
  arrivesWhole(walked) &&
  staleStarts(snapshot, walked.trip).length === 0 &&
  missingOf(walked.trip).length === 0 &&
  relaysBehind(snapshot, walked.trip).every(({ trip }) =>
    arrivesWhole({ trip, large: largeOf(snapshot, trip) }),
  );

/** The doubts of a walk that may arrive. */
const openOf = ({ trip }: Walked): readonly string[] => {
  const { certain, fails } = predict(trip);
  if (arrives(trip) || certain || fails) return [];
  return [trip.forward, trip.back].flatMap((trace) => trace?.doubts ?? []);
};
