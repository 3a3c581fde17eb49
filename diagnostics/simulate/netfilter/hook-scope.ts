import type { Hook, Ruleset } from '../../model/ruleset.ts';
import { chainsAt } from './base-chains.ts';
import type { Scope } from './state.ts';
import type { HookInput } from './types.ts';

/** NF_IP_PRI_CONNTRACK */
export const CONNTRACK_PRIORITY = -200;
/** NF_IP_PRI_NAT_DST and NF_IP_PRI_NAT_SRC: where NAT happens, whatever priority a nat chain has. */
export const NAT_PRIORITIES: Partial<Record<Hook, number>> = {
  prerouting: -100,
  output: -100,
  input: 100,
  postrouting: 100,
};

const NAT_HOOKS = Object.keys(NAT_PRIORITIES) as readonly Hook[];

/** One packet's visit at a hook. */
export interface HookContext {
  readonly hook: Hook;
  readonly input: HookInput;
  readonly ruleset: Ruleset;
  /** Set where there were more possibilities than are followed. */
  readonly note: { overflow: boolean };
}

/** Before conntrack's priority a packet that enters has no connection, unless it brought it along on the loopback. */
export function scopeAt(priority: number, context: HookContext): Scope {
  const { hook, input, ruleset } = context;
  const enters = hook === 'prerouting' || hook === 'output' || hook === 'ingress';
  const carried = hook === 'prerouting' && input.inDev === 'lo';
  return {
    hook,
    input,
    tracked: (!enters || priority > CONNTRACK_PRIORITY || carried) && (input.layer ?? 'ip') !== 'netdev',
    natSettled: natSettled(priority, context),
    ...(ruleset.ipsecPolicies === undefined ? {} : { ipsecPolicies: ruleset.ipsecPolicies }),
    ...(ruleset.clock === undefined ? {} : { clock: ruleset.clock }),
    ...(ruleset.clockAhead === undefined ? {} : { clockAhead: ruleset.clockAhead }),
    ...(ruleset.boundQueues === undefined ? {} : { boundQueues: ruleset.boundQueues }),
  };
}

/** nf_nat_alloc_null_binding(): where any table of the family translates, NAT is settled at each of its hooks. */
function natSettled(priority: number, { hook, input, ruleset }: HookContext): Scope['natSettled'] {
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
