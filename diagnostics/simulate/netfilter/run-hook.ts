import type { Packet } from '../../model/packet.ts';
import type { Hook, Ruleset } from '../../model/ruleset.ts';
import type { RuleReference, Step } from '../../model/trace.ts';
import { MAXIMUM_STATES, runChain } from './evaluate.ts';
import { baseChains, byPriority, chainsAt, isIdle, orders, type BaseChain } from './order.ts';
import {
  mergeResults,
  settle,
  withDoubt,
  type Decision,
  type Result,
  type Scope,
  type State,
  type View,
} from './state.ts';
import { endText, translatedAt, withEnd } from './translate.ts';
import { sameEnds } from './seen.ts';
import type { HookInput, HookOutcome } from './types.ts';

/** NF_IP_PRI_CONNTRACK */
const CONNTRACK_PRIORITY = -200;
/** NF_IP_PRI_NAT_DST and NF_IP_PRI_NAT_SRC: where NAT happens, whatever priority a nat chain has. */
const NAT_PRIORITIES: Partial<Record<Hook, number>> = {
  prerouting: -100,
  output: -100,
  input: 100,
  postrouting: 100,
};

/** One thing that runs at a hook. */
interface Stage {
  readonly priority: number;
  readonly name: string;
  readonly run: (state: State) => readonly Result[];
}

interface Context {
  readonly hook: Hook;
  readonly input: HookInput;
  readonly ruleset: Ruleset;
  readonly note: { overflow: boolean };
}

/**
 * All rules of a hook, in the kernel's order: filter chains by priority, each able to drop and none able to spare the packet
 * the next; among them, at its own priority, NAT. Pure; see types.ts for what comes back.
 */
