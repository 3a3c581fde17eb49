import type { NumberMapEntry, Verdict } from '../../model/rule-map.ts';
import { act, blend, changedSomehow } from './act.ts';
import { decisionOf, doubtAbout, type Effect, type RulePlace } from './effect.ts';
import { translateByMap } from './translate-action.ts';
import { assigned } from './assign.ts';
import { elementOf, fillingOf, readFields } from './compare.ts';
import { type CompiledPart, type CompiledRule, type CompiledTable } from './compile.ts';
import {
  mergeResults,
  settle,
  viewOf,
  withChance,
  withDoubt,
  withFilling,
  withUnmodelled,
  type Result,
  type Scope,
  type State,
  type View,
} from './state.ts';
import type { Filling } from './types.ts';
import { BY_RATE, whyOpen } from './why-open.ts';

/** More possibilities than this are not followed; the outcome is then uncertain. */
export const MAXIMUM_STATES = 64;
/** The kernel refuses loops and deep nesting when rules are loaded; a damaged listing could still have them. */
const MAXIMUM_DEPTH = 64;

/** What one run through a table's chains needs. `overflow` is set where possibilities were left out. */
export interface Run {
  readonly table: CompiledTable;
  readonly scope: Scope;
  readonly note: { overflow: boolean };
  /** What rules see of the packet in each condition: thousands of rules look at the same one. */
  readonly views: WeakMap<State, View>;
}

const next = (state: State): Result => ({ end: 'next', state, decision: null });

const BY_CHANCE = 'chance decides whether it matches';

/** Runs a chain. `next` results fell off its end or returned; the caller goes on with them. */
export function runChain(run: Run, name: string, start: State, depth = 0): readonly Result[] {
  const rules = run.table.rules(name);
  if (!rules || depth > MAXIMUM_DEPTH)
    return [
      next(withUnmodelled(start, `chain ${name} ${rules ? 'nests too deeply' : 'is not in the listing'}`)),
    ];
  let live: readonly State[] = [start];
  const ended: Result[] = [];
  for (const rule of rules) {
    live = runRuleOnAll(run, name, rule, live, ended, depth);
    if (live.length === 0) break;
  }
  return settle(start, [...ended, ...live.map(next)]).map((result) =>
    result.end === 'return' ? { ...result, end: 'next' } : result,
  );
}

/** The states that go on to the next rule; what ended is added to `ended`. */
function runRuleOnAll(
  run: Run,
  chain: string,
  rule: CompiledRule,
  live: readonly State[],
  ended: Result[],
  depth: number,
): readonly State[] {
  const [only] = live;
  // Most of thousands of rules are done with by their first comparison.
  if (only && live.length === 1) {
    const first = rule.part(0);
    if (first?.kind === 'test' && first.test(viewIn(run, only)) === false) return live;
  }
  const place = { chain, rule: rule.rule };
  const passed: Result[] = [];
  for (const state of live) {
    const results = runParts(run, place, rule, 0, state, viewIn(run, state), depth);
    for (const result of results) (result.end === 'next' ? passed : ended).push(result);
  }
  const merged = mergeResults(passed);
  const room = Math.max(1, MAXIMUM_STATES - ended.length);
  if (merged.length > room) run.note.overflow = true;
  return merged.slice(0, room).map(({ state }) => state);
}

function viewIn({ views, scope }: Run, state: State): View {
  const seen = views.get(state);
  if (seen) return seen;
  const view = viewOf(scope, state);
  views.set(state, view);
  return view;
}

