import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { RoutingRule } from '../../model/route.ts';
import { withFacts, type Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { factsOf } from '../patch.ts';

/** Adds a routing policy rule (`ip rule`) that sends packets with a mark to a table. */
export interface AddPolicyRule {
  readonly kind: 'add-policy-rule';
  readonly namespace: NamespaceId;
  readonly family: 4 | 6;
  readonly mark: number;
  readonly table: number;
}

export const addPolicyRule: ActionKind<AddPolicyRule> = {
  steps: (action, snapshot) => [exec(snapshot, action.namespace, words(action, snapshot, 'add'))],
  undo: (action, snapshot) => [exec(snapshot, action.namespace, words(action, snapshot, 'del'))],
  change: (action, snapshot) =>
    withFacts(snapshot, action.namespace, (facts) => ({
      ...facts,
      rules:
        facts.rules.state === 'known'
          ? known(
              [...facts.rules.value, onPaper(action, snapshot)].toSorted(
                (a, b) => a.family - b.family || a.priority - b.priority,
              ),
            )
          : facts.rules,
    })),
  text: {
    en: ({ mark, table }, where) => ({
      title: `Look up what carries the mark ${hex(mark)} in routing table ${table}, in ${where}`,
      permanent: `Write the rule into the network configuration of ${where}, or into the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ mark, table }, where) => ({
      title: `让 ${where} 用路由表 ${table} 查找带标记 ${hex(mark)} 的数据包`,
      permanent: `把这条规则写进 ${where} 的网络配置或创建它的脚本。`,
      sideEffects: [],
    }),
  },
};

const hex = (mark: number): string => `0x${mark.toString(16)}`;

/** Right before the second one, as the kernel puts a rule that names no priority (fib_default_rule_pref()). */
function priorityIn({ namespace, family }: AddPolicyRule, snapshot: Snapshot): number {
  const rules = factsOf(snapshot, namespace)?.rules;
  const own = rules?.state === 'known' ? rules.value.filter((rule) => rule.family === family) : [];
  return Math.max(1, (own.map(({ priority }) => priority).toSorted((a, b) => a - b)[1] ?? 32766) - 1);
}

const words = (action: AddPolicyRule, snapshot: Snapshot, verb: 'add' | 'del'): readonly string[] => [
  ...['ip', ...(action.family === 6 ? ['-6'] : []), 'rule', verb],
  ...['pref', String(priorityIn(action, snapshot))],
  ...['fwmark', hex(action.mark), 'lookup', String(action.table)],
];

const onPaper = (action: AddPolicyRule, snapshot: Snapshot): RoutingRule => ({
  family: action.family,
  priority: priorityIn(action, snapshot),
  not: false,
  mark: { value: action.mark, mask: 0xffffffff },
  unmodelled: [],
  action: { type: 'lookup', table: action.table },
  text: `${priorityIn(action, snapshot)}: from all fwmark ${hex(action.mark)} lookup ${action.table}`,
});
