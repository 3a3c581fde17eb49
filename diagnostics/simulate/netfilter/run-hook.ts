import type { Packet } from '../../model/packet.ts';
import type { Hook, Ruleset } from '../../model/ruleset.ts';
import { baseChains, chainName, chainsAt, isIdle } from './base-chains.ts';
import { byPriority, inEveryOrder } from './equal-priority.ts';
import { MAXIMUM_STATES } from './evaluate.ts';
import { outcomes } from './hook-outcomes.ts';
import { CONNTRACK_PRIORITY, NAT_PRIORITIES, type HookContext } from './hook-scope.ts';
import { runBaseChain } from './run-base-chain.ts';
import { runNat } from './run-nat.ts';
import { sameEnds } from './seen.ts';
import { accepted, goesOn, mergeResults, settle, type Result, type State } from './state.ts';
import { translatedAt } from './translate.ts';
import type { HookInput, HookOutcome } from './types.ts';

/** One thing that runs at a hook. */
interface Stage {
  readonly priority: number;
  readonly name: string;
  readonly run: (state: State) => readonly Result[];
}

/**
 * All rules of a hook, in the kernel's order: filter chains by priority, each able to drop and none able to spare the packet
 * the next; among them, at its own priority, NAT. Pure; see types.ts for what comes back.
 */
export function runHook(ruleset: Ruleset, hook: Hook, input: HookInput): readonly HookOutcome[] {
  const context: HookContext = { hook, input, ruleset, note: { overflow: false } };
  const start: State = {
    packet: input.packet,
    connection: input.connection,
    doubts: [],
    chances: [],
    unmodelled: ruleset.unknowns,
    steps: [],
    ...(input.filled ? { filled: input.filled } : {}),
  };
  let live: readonly State[] = [start];
  const ended: Result[] = [];
  for (const equals of byPriority(stages(ruleset, context))) {
    const passed: Result[] = [];
    for (const state of live)
      for (const result of runEquals(equals, state)) (goesOn(result) ? passed : ended).push(result);
    const room = Math.max(1, MAXIMUM_STATES - ended.length);
    const merged = mergeResults(passed);
    if (merged.length > room) context.note.overflow = true;
    live = merged.slice(0, room).map(({ state }) => state);
  }
  return outcomes(settle(start, [...ended, ...live.map(accepted)]), context.note.overflow);
}

/** Whether a hook has nothing to do for a packet: no rule looks at it, and its connection is not translated there. */
export const passesUnseen = (
  ruleset: Ruleset,
  hook: Hook,
  { packet, nat, layer = 'ip' }: Pick<HookInput, 'packet' | 'nat' | 'layer'>,
): boolean =>
  ruleset.unknowns.length === 0 &&
  (nat.type === 'consult' || nat[translatedAt(hook)] === undefined) &&
  chainsAt(ruleset, { hook, layer, family: packet.family }).every(isIdle);

function stages(ruleset: Ruleset, context: HookContext): readonly Stage[] {
  const { hook, input } = context;
  const all = baseChains(ruleset, hook, input);
  const list: Stage[] = all
    .filter((chain) => chain.type !== 'nat' && !isIdle(chain))
    .map((chain) => ({
      priority: chain.priority,
      name: chainName(chain),
      run: (state) => runBaseChain(chain, state, context),
    }));
  const natPriority = NAT_PRIORITIES[hook];
  const natChains = all.filter(({ type }) => type === 'nat');
  const translates = input.nat.type === 'consult' ? natChains.length > 0 : true;
  const { recognise } = input;
  if (natPriority !== undefined && (translates || recognise) && (input.layer ?? 'ip') === 'ip')
    list.push({ priority: natPriority, name: 'nat', run: (state) => runNat(natChains, state, context) });
  if (recognise && entersAt(hook))
    list.push({
      priority: CONNTRACK_PRIORITY,
      name: 'conntrack',
      run: (state) => [accepted(recognised(state, input.packet, recognise))],
    });
  return list.sort((a, b) => a.priority - b.priority);
}

/** Where conntrack looks at a packet first. */
const entersAt = (hook: Hook): boolean => hook === 'prerouting' || hook === 'output';

/** nf_conntrack_in(): the connection of the packet as it is by now, in the zone that a rule has put it into. */
function recognised(state: State, came: Packet, recognise: NonNullable<HookInput['recognise']>): State {
  const { packet } = state;
  const { zone, state: tracked } = state.connection;
  const same = sameEnds(packet, came);
  if ((!zone && same) || tracked === 'untracked') return state;
  const { connection, nat } = recognise(packet, zone);
  const helped = state.connection.helped && connection.state === 'new' && !connection.reply;
  return {
    ...state,
    connection: helped ? { ...connection, helped: true } : connection,
    nat,
    ...(same ? {} : { trackedAs: packet }),
  };
}

/** Stages of equal priority. */
const runEquals = (equals: readonly Stage[], state: State): readonly Result[] =>
  inEveryOrder(
    equals,
    (order) => runInOrder(order, state),
    () =>
      `which of ${equals.map(({ name }) => name).join(', ')} runs first is not known: their priority is the same`,
  );

function runInOrder(order: readonly Stage[], start: State): readonly Result[] {
  let live: readonly State[] = [start];
  const ended: Result[] = [];
  for (const stage of order) {
    const passed: Result[] = [];
    for (const state of live)
      for (const result of stage.run(state)) (goesOn(result) ? passed : ended).push(result);
    live = mergeResults(passed).map((result) => result.state);
  }
  return [...ended, ...live.map(accepted)];
}
