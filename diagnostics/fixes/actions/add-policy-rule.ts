import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { RoutingRule } from '../../model/route.ts';
import { withFacts, type Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { factsOf, LOCAL_TABLE, MAIN_TABLE } from '../patch.ts';

/** Adds a routing policy rule (`ip rule`) that sends packets with a mark to a table; or one of those that every machine begins with: the first of all, by which what is for itself is found, and the main table's. */
export interface AddPolicyRule {
  readonly kind: 'add-policy-rule';
  readonly namespace: NamespaceId;
  readonly family: 4 | 6;
  /** Absent: every packet. */
  readonly mark?: number;
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
      title:
        mark === undefined
          ? table === MAIN_TABLE
            ? `Look into the main routing table after all others, in ${where}`
            : `Look into routing table ${tableName(table)} first of all, in ${where}`
          : `Look up what carries the mark ${hex(mark)} in routing table ${table}, in ${where}`,
      permanent: `Write the rule into the network configuration of ${where}, or into the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ mark, table }, where) => ({
      title:
        mark === undefined
          ? table === MAIN_TABLE
            ? `让 ${where} 最后再查主路由表（main）`
            : `让 ${where} 首先查路由表 ${tableName(table)}`
          : `让 ${where} 用路由表 ${table} 查找带标记 ${hex(mark)} 的数据包`,
      permanent: `把这条规则写进 ${where} 的网络配置或创建它的脚本。`,
      sideEffects: [],
    }),
  },
};

/** As `ip rule` prints it. */
const tableName = (table: number): string =>
  ({ [LOCAL_TABLE]: 'local', [MAIN_TABLE]: 'main' })[table] ?? String(table);

const hex = (mark: number): string => `0x${mark.toString(16)}`;

/** Right before the second one, as the kernel puts a rule that names no priority (fib_default_rule_pref()). */
function priorityIn({ namespace, family, mark, table }: AddPolicyRule, snapshot: Snapshot): number {
  if (mark === undefined) return table === MAIN_TABLE ? 32766 : 0;
  const rules = factsOf(snapshot, namespace)?.rules;
  const own = rules?.state === 'known' ? rules.value.filter((rule) => rule.family === family) : [];
  return Math.max(1, (own.map(({ priority }) => priority).toSorted((a, b) => a - b)[1] ?? 32766) - 1);
}

const words = (action: AddPolicyRule, snapshot: Snapshot, verb: 'add' | 'del'): readonly string[] => [
  ...['ip', ...(action.family === 6 ? ['-6'] : []), 'rule', verb],
  ...['pref', String(priorityIn(action, snapshot))],
  ...(action.mark === undefined ? [] : ['fwmark', hex(action.mark)]),
  ...['lookup', tableName(action.table)],
];

const onPaper = (action: AddPolicyRule, snapshot: Snapshot): RoutingRule => ({
  family: action.family,
  priority: priorityIn(action, snapshot),
  not: false,
  ...(action.mark === undefined ? {} : { mark: { value: action.mark, mask: 0xffffffff } }),
  unmodelled: [],
  action: { type: 'lookup', table: action.table },
  text: `${priorityIn(action, snapshot)}: from all ${action.mark === undefined ? '' : `fwmark ${hex(action.mark)} `}lookup ${tableName(action.table)}`,
});
