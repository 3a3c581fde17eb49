import type { Finding, Remedy } from '../causes/finding.ts';
import { duplicateAddress } from '../causes/list/duplicate-address.ts';
import { findCause } from '../causes/registry.ts';
import { wayEnd, type Naming, type WaySituation } from '../causes/situation.ts';
import type { Flow } from '../model/flow.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { endsAtHeldPort } from '../simulate/ip/held-port.ts';
import type { FlowStart } from '../simulate/start.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { Found } from './found.ts';
import { withoutConsequences } from './consequences.ts';
import { applyRemedy, type Retarget, type State } from './on-paper.ts';
import { joinedWithEarlier } from './one-fault.ts';
import { NOTHING_SEEN, type Seen } from './seen.ts';
import {
  arrives,
  arrivesWhole,
  cutOf,
  lostOf,
  missingOf,
  missingOfLarge,
  walkWhole,
  type Walked,
} from './walked.ts';

export interface Explanation {
  readonly found: readonly Found[];
  /** With every first remedy applied. */
  readonly mended: Snapshot;
  readonly start: FlowStart;
  /** Whether the packet and its answer arrive then. */
  readonly arrives: boolean;
  readonly missing: readonly MissingFact[];
}

/** Real networks are rarely broken in more ways than this at once, and a way can not be mended in circles for ever. */
const MOST_CAUSES = 12;
/** Alternatives beyond these only confuse. */
const MOST_REMEDIES = 4;

/** What else is known of a way that is to be explained. */
export interface Beside {
  /** Causes of other ways of the question, which are not told again. */
  readonly earlier?: readonly Found[];
  readonly retarget?: Retarget;
  readonly naming?: Naming | null;
  readonly seen?: Seen;
  /** The question's ways to other addresses: what mends this one should leave those that arrive as they are. */
  readonly others?: readonly FlowStart[];
}

/**
 * Finds the cause at the end of the walk, mends it on paper, and walks again, until the packet arrives and its answer comes
 * back: so causes come in the order in which the packet meets them. A rule that later ones had led to was no cause. Pure.
 */
export function explainWay(
  snapshot: Snapshot,
  flow: Flow,
  start: FlowStart,
  beside: Beside = {},
): Explanation {
  const { earlier = [], retarget = sameTarget, naming = null, seen = NOTHING_SEEN, others = [] } = beside;
  const found: Found[] = [];
  const told = new Set(earlier.map(({ finding }) => keyOf(finding)));
  let state: State = { snapshot, start };
  const settled = (now: State): boolean => {
    const walked = walkWhole(now.snapshot, now.start, seen);
    return arrivesWhole(walked) && rivalIn(walked.trip, now.snapshot, flow) === null;
  };
  for (;;) {
    const walked = walkWhole(state.snapshot, state.start, seen);
    const { trip } = walked;
    const missing = [...missingOf(trip), ...missingOfLarge(walked)];
    const done = { found, mended: state.snapshot, start: state.start, missing };
    if (arrivesWhole(walked) && missing.length === 0) {
      const rival = rivalIn(trip, state.snapshot, flow);
      const [mend] = rival?.remedies ?? [];
      if (!rival || !mend || told.has(keyOf(rival))) {
        const needed = withoutConsequences(found, { snapshot, start }, retarget, settled);
        return { ...done, ...needed, arrives: true };
      }
      told.add(keyOf(rival));
      found.push({ finding: rival, before: state.snapshot, start: state.start, remedies: rival.remedies });
      state = applyRemedy(state, mend, retarget);
      continue;
    }
    if (missing.length > 0 || found.length >= MOST_CAUSES) return { ...done, arrives: false };
    const named = naming !== null && state.start.destination === start.destination;
    const situation = failure(walked, state.snapshot, flow, named ? naming : undefined);
    const finding = situation ? asSureAsItsWalk(findCause(situation), situation) : null;
    if (!finding || told.has(keyOf(finding))) return { ...done, arrives: false };
    const joined = joinedWithEarlier(found, finding);
    if (joined) {
      const again = found.splice(joined.index, found.length, joined.both).slice(1);
      for (const { finding: other } of again) told.delete(keyOf(other));
      state = applyRemedy({ snapshot: joined.both.before, start: joined.start }, joined.remedy, retarget);
      continue;
    }
    told.add(keyOf(finding));
    const { remedies, untried } = helpful(finding.remedies, state, walked, { retarget, seen, others });
    found.push({ finding, before: state.snapshot, start: state.start, remedies });
    if (untried.length > 0) return { ...done, arrives: false, missing: untried };
    const [first] = remedies;
    if (!first) return { ...done, arrives: false };
    state = applyRemedy(state, first, retarget);
  }
}

/** Of a packet that arrives only if the right one of two answers first: the other one. */
function rivalIn({ forward }: RoundTrip, snapshot: Snapshot, flow: Flow): Finding | null {
  if (forward.certain) return null;
  const arrived = wayEnd({ snapshot, flow, forward, direction: 'forward', trace: forward });
  return arrived && duplicateAddress.find(arrived);
}

