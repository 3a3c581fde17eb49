import type { Hook } from '../../model/ruleset.ts';
import type { RuleReference, Step } from '../../model/trace.ts';
import type { HookContext } from './hook-scope.ts';
import { chainName, type BaseChain } from './base-chains.ts';
import { byPriority, inEveryOrder } from './equal-priority.ts';
import { referenceTo, runBaseChain } from './run-base-chain.ts';
import { accepted, settle, type Result, type State } from './state.ts';
import { endText, translatedAt, withEnd } from './translate.ts';

/** nf_nat_inet_fn(): the first packet asks the nat chains until one maps it; later ones get what was decided then. */
export function runNat(chains: readonly BaseChain[], state: State, context: HookContext): readonly Result[] {
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
  for (const equals of byPriority(chains))
    live = live.flatMap((result) => {
      const consulted = consultEquals(equals, result, context);
      ended.push(...consulted.filter((one) => !isOpen(one)));
      return consulted.filter(isOpen);
    });
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

/** No chain has mapped the packet yet, or refused it. */
const isOpen = ({ end, mapped }: Result): boolean => end === 'accept' && !mapped;

/** Chains of equal priority: the first mapping ends it. */
const consultEquals = (
  equals: readonly BaseChain[],
  before: Result,
  context: HookContext,
): readonly Result[] =>
  inEveryOrder(
    equals,
    (order) =>
      order.reduce<readonly Result[]>(
        (live, chain) =>
          live.flatMap((result) => (isOpen(result) ? consult(chain, result.state, context) : [result])),
        [before],
      ),
    () =>
      `which of ${equals.map(chainName).join(', ')} is asked first is not known: their priority is the same`,
  );

function consult(chain: BaseChain, before: State, context: HookContext): readonly Result[] {
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
