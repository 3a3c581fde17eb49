import { exec, type ActionKind } from '../action.ts';
import { isSayable } from '../nft-text.ts';
import { changeChain, type ChainPlace } from '../rule-patch.ts';
import { iptablesCommand } from '../rule-spec.ts';

/** Lets a base chain accept what none of its rules decides. */
export interface SetPolicy {
  readonly kind: 'set-policy';
  readonly place: ChainPlace;
}

export const setPolicy: ActionKind<SetPolicy> = {
  steps: ({ place }, snapshot) =>
    isSayable(place) ? [exec(snapshot, place.namespace, words(place, 'accept'))] : [],
  undo: ({ place }, snapshot) =>
    isSayable(place) ? [exec(snapshot, place.namespace, words(place, 'drop'))] : [],
  change: ({ place }, snapshot) =>
    changeChain(snapshot, place, (chain) => ({
      ...chain,
      ...(chain.base ? { base: { ...chain.base, policy: 'accept' as const } } : {}),
    })),
  text: {
    en: ({ place }, where) => ({
      title: `Let chain ${place.chain} in ${where} accept what no rule decides`,
      permanent: `Change the policy in the firewall configuration of ${where} too.`,
      sideEffects: [],
      opens: [`Everything that chain ${place.chain} kept out by its policy is let through.`],
    }),
    'zh-cn': ({ place }, where) => ({
      title: `让 ${where} 的链 ${place.chain} 默认放行`,
      permanent: `同时修改 ${where} 防火墙配置中的默认策略。`,
      sideEffects: [],
      opens: [`链 ${place.chain} 靠默认策略拦住的所有流量都会被放行。`],
    }),
  },
};

function words(place: ChainPlace, policy: 'accept' | 'drop'): readonly string[] {
  if (place.backend === 'nft')
    return ['nft', 'chain', place.family, place.table, place.chain, `{ policy ${policy} ; }`];
  const command = iptablesCommand(place.backend, place.family);
  const table = place.table === 'filter' ? [] : ['-t', place.table];
  return [...command, ...table, '-P', place.chain, policy.toUpperCase()];
}
