import type { Finding, Remedy } from '../causes/cause.ts';
import { findCause } from '../causes/registry.ts';
import { changeBy } from '../fixes/registry.ts';
import type { Flow } from '../model/flow.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { walkFlow } from '../simulate/walk.ts';
import type { FlowStart } from '../simulate/start.ts';
import { parseEndpoint } from './endpoint-text.ts';
import { applyRemedy, arrives, explainWay, missingOf, type Found, type Retarget } from './explain.ts';
import { findEnd } from './find-end.ts';
import { relayOf } from './relay.ts';
import { targetOf, type Answers, type Target } from './target.ts';

/** Why a question's answer is no, as far as facts tell: every cause, in the order in which the packet meets them. */
export interface Explained {
  readonly found: readonly Found[];
  /** Whether everything arrives once the first remedy of each is applied. */
  readonly arrives: boolean;
  readonly missing: readonly MissingFact[];
}

/** A question that has no address to ask is mended at its ends first: an end that starts, gets an address, gets a name. */
const MOST_END_CAUSES = 3;

/** Pure: the same facts, the same causes. */
export function explainQuestion(snapshot: Snapshot, flow: Flow, answers: Answers): Explained {
  const found: Found[] = [];
  let state = { snapshot, flow };
  let target = targetOf(state.snapshot, state.flow, answers);
  while (target.missing.length === 0 && target.situation !== null) {
    const finding = findCause(target.situation);
    if (!finding) return { found, arrives: false, missing: [] };
    found.push({ finding, before: state.snapshot, start: null, remedies: finding.remedies });
    const [first] = finding.remedies;
    if (!first || found.length >= MOST_END_CAUSES) return { found, arrives: false, missing: [] };
    const next = mendEnd(state, first);
    const after = targetOf(next.snapshot, next.flow, answers);
    // What cannot be tried on paper (a container's start) ends the explanation here.
    if (after.situation && sameFinding(findCause(after.situation), finding))
      return { found, arrives: false, missing: [] };
    state = next;
    target = after;
  }
  if (target.missing.length > 0) return { found, arrives: false, missing: target.missing };

  let current = state.snapshot;
  let all = target.starts.length > 0;
  for (const start of target.starts) {
    const asked = state.flow;
    const again: Retarget = (after, before) => retargeted(targetOf(after, asked, answers), before);
    const direct = again(current, start);
    for (const part of [direct, ...relayStarts(current, direct)]) {
      // A relay's other side is no end of the question.
      const way = explainWay(current, asked, part, found, part === direct ? again : undefined);
      found.push(...way.found);
      if (way.missing.length > 0) return { found, arrives: false, missing: way.missing };
      current = way.mended;
      all &&= way.arrives;
    }
  }
  return { found, arrives: all, missing: [] };
}

/** A container that joined a network is asked for at its address there. */
const retargeted = ({ starts }: Target, before: FlowStart): FlowStart => {
  const [first] = starts;
  if (first === undefined || starts.some(({ destination }) => destination === before.destination))
    return before;
  return { ...before, destination: first.destination };
};

interface EndState {
  readonly snapshot: Snapshot;
  readonly flow: Flow;
}

/** A remedy on paper, which may be to ask for another name. */
const mendEnd = (state: EndState, remedy: Remedy): EndState =>
  remedy.actions.reduce<EndState>(({ snapshot, flow }, action) => {
    if (action.kind !== 'ask-instead' || action.to === null)
      return { snapshot: changeBy(action, snapshot), flow };
    return { snapshot, flow: { ...flow, to: findEnd(parseEndpoint(action.to), snapshot, 'to') } };
  }, state);

const sameFinding = (one: Finding | null, other: Finding): boolean =>
  one !== null && one.id === other.id && JSON.stringify(one.params) === JSON.stringify(other.params);

const relayStarts = (snapshot: Snapshot, start: FlowStart): readonly FlowStart[] => {
  const relay = relayOf(snapshot, walkFlow(snapshot, start));
  return relay ? [relay.start] : [];
};

/**
 * Whether the walk arrives with this remedy for the `at`th cause and the first remedy of every other one. False where a fact
 * that is missing would have to be read for it.
 */
export function provenWith(
  snapshot: Snapshot,
  flow: Flow,
  answers: Answers,
  found: readonly Found[],
  at: number,
  remedy: Remedy,
): boolean {
  const chosen = found.flatMap(({ remedies }, index) => (index === at ? [remedy] : remedies.slice(0, 1)));
  if (chosen.length < found.length) return false;
  const mended = chosen.reduce<EndState>((state, one) => mendEnd(state, one), { snapshot, flow });
  const { starts, situation, missing } = targetOf(mended.snapshot, mended.flow, answers);
  if (situation !== null || missing.length > 0 || starts.length === 0) return false;
  return starts.every((start) => {
    // Facts are mended already; of the remedies only a change of the question is still to be made.
    const asked = chosen.reduce((state, one) => ({ ...state, start: applyRemedy(state, one).start }), {
      snapshot: mended.snapshot,
      start,
    });
    const trip = walkFlow(asked.snapshot, asked.start);
    return (
      arrives(trip) &&
      missingOf(trip).length === 0 &&
      relayStarts(asked.snapshot, asked.start).every((relay) => arrives(walkFlow(asked.snapshot, relay)))
    );
  });
}
