import type { Hook } from '../../model/ruleset.ts';
import type { RuleReference, Step } from '../../model/trace.ts';
import { runChain } from './evaluate.ts';
import { scopeAt, type HookContext } from './hook-scope.ts';
import type { BaseChain } from './base-chains.ts';
import { settle, type Decision, type Result, type State, type View } from './state.ts';

/** The rule that decided, or the policy of the chain. */
export const referenceTo = (chain: BaseChain, decision: Decision | null, hook: Hook): RuleReference => ({
  backend: chain.table.table.backend,
  family: chain.table.table.family,
  table: chain.table.table.name,
  hook,
  baseChain: chain.name,
  chain: decision?.chain ?? chain.name,
  rule: decision?.rule ?? null,
});

/** A base chain with its policy. The results carry a step that says what decided; of nat chains, only refusals do. */
export function runBaseChain(chain: BaseChain, start: State, context: HookContext): readonly Result[] {
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