function runParts(
  run: Run,
  place: RulePlace,
  rule: CompiledRule,
  from: number,
  start: State,
  startView: View,
  depth: number,
): readonly Result[] {
  let state = start;
  let view = startView;
  for (let at = from, part = rule.part(at); part; part = rule.part(++at)) {
    if (part.kind === 'test') {
      const truth = part.test(view);
      if (truth === false) return [next(state)];
      if (truth === 'maybe') {
        const doubted = part.chance
          ? withChance(state, doubtAbout(place, BY_CHANCE))
          : withDoubt(state, doubtAbout(place, whyOpen(part.match)));
        const matched = runParts(run, place, rule, at + 1, doubted, view, depth);
        return settle(state, [...matched, next(doubted)]);
      }
      continue;
    }
    if (part.kind === 'mark-map') {
      const found = lookUp(part, place, state, view).map(({ entry, state: chosen }) => ({
        state: entry
          ? (assigned(part.action.target, numberIn(entry, chosen), chosen, run.scope) ??
            changedSomehow(chosen, place))
          : chosen,
        missed: entry === null,
      }));
      const [only] = found;
      if (found.length !== 1 || !only || only.missed)
        return settle(
          state,
          found.flatMap(({ state: chosen, missed }) =>
            missed
              ? [next(chosen)]
              : runParts(run, place, rule, at + 1, chosen, viewOf(run.scope, chosen), depth),
          ),
        );
      state = only.state;
      view = viewOf(run.scope, state);
      continue;
    }
    if (part.kind === 'fill' && asksLimit(part, view)) {
      const doubted = withDoubt(state, doubtAbout(place, BY_RATE));
      const filled = fill(part, doubted, view);
      const onward = filled.goesOn
        ? runParts(run, place, rule, at + 1, filled.state, viewOf(run.scope, filled.state), depth)
        : filled.results;
      return settle(state, [...onward, next(doubted)]);
    }
    const effect = runPart(run, place, part, state, view, depth);
    if (!effect.goesOn) return effect.results;
    if (effect.state !== state) view = viewOf(run.scope, effect.state);
    state = effect.state;
  }
  return [next(state)];
}

/** set_target_v3(): of an element with a mask only some bits of the mark become others. */
const numberIn = ({ value, mask }: NumberMapEntry, { packet }: State): number | string =>
  mask === undefined || typeof value === 'string' ? value : blend(packet.mark, mask, value);

function runPart(
  run: Run,
  place: RulePlace,
  part: Exclude<CompiledPart, { readonly kind: 'test' | 'mark-map' }>,
  state: State,
  view: View,
  depth: number,
): Effect {
  switch (part.kind) {
    case 'action':
      switch (part.action.type) {
        case 'verdict':
          return runVerdict(run, place, part.action.verdict, state, depth);
        default:
          return act(part.action, state, run.scope, place);
      }
    case 'fill':
      return fill(part, state, view);
    case 'verdict-map':
      return runMap(lookUp(part, place, state, view), state, (entry, chosen) =>
        runVerdict(run, place, entry.verdict, chosen, depth),
      );
    case 'translation-map':
      return runMap(lookUp(part, place, state, view), state, (entry, chosen) =>
        translateByMap(part.action.change, entry, chosen, run.scope, place),
      );
  }
}

type MapPart = Extract<CompiledPart, { readonly kind: 'verdict-map' | 'translation-map' | 'mark-map' }>;

type FillPart = Extract<CompiledPart, { readonly kind: 'fill' }>;

/** nft_set_elem_update_expr(): an element that is there already, and put in again, may have a limit of its own. */
const asksLimit = ({ action, named, holds }: FillPart, view: View): boolean =>
  named.set.limited === true && action.change !== 'delete' && holds?.(view) !== false;

/**
 * nft_dynset_eval(): an element that there is no room for ends the rule. What an element of a map holds is not known here: where
 * one is new, a look-up is open.
 */
function fill({ action, named, holds }: FillPart, state: State, view: View): Effect {
  const held = action.fields ? readFields(action.fields, view) : undefined;
  if (held === null) return { goesOn: false, results: [next(state)] };
  const element = held ? elementOf(held) : null;
  const made = (now: Filling['now']): Effect => ({
    goesOn: true,
    state: withFilling(state, { set: named.key, element, now: element === null ? 'open' : now }),
  });
  if (action.change === 'delete') return made('out');
  if (action.change !== 'add' || !holds) return made('open');
  return named.set.full && holds(view) === false ? { goesOn: false, results: [next(state)] } : made('in');
}

/** One thing that a map may say of the packet; entry null: it holds nothing for it, which fails the rule. */
interface Found<E> {
  readonly state: State;
  readonly entry: E | null;
}