/** What a doubtful walk leads to is not certain. */
const asSureAsItsWalk = (finding: Finding | null, { trace }: WaySituation): Finding | null =>
  finding?.certainty === 'certain' && !trace.certain ? { ...finding, certainty: 'likely' } : finding;

/** Where a round trip fails: on the way there, else on the way back. */
function failure(walked: Walked, snapshot: Snapshot, flow: Flow, naming?: Naming): WaySituation | null {
  const { forward, back, start } = walked.trip;
  const large = lostOf(walked);
  if (large)
    return wayEnd({ snapshot, flow, forward, direction: large.direction, trace: large.trace, large, start });
  const cut = cutOf(walked);
  if (cut)
    return wayEnd({
      snapshot,
      flow,
      forward,
      direction: cut.direction,
      trace: cut.trace,
      start,
      opened: true,
    });
  const there = forward.disposition !== 'delivered' || back === null || endsAtHeldPort(forward);
  return wayEnd({
    snapshot,
    flow,
    forward,
    direction: there ? 'forward' : 'back',
    trace: there || back === null ? forward : back,
    start,
    ...(naming ? { naming } : {}),
  });
}

const keyOf = ({ id, place, params }: Finding): string => JSON.stringify([id, place, params]);

const sameTarget: Retarget = (_snapshot, before) => before;

/**
 * The remedies that get the packet furthest, as they came, but for those that stop one of `others`: they come last. None that
 * does more than another which suffices. Where none changes anything on paper, all stay: some are for a person to carry out. `untried`: facts that tell whether another one suffices,
 * where none is known to.
 */
function helpful(
  remedies: readonly Remedy[],
  state: State,
  before: Walked,
  { retarget, seen, others }: Required<Pick<Beside, 'retarget' | 'seen' | 'others'>>,
): { readonly remedies: readonly Remedy[]; readonly untried: readonly MissingFact[] } {
  const ranked = remedies.map((remedy) => {
    const after = applyRemedy(state, remedy, retarget);
    const walked = walkWhole(after.snapshot, after.start, seen);
    return { remedy, progress: progressOf(walked, before), missing: missingOf(walked.trip) };
  });
  const best = Math.max(...ranked.map(({ progress }) => progress));
  // Of those that do not arrive (something else is in the way too) none can be told to be better than another.
  const least = best === ARRIVES ? ARRIVES : Math.min(best, 1);
  const useful = harmlessFirst(
    ranked.filter(({ progress }) => progress >= least).map(({ remedy }) => remedy),
    state.snapshot,
    others.filter((other) => arrivesWhole(walkWhole(state.snapshot, other, seen))),
    seen,
  );
  return {
    remedies: useful
      .filter((remedy) => best < ARRIVES || !useful.some((other) => doesMore(remedy, other)))
      .slice(0, MOST_REMEDIES),
    untried: best < ARRIVES ? ranked.flatMap(({ missing }) => missing) : [],
  };
}

/** Of ways that arrive as it is, a remedy may stop one: a default route that was moved, for instance. */
function harmlessFirst(
  remedies: readonly Remedy[],
  snapshot: Snapshot,
  arriving: readonly FlowStart[],
  seen: Seen,
): readonly Remedy[] {
  if (remedies.length < 2 || arriving.length === 0) return remedies;
  const harms = remedies.filter((remedy) =>
    arriving.some((start) => {
      const after = applyRemedy({ snapshot, start }, remedy);
      return !arrivesWhole(walkWhole(after.snapshot, after.start, seen));
    }),
  );
  return [...remedies.filter((remedy) => !harms.includes(remedy)), ...harms];
}

/** Whether a remedy does all that another does, and more than that. */
function doesMore(remedy: Remedy, other: Remedy): boolean {
  const actions = remedy.actions.map((action) => JSON.stringify(action));
  return (
    actions.length > other.actions.length &&
    other.actions.every((action) => actions.includes(JSON.stringify(action)))
  );
}

const ARRIVES = 3;

/** 3: arrives; 2: gets there, and the answer is lost; 1: ends elsewhere than before; 0: as before. */
function progressOf(after: Walked, before: Walked): number {
  if (arrivesWhole(after)) return ARRIVES;
  if (arrives(after.trip) && !arrives(before.trip)) return 2;
  if (after.trip.forward.disposition === 'delivered' && before.trip.forward.disposition !== 'delivered')
    return 2;
  return endOf(after) === endOf(before) ? 0 : 1;
}

const endOf = (walked: Walked): string =>
  JSON.stringify(
    [walked.trip.forward, walked.trip.back, (cutOf(walked) ?? lostOf(walked))?.trace].map((trace) => [
      trace?.disposition,
      trace?.hops.length,
      trace?.hops.at(-1)?.steps.at(-1),
    ]),
  );