export function runHook(ruleset: Ruleset, hook: Hook, input: HookInput): readonly HookOutcome[] {
  const context: Context = { hook, input, ruleset, note: { overflow: false } };
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

const goesOn = ({ end }: Result): boolean => end === 'next' || end === 'accept' || end === 'return';
const accepted = (state: State): Result => ({ end: 'accept', state, decision: null });

function outcomes(results: readonly Result[], overflow: boolean): readonly HookOutcome[] {
  const shown = overflow ? results.slice(0, 1) : results;
  return shown.map(({ end, answer, state }) => {
    const several = shown.length > 1 || overflow;
    const doubts = [
      ...(overflow ? ['too many possibilities to follow them all'] : []),
      ...state.unmodelled,
      ...(several ? [...state.doubts, ...state.chances] : []),
    ];
    return {
      verdict: end === 'next' || end === 'return' ? 'accept' : end,
      ...(answer === undefined ? {} : { answer }),
      packet: state.packet,
      connection: state.connection,
      ...(state.trackedAs ? { trackedAs: state.trackedAs } : {}),
      ...(state.rerouted ? { rerouted: state.rerouted } : {}),
      ...(state.filled ? { filled: state.filled } : {}),
      ...(state.frame ? { frame: state.frame } : {}),
      steps: state.steps,
      certain: doubts.length === 0,
      doubts: [...new Set(doubts)],
      chances: several ? state.chances : [],
      unmodelled: overflow ? [...new Set(doubts)] : state.unmodelled,
    };
  });
}

function stages(ruleset: Ruleset, context: Context): readonly Stage[] {
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
  return { ...state, connection, nat, ...(same ? {} : { trackedAs: packet }) };
}

const chainName = ({ table, name }: BaseChain): string => `${table.table.family} ${table.table.name} ${name}`;

/** Stages of equal priority, in every order they may have. */
function runEquals(equals: readonly Stage[], state: State): readonly Result[] {
  const possible = orders(equals);
  const results = possible.flatMap((order) => runInOrder(order, state));
  const merged = mergeResults(results);
  if (possible.length < 2 || merged.length < 2) return merged;
  const single = mergeResults(runInOrder(possible[0] ?? [], state));
  if (single.length === merged.length) return merged;
  const doubt = `which of ${equals.map(({ name }) => name).join(', ')} runs first is not known: their priority is the same`;
  return merged.map((result) => ({ ...result, state: withDoubt(result.state, doubt) }));
}

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

/** Before conntrack's priority a packet that enters has no connection, unless it brought it along on the loopback. */
function scopeAt(priority: number, { hook, input, ruleset }: Context): Scope {
  const enters = hook === 'prerouting' || hook === 'output' || hook === 'ingress';
  const carried = hook === 'prerouting' && input.inDev === 'lo';
  return {
    hook,
    input,
    tracked: (!enters || priority > CONNTRACK_PRIORITY || carried) && (input.layer ?? 'ip') !== 'netdev',
    natSettled: natSettled(priority, { hook, input, ruleset }),
    ...(ruleset.ipsecPolicies === undefined ? {} : { ipsecPolicies: ruleset.ipsecPolicies }),
    ...(ruleset.clock === undefined ? {} : { clock: ruleset.clock }),
    ...(ruleset.clockAhead === undefined ? {} : { clockAhead: ruleset.clockAhead }),
    ...(ruleset.boundQueues === undefined ? {} : { boundQueues: ruleset.boundQueues }),
  };
}

/** nf_nat_alloc_null_binding(): where any table of the family translates, NAT is settled at each of its hooks. */
function natSettled(
  priority: number,
  { hook, input, ruleset }: Pick<Context, 'hook' | 'input' | 'ruleset'>,
): Scope['natSettled'] {
  const { family } = input.packet;
  const translates = NAT_HOOKS.some((at) =>
    chainsAt(ruleset, { hook: at, layer: 'ip', family }).some(({ type }) => type === 'nat'),
  );
  const passed = priority > (NAT_PRIORITIES[hook] ?? Infinity);
  const ends = hook === 'input' || hook === 'postrouting';
  return {
    destination: translates && (passed || ends || hook === 'forward'),
    source: translates && ends && passed,
    later: translates,
  };
}

const NAT_HOOKS: readonly Hook[] = ['prerouting', 'input', 'output', 'postrouting'];

const referenceTo = (chain: BaseChain, decision: Decision | null, hook: Hook): RuleReference => ({
  backend: chain.table.table.backend,
  family: chain.table.table.family,
  table: chain.table.table.name,
  hook,
  baseChain: chain.name,
  chain: decision?.chain ?? chain.name,
  rule: decision?.rule ?? null,
});

/** A base chain with its policy. The results carry a step that says what decided; of nat chains, only refusals do. */
function runBaseChain(chain: BaseChain, start: State, context: Context): readonly Result[] {
  const run = {
    table: chain.table,
    scope: scopeAt(chain.priority, context),
    note: context.note,
    views: new WeakMap<State, View>(),
  };
  const results = runChain(run, chain.name, start).map((result): Result => {
    const end = result.end === 'next' ? chain.policy : result.end;
    const verdict = end === 'drop' || end === 'reject' ? end : 'accept';
    if (chain.type === 'nat' && verdict === 'accept') return { ...result, end };
    const step: Step = {
      kind: 'filter',
      verdict,
      decidedBy: referenceTo(chain, result.decision, context.hook),
      ...(result.answer === undefined ? {} : { answer: result.answer }),
      ...(result.unclaimed === undefined ? {} : { unclaimed: result.unclaimed }),
      ...claimIn(chain, start, result, context.hook),
    };
    const after = chain.type === 'route' ? lookedForAgain(start, result.state) : result.state;
    return { ...result, end, state: { ...after, steps: [...result.state.steps, step] } };
  });
  return settle(start, results);
}

/** nf_route_table_hook4() and nf_route_table_hook6(), ipt_mangle_out(): what a chain of type `route` may change its route for. */
function lookedForAgain({ packet: before }: State, state: State): State {
  const { packet } = state;
  const same =
    packet.source === before.source &&
    packet.destination === before.destination &&
    packet.mark === before.mark &&
    (packet.family === 4 ? (packet.tos ?? 0) === (before.tos ?? 0) : packet.ttl === before.ttl);
  return same ? state : { ...state, rerouted: true };
}

/** Where a rule of the chain gave the packet away (TPROXY). */
function claimIn(
  chain: BaseChain,
  before: State,
  { state: { packet } }: Result,
  hook: Hook,
): Pick<Extract<Step, { kind: 'filter' }>, 'claimed'> {
  const { claimed, mark } = packet;
  if (!claimed?.by || claimed === before.packet.claimed) return {};
  const { address, port, by } = claimed;
  return { claimed: { address, port, mark, by: referenceTo(chain, by, hook) } };
}

/** nf_nat_inet_fn(): the first packet asks the nat chains until one maps it; later ones get what was decided then. */
function runNat(chains: readonly BaseChain[], state: State, context: Context): readonly Result[] {
  const { hook, input } = context;
  const nat = state.nat ?? input.nat;
  if (state.connection.state === 'untracked' || state.connection.state === 'invalid')
    return [accepted(state)];
  if (nat.type === 'apply') {
    const what = translatedAt(hook);
    const to = nat[what];
    if (!to) return [accepted(state)];
    const packet = withEnd(state.packet, what, to);
    return [accepted(withTranslation({ ...state, packet }, state, what, null))].map(sentAnew(state, hook));
  }
  if (state.connection.state !== 'new') return [accepted(state)];
  let live: readonly Result[] = [accepted(state)];
  const ended: Result[] = [];
  for (const equals of byPriority(chains)) {
    const group: Stage[] = equals.map((chain) => ({
      priority: chain.priority,
      name: chainName(chain),
      run: (before) => consult(chain, before, context),
    }));
    live = live.flatMap((result) => {
      const consulted = runNatEquals(group, result);
      ended.push(...consulted.filter(({ end, mapped }) => end !== 'accept' || mapped));
      return consulted.filter(({ end, mapped }) => end === 'accept' && !mapped);
    });
  }
  return settle(state, [...ended, ...live])
    .map((result) => ({ ...result, mapped: false }))
    .map(sentAnew(state, hook));
}

/** nf_nat_ipv4_local_fn(), nf_nat_ipv6_local_fn() */
const sentAnew =
  ({ packet: before }: State, hook: Hook) =>
  (result: Result): Result =>
    hook === 'output' && result.state.packet.destination !== before.destination
      ? { ...result, state: { ...result.state, rerouted: true } }
      : result;

/** Like runEquals, but the first mapping ends it. */
function runNatEquals(group: readonly Stage[], before: Result): readonly Result[] {
  const possible = orders(group);
  const runs = possible.map((order) => {
    let live: readonly Result[] = [before];
    for (const stage of order)
      live = live.flatMap((result) =>
        result.mapped || result.end !== 'accept' ? [result] : stage.run(result.state),
      );
    return mergeResults(live);
  });
  const merged = mergeResults(runs.flat());
  if (possible.length < 2 || merged.length === runs[0]?.length) return merged;
  const doubt = `which of ${group.map(({ name }) => name).join(', ')} is asked first is not known: their priority is the same`;
  return merged.map((result) => ({ ...result, state: withDoubt(result.state, doubt) }));
}

function consult(chain: BaseChain, before: State, context: Context): readonly Result[] {
  return runBaseChain(chain, before, context).map((result) =>
    result.mapped
      ? {
          ...result,
          state: withTranslation(
            result.state,
            before,
            translatedAt(context.hook),
            referenceTo(chain, result.decision, context.hook),
          ),
        }
      : result,
  );
}

/** The state with a step that shows what changed, if anything did. */
function withTranslation(
  after: State,
  before: State,
  what: 'source' | 'destination',
  decidedBy: RuleReference | null,
): State {
  const step: Step = {
    kind: 'translate',
    what,
    before: endText(before.packet, what),
    after: endText(after.packet, what),
    decidedBy,
  };
  return step.before === step.after ? after : { ...after, steps: [...after.steps, step] };
}