/** Looks the packet up in a map. */
function lookUp<E>(
  part: Pick<MapPart, 'action' | 'named'> & {
    readonly lookup: (held: NonNullable<ReturnType<typeof readFields>>) => {
      readonly certain: readonly E[];
      readonly possible: readonly E[];
    };
  },
  place: RulePlace,
  state: State,
  view: View,
): readonly Found<E>[] {
  const { action, named } = part;
  const held = readFields(action.fields, view);
  if (!held) return [{ state, entry: null }];
  const { certain, possible } = part.lookup(held);
  const hit = certain[0];
  const filling = named === null || named === 'unknown' ? null : (fillingOf(named, held, view)?.now ?? null);
  if (filling === 'out') return [{ state, entry: null }];
  if (filling === 'open' || (filling === 'in' && hit === undefined))
    return [
      {
        state: withUnmodelled(state, doubtAbout(place, 'a rule has just changed what its map holds')),
        entry: hit ?? null,
      },
    ];
  const complete = action.map.type === 'inline' && action.map.complete === true;
  const open = named === 'unknown' || named?.set.unreadable === true;
  const limited = named !== null && named !== 'unknown' && named.set.limited === true;
  const mayMiss = hit === undefined ? !complete && (possible.length > 0 || open) : limited;
  const entries = hit === undefined ? possible : [...possible, hit];
  if (entries.length === 0 && !mayMiss) return [{ state, entry: null }];
  if (entries.length === 1 && !mayMiss && hit !== undefined) return [{ state, entry: hit }];
  const doubted = action.fields.includes('chance')
    ? withChance(state, doubtAbout(place, 'chance decides which entry of its map is taken'))
    : withDoubt(
        state,
        doubtAbout(place, 'which entry of its map is taken depends on chance or something that is not known'),
      );
  const found = entries.map((entry): Found<E> => ({ state: doubted, entry }));
  return mayMiss ? [...found, { state: doubted, entry: null }] : found;
}

/** Each entry that may be meant is followed to the end of the rule. */
function runMap<E>(
  found: readonly Found<E>[],
  before: State,
  follow: (entry: E, state: State) => Effect,
): Effect {
  const [only] = found;
  if (found.length === 1 && only?.entry) return follow(only.entry, only.state);
  const results = found.flatMap(({ entry, state }) => {
    if (entry === null) return [next(state)];
    const effect = follow(entry, state);
    return effect.goesOn ? [next(effect.state)] : effect.results;
  });
  return { goesOn: false, results: settle(before, results) };
}

function runVerdict(run: Run, place: RulePlace, verdict: Verdict, state: State, depth: number): Effect {
  const decision = decisionOf(place);
  switch (verdict.type) {
    case 'accept':
    case 'drop':
      return { goesOn: false, results: [{ end: verdict.type, state, decision }] };
    case 'return':
      return { goesOn: false, results: [{ end: 'return', state, decision: null }] };
    case 'continue':
      return { goesOn: true, state };
    case 'queue': {
      const unread = isUnread(verdict, run.scope.boundQueues);
      // nf_queue(): where no program reads, the packet is dropped, unless the rule says to go by.
      if (unread)
        return {
          goesOn: false,
          results: [{ end: verdict.bypass === true ? 'accept' : 'drop', state, decision }],
        };
      const doubted = withDoubt(state, doubtAbout(place, 'a program decides on the packet'));
      return {
        goesOn: false,
        results: [
          { end: 'accept', state: doubted, decision },
          { end: 'drop', state: doubted, decision },
        ],
      };
    }
    case 'jump':
      return { goesOn: false, results: runChain(run, verdict.chain, state, depth + 1) };
    case 'goto':
      // Where the chain ends, so does the one that went there.
      return {
        goesOn: false,
        results: runChain(run, verdict.chain, state, depth + 1).map((result) =>
          result.end === 'next' ? { ...result, end: 'return' } : result,
        ),
      };
  }
}

/** Certainly no program reads any of the queues. */
const isUnread = (
  { numbers }: Extract<Verdict, { type: 'queue' }>,
  bound: readonly number[] | undefined,
): boolean =>
  numbers !== undefined &&
  bound !== undefined &&
  !bound.some((queue) => numbers[0] <= queue && queue <= numbers[1]);
