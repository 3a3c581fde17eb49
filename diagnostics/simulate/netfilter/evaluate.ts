import type { Verdict } from '../../model/ruleset.ts';
import { act, decisionOf, doubtAbout, translateByMap, type Effect, type RulePlace } from './act.ts';
import { readFields } from './compare.ts';
import type { CompiledPart, CompiledRule, CompiledTable } from './compile.ts';
import {
  mergeResults,
  settle,
  viewOf,
  withChance,
  withDoubt,
  type Result,
  type Scope,
  type State,
  type View,
} from './state.ts';

/** More possibilities than this are not followed; the outcome is then uncertain. */
export const MAXIMUM_STATES = 64;
/** The kernel refuses loops and deep nesting when rules are loaded; a damaged listing could still have them. */
const MAXIMUM_DEPTH = 64;

/** What one run through a table's chains needs. `overflow` is set where possibilities were left out. */
export interface Run {
  readonly table: CompiledTable;
  readonly scope: Scope;
  readonly note: { overflow: boolean };
}

const next = (state: State): Result => ({ end: 'next', state, decision: null });

const WHY_MAYBE = 'whether it matches depends on time, chance, history or something that is not known';
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
  const place = { chain, rule: rule.rule };
  const passed: Result[] = [];
  for (const state of live) {
    const results = runParts(run, place, rule.parts, 0, state, viewOf(run.scope, state), depth);
    for (const result of results) (result.end === 'next' ? passed : ended).push(result);
  }
  const merged = mergeResults(passed);
  const room = Math.max(1, MAXIMUM_STATES - ended.length);
  if (merged.length > room) run.note.overflow = true;
  return merged.slice(0, room).map(({ state }) => state);
}

function runParts(
  run: Run,
  place: RulePlace,
  parts: readonly CompiledPart[],
  from: number,
  start: State,
  startView: View,
  depth: number,
): readonly Result[] {
  let state = start;
  let view = startView;
  for (let at = from; at < parts.length; at++) {
    const part = parts[at];
    if (!part) break;
    if (part.kind === 'test') {
      const truth = part.test(view);
      if (truth === false) return [next(state)];
      if (truth === 'maybe') {
        const doubted = part.chance
          ? withChance(state, doubtAbout(place, BY_CHANCE))
          : withDoubt(state, doubtAbout(place, WHY_MAYBE));
        const matched = runParts(run, place, parts, at + 1, doubted, view, depth);
        return settle(state, [...matched, next(doubted)]);
      }
      continue;
    }
    const effect = runPart(run, place, part, state, view, depth);
    if (!effect.goesOn) return effect.results;
    if (effect.state !== state) view = viewOf(run.scope, effect.state);
    state = effect.state;
  }
  return [next(state)];
}

function runPart(
  run: Run,
  place: RulePlace,
  part: Exclude<CompiledPart, { readonly kind: 'test' }>,
  state: State,
  view: View,
  depth: number,
): Effect {
  switch (part.kind) {
    case 'action':
      return part.action.type === 'verdict'
        ? runVerdict(run, place, part.action.verdict, state, depth)
        : act(part.action, state, run.scope, place);
    case 'verdict-map':
      return runMap(part, place, state, view, (entry, chosen) =>
        runVerdict(run, place, entry.verdict, chosen, depth),
      );
    case 'translation-map':
      return runMap(part, place, state, view, (entry, chosen) =>
        translateByMap(part.action.change, entry, chosen, run.scope, place),
      );
  }
}

/** Looks the packet up in a map; each entry that may be meant is followed. A packet that is not in it fails the rule. */
function runMap<E>(
  part: {
    readonly action: Extract<CompiledPart, { readonly kind: 'verdict-map' | 'translation-map' }>['action'];
    readonly lookup: (held: readonly (ReturnType<typeof readFields> & object)[number][]) => {
      readonly certain: readonly E[];
      readonly possible: readonly E[];
    };
    readonly dynamic: boolean;
  },
  place: RulePlace,
  state: State,
  view: View,
  follow: (entry: E, state: State) => Effect,
): Effect {
  const { action } = part;
  const held = readFields(action.fields, view);
  if (!held) return { goesOn: false, results: [next(state)] };
  const { certain, possible } = part.lookup(held);
  const hit = certain[0];
  const complete = action.map.type === 'inline' && action.map.complete === true;
  const entries = hit === undefined ? possible : [...possible, hit];
  const mayMiss = hit === undefined && !complete && (possible.length > 0 || part.dynamic);
  if (entries.length === 0 && !mayMiss) return { goesOn: false, results: [next(state)] };
  if (entries.length === 1 && !mayMiss && hit !== undefined) return follow(hit, state);
  const doubted = action.fields.includes('chance')
    ? withChance(state, doubtAbout(place, 'chance decides which entry of its map is taken'))
    : withDoubt(
        state,
        doubtAbout(place, 'which entry of its map is taken depends on chance or something that is not known'),
      );
  const effects = entries.map((entry) => follow(entry, doubted));
  const results = effects.flatMap((effect) => (effect.goesOn ? [next(effect.state)] : effect.results));
  return { goesOn: false, results: settle(state, mayMiss ? [...results, next(doubted)] : results) };
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

const withUnmodelled = (state: State, text: string): State =>
  state.unmodelled.includes(text) ? state : { ...state, unmodelled: [...state.unmodelled, text] };
