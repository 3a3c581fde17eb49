import type { NamespaceId } from '../model/ids.ts';
import { groupBy } from '../model/remember.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { OtherFlow } from '../model/flow-effects.ts';
import { arrives, largeOf, lostOf, missingOf, missingOfLarge } from '../question/walked.ts';
import { relaysBehind } from '../question/relay.ts';
import { predict } from '../simulate/answer/predict.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import type { Candidate } from './candidates.ts';

/** Whether a flow works; `unclear`: the walk cannot say for sure. */
interface Answer {
  readonly outcome: 'open' | 'closed' | 'unclear';
  readonly missing: readonly MissingFact[];
}

/** Keeps what was walked on one snapshot: several fixes begin with the same facts. */
export type Answers = (snapshot: Snapshot, start: FlowStart, large: boolean) => Answer;

export function rememberAnswers(): Answers {
  const seen = new WeakMap<Snapshot, Map<string, Answer>>();
  return (snapshot, start, large) => {
    let own = seen.get(snapshot);
    if (!own) seen.set(snapshot, (own = new Map()));
    const key = JSON.stringify([start, large]);
    let answer = own.get(key);
    if (!answer) own.set(key, (answer = answerOf(snapshot, start, large)));
    return answer;
  };
}

function answerOf(snapshot: Snapshot, start: FlowStart, large: boolean): Answer {
  const trip = walkFlow(snapshot, start);
  const trips = [trip, ...relaysBehind(snapshot, trip).map((relay) => relay.trip)];
  const sizes = large ? trips.map((one) => ({ large: largeOf(snapshot, one) })) : [];
  const missing = [...trips.flatMap(missingOf), ...sizes.flatMap(missingOfLarge)];
  if (missing.length > 0 || trips.some(isUnclear)) return { outcome: 'unclear', missing };
  const whole = trips.every(arrives) && sizes.every((one) => lostOf(one) === null);
  return { outcome: whole ? 'open' : 'closed', missing };
}

/** Whether a program answers a datagram is its own affair; that it gets there is not. */
const isUnclear = (trip: RoundTrip): boolean =>
  predict(trip).outcome === 'not-run' || !trip.forward.certain || trip.back?.certain === false;

export interface Compared {
  readonly opens: readonly OtherFlow[];
  readonly closes: readonly OtherFlow[];
  readonly compared: number;
  readonly unclear: number;
  readonly missing: readonly MissingFact[];
  /** Of flows that could not be walked for want of facts. */
  readonly unread: readonly NamespaceId[];
}

/** Walks flows on the facts before and after. Pure. */
export function compareFlows(
  candidates: readonly Candidate[],
  before: Snapshot,
  after: Snapshot,
  large: boolean,
  answers: Answers,
): Compared {
  const missing: MissingFact[] = [];
  const all = candidates.map((candidate): { readonly flow: OtherFlow; readonly change: Change } => {
    const old = answers(before, candidate.start, large);
    const now = answers(after, candidate.start, large);
    missing.push(...old.missing, ...now.missing);
    return { flow: flowOf(candidate), change: changeOf(old, now) };
  });
  const alike = groupBy(all, ({ flow: { from, to, protocol, port } }) =>
    JSON.stringify([from, to, protocol, port]),
  );
  const those = (wanted: Change): readonly OtherFlow[] =>
    [...alike.values()].flatMap((own) => {
      const flows = own.filter(({ change }) => change === wanted).map(({ flow }) => flow);
      return flows.length === own.length ? flows : flows.map((flow) => ({ ...flow, onlyThere: true }));
    });
  const unclear = all.filter(({ change }) => change === 'unclear').length;
  return {
    opens: those('opens'),
    closes: those('closes'),
    compared: all.length - unclear,
    unclear,
    missing,
    unread: [...new Set(missing.map((it) => it.namespace))],
  };
}

type Change = 'opens' | 'closes' | 'none' | 'unclear';

function changeOf(old: Answer, now: Answer): Change {
  if (old.outcome === 'unclear' || now.outcome === 'unclear') return 'unclear';
  if (old.outcome === now.outcome) return 'none';
  return now.outcome === 'open' ? 'opens' : 'closes';
}

const flowOf = ({ from, to, start: { destination, protocol, port } }: Candidate): OtherFlow => ({
  from: from.name,
  to,
  address: destination,
  protocol,
  port,
});
