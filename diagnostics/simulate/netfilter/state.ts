import { parseAddress, type Address } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { Hook } from '../../model/ruleset.ts';
import type { RuleReference, Step } from '../../model/trace.ts';
import type { ChangedFrame, Connection, Filling, HookInput, NatPlan } from './types.ts';

/** Where a chain runs: the same for all its rules. */
export interface Scope {
  readonly hook: Hook;
  readonly input: HookInput;
  /** Before conntrack's own priority (-200) a packet that enters has no connection yet. */
  readonly tracked: boolean;
  /** As the ruleset says. */
  readonly ipsecPolicies?: boolean;
  readonly clock?: number;
  readonly clockAhead?: number;
  readonly boundQueues?: readonly number[];
  /** NAT has been asked for this end of a first packet by now, whether or not it changed it; `later`: of the packets after it. */
  readonly natSettled: {
    readonly destination: boolean;
    readonly source: boolean;
    readonly later: boolean;
  };
}

/** One possible condition of the packet on its way through the rules. */
export interface State {
  readonly packet: Packet;
  readonly connection: Connection;
  /** Decisions that had to be guessed to come here. */
  readonly doubts: readonly string[];
  /** Decisions of chance to come here: others are taken too, by other connections. */
  readonly chances: readonly string[];
  /** What is not known of the packet even if every branch agrees. */
  readonly unmodelled: readonly string[];
  readonly steps: readonly Step[];
  /** Where a rule put the packet into another zone: what NAT does with its connection there. */
  readonly nat?: NatPlan;
  /** The packet as conntrack saw it first, where rules had rewritten it before. */
  readonly trackedAs?: Packet;
  /** A route is looked for again where OUTPUT ends. */
  readonly rerouted?: true;
  /** What rules have just put into sets, or taken out; the latest first. */
  readonly filled?: readonly Filling[];
  /** What rules have made of the frame. */
  readonly frame?: ChangedFrame;
}

/** The rule that decided, and the chain it is in; rule null: the base chain's policy. */
export type Decision = Pick<RuleReference, 'chain' | 'rule'>;

/** How a rule, a chain or a hook left the packet. `next`: nothing was decided. */
export interface Result {
  readonly end: 'next' | 'return' | 'accept' | 'drop' | 'reject' | 'stolen';
  /** Of reject: iptables' word for the answer. */
  readonly answer?: string;
  /** Of a drop: nobody listens where TPROXY would give the packet to. */
  readonly unclaimed?: NonNullable<Packet['claimed']>;
  readonly state: State;
  readonly decision: Decision | null;
  /** The connection's NAT was decided here; later nat chains are not asked. */
  readonly mapped?: boolean;
}

/** Whether what runs next at the hook sees the packet. */
export const goesOn = ({ end }: Result): boolean => end === 'next' || end === 'accept' || end === 'return';

/** Nothing was decided against the packet. */
export const accepted = (state: State): Result => ({ end: 'accept', state, decision: null });

/** What rules read, with addresses already turned into numbers. */
export interface View {
  readonly scope: Scope;
  readonly packet: Packet;
  readonly connection: Connection;
  readonly source: Address | null;
  readonly destination: Address | null;
  readonly filled: readonly Filling[];
  readonly frame?: ChangedFrame;
}

const NOTHING: readonly Filling[] = [];

/** The packet in this condition, as the rules of a chain see it. */
export const viewOf = (scope: Scope, { packet, connection, filled = NOTHING, frame }: State): View => ({
  scope,
  packet,
  connection,
  filled,
  ...(frame && { frame }),
  source: parseAddress(packet.source),
  destination: parseAddress(packet.destination),
});

/** Conntrack's id of a connection is there to be asked: not before conntrack, not for what it does not follow. */
export const hasConnection = ({ scope, connection }: View): boolean =>
  scope.tracked && connection.state !== 'untracked' && connection.state !== 'invalid';

const stateKey = ({ packet, connection, unmodelled, filled, nat, frame, rerouted }: State): string =>
  JSON.stringify([packet, connection, unmodelled, filled, nat, frame, rerouted]);

/** Equal keys: nothing that comes later can tell the two apart. */
const resultKey = (result: Result): string =>
  `${result.end} ${result.answer ?? ''} ${result.mapped ?? false} ${stateKey(result.state)}`;

/** The outcome is one of several for this reason. */
export const withDoubt = (state: State, doubt: string): State =>
  state.doubts.includes(doubt) ? state : { ...state, doubts: [...state.doubts, doubt] };

/** The kernel draws here, for each connection anew. */
export const withChance = (state: State, chance: string): State =>
  state.chances.includes(chance) ? state : { ...state, chances: [...state.chances, chance] };

/** Nobody can tell all of the packet any more, even if every branch agrees. */
export const withUnmodelled = (state: State, text: string): State =>
  state.unmodelled.includes(text) ? state : { ...state, unmodelled: [...state.unmodelled, text] };

/** What was known of that element before is no longer so, but for how often it was put in. */
export function withFilling(state: State, filling: Omit<Filling, 'times'>): State {
  const earlier = state.filled ?? [];
  const same = earlier.find(
    ({ set, element, now }) => set === filling.set && element === filling.element && now === 'in',
  );
  const times = filling.now === 'in' ? (same?.times ?? 0) + 1 : 0;
  return {
    ...state,
    filled: [
      { ...filling, times },
      ...earlier.filter(
        ({ set, element }) =>
          set !== filling.set || (filling.element !== null && element !== filling.element),
      ),
    ],
  };
}

const union = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])];

/**
 * Results that nothing can tell apart become one: of drops the last, which is by the rule that drops whether or not those before it
 * matched.
 */
export function mergeResults(results: readonly Result[]): readonly Result[] {
  if (results.length < 2) return results;
  const merged = new Map<string, Result>();
  for (const result of results) {
    const key = resultKey(result);
    const same = merged.get(key);
    merged.set(key, same ? mergedResult(same, result) : result);
  }
  return [...merged.values()];
}

function mergedResult(one: Result, other: Result): Result {
  const shown = other.end === 'drop' || other.end === 'reject' ? other : one;
  return {
    ...shown,
    state: {
      ...shown.state,
      doubts: union(one.state.doubts, other.state.doubts),
      chances: union(one.state.chances, other.state.chances),
    },
  };
}

/** What was guessed since `before` does not matter where every branch ends alike. */
export function settle(before: State, results: readonly Result[]): readonly Result[] {
  const merged = mergeResults(results);
  const [only] = merged;
  if (merged.length !== 1 || !only || results.length < 2) return merged;
  return [{ ...only, state: { ...only.state, doubts: before.doubts, chances: before.chances } }];
}
