import type { Finding, Remedy } from '../causes/cause.ts';
import { duplicateAddress } from '../causes/list/duplicate-address.ts';
import { findCause } from '../causes/registry.ts';
import { wayEnd, type Naming, type WaySituation } from '../causes/situation.ts';
import { changeBy, type FixAction } from '../fixes/registry.ts';
import type { Flow } from '../model/flow.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { chanceTrips } from '../simulate/answer/forks.ts';
import { endsAtHeldPort } from '../simulate/ip/held-port.ts';
import { walkLarge, type LargePackets } from '../simulate/answer/large.ts';
import { predict } from '../simulate/answer/predict.ts';
import { NOTHING_SEEN, seenTrip, type Seen } from './seen.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';

/** A cause, the facts as they were where it was found, and its remedies, the best first. */
export interface Found {
  readonly finding: Finding;
  /** With the causes before it mended. */
  readonly before: Snapshot;
  /** What was asked then. */
  readonly start: FlowStart | null;
  readonly remedies: readonly Remedy[];
}

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

/**
 * Finds the cause at the end of the walk, mends it on paper, and walks again, until the packet arrives and its answer comes
 * back: so causes come in the order in which the packet meets them. Pure.
 */
export function explainWay(
  snapshot: Snapshot,
  flow: Flow,
  start: FlowStart,
  earlier: readonly Found[] = [],
  retarget: Retarget = (_snapshot, before) => before,
  naming: Naming | null = null,
  seen: Seen = NOTHING_SEEN,
): Explanation {
  const found: Found[] = [];
  const told = new Set(earlier.map(({ finding }) => keyOf(finding)));
  let state = { snapshot, start };
  for (;;) {
    const walked = walkWhole(state.snapshot, state.start, seen);
    const { trip } = walked;
    const missing = arrives(trip) ? missingOfLarge(walked) : missingOf(trip);
    const done = { found, mended: state.snapshot, start: state.start, missing };
    if (arrivesWhole(walked)) {
      const rival = rivalIn(trip, state.snapshot, flow);
      const [mend] = rival?.remedies ?? [];
      if (!rival || !mend || told.has(keyOf(rival))) return { ...done, arrives: true };
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
    const twice = sameRuleBefore(found, finding);
    if (twice) {
      // What stops the packet stops its answer too: one cause, mended for both ways at once.
      const again = found.splice(twice.index, found.length, twice.both).slice(1);
      for (const { finding: other } of again) told.delete(keyOf(other));
      state = applyRemedy({ snapshot: twice.both.before, start: twice.start }, twice.remedy, retarget);
      continue;
    }
    told.add(keyOf(finding));
    const remedies = helpful(finding.remedies, state, walked, retarget, seen);
    found.push({ finding, before: state.snapshot, start: state.start, remedies });
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

/** An earlier cause by the same rule, which has a remedy for both ways that was not chosen yet. */
function sameRuleBefore(
  found: readonly Found[],
  { id, place, params }: Finding,
): {
  readonly index: number;
  readonly both: Found;
  readonly start: FlowStart;
  readonly remedy: Remedy;
} | null {
  if (params['direction'] !== 'back' || params['chain'] === undefined) return null;
  const index = found.findIndex(({ finding: other }) => {
    const alike = ['backend', 'family', 'table', 'chain', 'rule'];
    return (
      other.id === id &&
      other.params['direction'] === 'forward' &&
      JSON.stringify(other.place) === JSON.stringify(place) &&
      alike.every((name) => other.params[name] === params[name])
    );
  });
  const earlier = found[index];
  const [first, ...others] = earlier?.remedies ?? [];
  const remedy = others.find(({ actions }) => actions.length > (first?.actions.length ?? 0));
  if (!earlier?.start || !first || !remedy) return null;
  const remedies = [remedy, ...others.filter((it) => it !== remedy)];
  return { index, both: { ...earlier, remedies }, start: earlier.start, remedy };
}

/** What a doubtful walk leads to is not certain. */
const asSureAsItsWalk = (finding: Finding | null, { trace }: WaySituation): Finding | null =>
  finding?.certainty === 'certain' && !trace.certain ? { ...finding, certainty: 'likely' } : finding;

interface State {
  readonly snapshot: Snapshot;
  readonly start: FlowStart;
}

/** A remedy on paper: facts change, or the question does; and what TO stands for may be another address then. */
export function applyRemedy(
  state: State,
  remedy: Remedy,
  retarget: Retarget = (_snapshot, before) => before,
): State {
  const snapshot = remedy.actions.reduce((now, action) => changeBy(action, now), state.snapshot);
  return { snapshot, start: remedy.actions.reduce(startAfter, retarget(snapshot, state.start)) };
}

/** Where a first packet goes once the facts are these. */
export type Retarget = (snapshot: Snapshot, start: FlowStart) => FlowStart;

const startAfter = (start: FlowStart, action: FixAction): FlowStart =>
  action.kind === 'ask-instead'
    ? {
        ...start,
        ...(action.port === null ? {} : { port: action.port }),
        ...(action.address === undefined ? {} : { destination: action.address }),
      }
    : start;

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

export const largeOf = (snapshot: Snapshot, trip: RoundTrip): readonly LargePackets[] =>
  arrives(trip) ? walkLarge(snapshot, trip) : [];

export const lostOf = ({ large }: Pick<Walked, 'large'>): LargePackets | null =>
  large.find(({ fate }) => fate === 'lost') ?? null;

/** Large packets too. */
export const arrivesWhole = (walked: Walked): boolean => arrives(walked.trip) && lostOf(walked) === null;

export const missingOfLarge = ({ large }: Pick<Walked, 'large'>): readonly MissingFact[] =>
  large.flatMap(({ missing }) => missing);

export const missingOf = ({ forward, back }: RoundTrip): readonly MissingFact[] => [
  ...forward.missing,
  ...(back?.missing ?? []),
];

/** Where a round trip fails: on the way there, else on the way back. */
function failure(walked: Walked, snapshot: Snapshot, flow: Flow, naming?: Naming): WaySituation | null {
  const { forward, back, start } = walked.trip;
  const large = lostOf(walked);
  if (large)
    return wayEnd({ snapshot, flow, forward, direction: large.direction, trace: large.trace, large, start });
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

/**
 * The remedies that get the packet furthest, as they came; none that does more than another which suffices. Where none changes
 * anything on paper, all stay: some are for a person to carry out.
 */
function helpful(
  remedies: readonly Remedy[],
  state: State,
  before: Walked,
  retarget: Retarget,
  seen: Seen,
): readonly Remedy[] {
  const ranked = remedies.map((remedy) => {
    const after = applyRemedy(state, remedy, retarget);
    return { remedy, progress: progressOf(walkWhole(after.snapshot, after.start, seen), before) };
  });
  const best = Math.max(...ranked.map(({ progress }) => progress));
  // Of those that do not arrive (something else is in the way too) none can be told to be better than another.
  const least = best === ARRIVES ? ARRIVES : Math.min(best, 1);
  const useful = ranked.filter(({ progress }) => progress >= least).map(({ remedy }) => remedy);
  return useful
    .filter((remedy) => best < ARRIVES || !useful.some((other) => doesMore(remedy, other)))
    .slice(0, MOST_REMEDIES);
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
    [walked.trip.forward, walked.trip.back, lostOf(walked)?.trace].map((trace) => [
      trace?.disposition,
      trace?.hops.length,
      trace?.hops.at(-1)?.steps.at(-1),
    ]),
  );
