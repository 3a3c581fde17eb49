import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { RoutingRule } from '../../model/route.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';

/** Takes a routing policy rule (`ip rule`) away. */
export interface DeletePolicyRule {
  readonly kind: 'delete-policy-rule';
  readonly namespace: NamespaceId;
  readonly rule: RoutingRule;
}

export const deletePolicyRule: ActionKind<DeletePolicyRule> = {
  steps: ({ namespace, rule }, snapshot) => [
    exec(snapshot, namespace, [...ipRule(rule), 'del', ...words(rule)]),
  ],
  undo: ({ namespace, rule }, snapshot) => [
    exec(snapshot, namespace, [...ipRule(rule), 'add', ...words(rule)]),
  ],
  change: ({ namespace, rule }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      rules:
        facts.rules.state === 'known'
          ? known(facts.rules.value.filter((it) => it.text !== rule.text || it.family !== rule.family))
          : facts.rules,
    })),
  text: {
    en: ({ rule }, where) => ({
      title: `Delete the policy rule “${rule.text}” in ${where}`,
      permanent: `Remove the rule from the network configuration of ${where}, or from whatever adds it.`,
      sideEffects: ['Other traffic that the rule refused is routed again too.'],
    }),
    'zh-cn': ({ rule }, where) => ({
      title: `删除 ${where} 中的策略规则“${rule.text}”`,
      permanent: `在 ${where} 的网络配置或添加它的程序中去掉这条规则。`,
      sideEffects: ['这条规则原本拒绝的其他流量也会恢复路由。'],
    }),
  },
};

const ipRule = ({ family }: RoutingRule): readonly string[] => [
  'ip',
  ...(family === 6 ? ['-6'] : []),
  'rule',
];

/** `5: from all to 10.0.0.2 prohibit` → what `ip rule` takes. */
const words = ({ priority, text }: RoutingRule): readonly string[] => [
  ...['pref', String(priority)],
  ...text
    .replace(/^\d+:/, '')
    .split(/\s+/)
    .filter((word) => word !== ''),
];
