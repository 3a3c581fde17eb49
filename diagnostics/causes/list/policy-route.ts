import { valueOr } from '../../model/fact.ts';
import { changeBy } from '../../fixes/registry.ts';
import { ipRoute, tableWords } from '../../fixes/route-words.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding } from '../finding.ts';
import { decisionsOf, ledAstray, wouldArrive } from '../detour.ts';
import { readIn } from '../evidence.ts';
import { LOCAL_TABLE, MAIN_TABLE } from '../../fixes/patch.ts';
import { prefixContains } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Evidence } from '../../model/diagnosis.ts';
import { disowned, type Disowned } from '../own-address.ts';
import { endingLookup, type EndingLookup } from '../ending-lookup.ts';
import { factsIn, labelIn, type WaySituation } from '../situation.ts';

/** A routing policy rule refuses the packet before any table is looked at, or sends it to a table that leads elsewhere. */
export const policyRoute: CauseKind = {
  id: 'policy-route',
  find(situation) {
    if (situation.type !== 'way') return null;
    const lost = disowned(situation);
    if (lost?.lacks === 'rule') return withoutLocalRule(situation, lost);
    const { snapshot, namespace, packet, direction } = situation;
    const lookup = endingLookup(situation);
    if (!lookup) return intoTable(situation);
    if (lookup.route !== null || lookup.rule === undefined)
      return withoutMainRule(situation, lookup) ?? intoTable(situation);
    const { destination, source, asked } = lookup;
    const rule = valueOr(factsIn(snapshot, namespace)?.rules ?? { state: 'absent' }, []).find(
      ({ text, family }) => text === lookup.rule && family === packet.family,
    );
    if (!rule) return null;
    return {
      id: 'policy-route',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        rule: rule.text,
        type: rule.action.type,
        destination,
        source,
        direction,
        asked,
      },
      evidence: [{ source: readIn(snapshot, namespace, ['ip', 'rule', 'show']), text: rule.text }],
      remedies: [{ actions: [{ kind: 'delete-policy-rule', namespace, rule }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('type') === 'missing'
          ? p('device') === ''
            ? `No policy rule in ${p('namespace')} looks into its main routing table, so that ${p('direction') === 'back' ? 'the answer' : 'the packet'} to ${p('destination')} finds no way`
            : `No policy rule in ${p('namespace')} looks into the table of its own addresses (local), so that it does not take what is for ${p('destination')}`
          : p('type') === 'table'
            ? `A policy rule in ${p('namespace')} sends ${p('direction') === 'back' ? 'the answer' : 'the packet'} to ${p('destination')} to a table that leads elsewhere: ${p('rule')}`
            : `A policy rule in ${p('namespace')} refuses ${p('asked') === 'way-back' ? 'the way back' : p('direction') === 'back' ? 'the answer' : 'the packet'} to ${p('destination')}: ${p('rule')}`,
      explanation: (p) =>
        p('type') === 'missing'
          ? p('device') === ''
            ? `Routes are in tables, and policy rules (ip rule) say which tables are looked into. Every machine begins with one, number 32766, for the main table, where “ip route” writes. In ${p('namespace')} no rule leads there any more: the route “${p('route')}” is in the table, and nobody looks.`
            : `What is for the machine itself the kernel finds in a routing table too, the table “local”. The very first policy rule (ip rule, number 0) makes it look there before all others. In ${p('namespace')} no rule leads there any more: ${p('destination')} is on ${p('device')}, and packets for it are treated as somebody else's.`
          : p('type') === 'table'
            ? `Before the kernel looks into a routing table, it goes through the policy rules (ip rule), the smallest number first; they say which table counts for which packet. In ${p('namespace')} the rule “${p('rule')}” fits what goes to ${p('destination')}, and its table says: ${p('route')}. That does not lead there; the other tables would.`
            : `Before the kernel looks into a routing table, it goes through the policy rules (ip rule), the smallest number first; they say which table counts for which packet, and some simply refuse. In ${p('namespace')} the rule “${p('rule')}” fits what goes to ${p('destination')}, and it ${p('type') === 'blackhole' ? 'discards it in silence' : 'refuses it'}, whatever the tables say.${p('asked') === 'way-back' ? ' So the reverse path filter, which looks for a way back to the sender, finds none and drops the packet.' : ''}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('type') === 'missing'
          ? p('device') === ''
            ? `${p('namespace')} 没有策略规则去查主路由表（main），所以发往 ${p('destination')} 的${p('direction') === 'back' ? '应答' : '数据包'}找不到路`
            : `${p('namespace')} 没有策略规则去查自己的地址所在的表（local），所以不接收发给 ${p('destination')} 的数据包`
          : p('type') === 'table'
            ? `${p('namespace')} 的一条策略规则让发往 ${p('destination')} 的${p('direction') === 'back' ? '应答' : '数据包'}使用了一张通往别处的路由表：${p('rule')}`
            : `${p('namespace')} 的一条策略规则拒绝了${p('asked') === 'way-back' ? '返回' : '发往'} ${p('destination')} 的${p('asked') === 'way-back' ? '路' : p('direction') === 'back' ? '应答' : '数据包'}：${p('rule')}`,
      explanation: (p) =>
        p('type') === 'missing'
          ? p('device') === ''
            ? `路由写在路由表里，而策略规则（ip rule）决定查哪些表。每台机器一开始都有编号 32766 的规则，让内核去查主路由表（main），“ip route”就写在那里。${p('namespace')} 里已经没有规则指向它：表里明明有路由“${p('route')}”，却没有人去查。`
            : `发给本机自己的数据包，内核也是在一张路由表（local）里查到的。编号为 0 的第一条策略规则（ip rule）让它先查这张表。${p('namespace')} 里已经没有规则指向它：${p('destination')} 明明在 ${p('device')} 上，发给它的数据包却被当成别人的。`
          : p('type') === 'table'
            ? `内核在查路由表之前，先按编号从小到大检查策略规则（ip rule）：它们决定哪个数据包用哪张表。${p('namespace')} 中的规则“${p('rule')}”匹配发往 ${p('destination')} 的数据包，而它的表里写着：${p('route')}。这条路由到不了那里，其他表才能到。`
            : `内核在查路由表之前，先按编号从小到大检查策略规则（ip rule）：它们决定哪个数据包用哪张表，有些则直接拒绝。${p('namespace')} 中的规则“${p('rule')}”匹配发往 ${p('destination')} 的数据包，于是不管路由表怎么写，它都${p('type') === 'blackhole' ? '被悄悄丢弃' : '被拒绝'}了。${p('asked') === 'way-back' ? '反向路径过滤因此找不到回到来源的路，把数据包丢弃了。' : ''}`,
    },
  },
};

/** The rule that every machine begins with is gone. */
const withoutLocalRule = (
  { snapshot, direction }: WaySituation,
  { namespace, link, address }: Disowned,
): Finding => ({
  id: 'policy-route',
  place: { namespace },
  certainty: 'certain',
  params: {
    namespace: labelIn(snapshot, namespace),
    rule: null,
    type: 'missing',
    destination: address,
    device: link.name,
    direction,
    asked: null,
  },
  evidence: [rulesEvidence(snapshot, namespace, address.includes(':') ? 6 : 4)],
  remedies: [
    {
      actions: [
        {
          kind: 'add-policy-rule',
          namespace,
          family: address.includes(':') ? 6 : 4,
          table: LOCAL_TABLE,
        },
      ],
    },
  ],
});

/** The rule for the table with the routes is gone, and the way there is in it. */
function withoutMainRule(
  { snapshot, namespace, packet: { family }, direction }: WaySituation,
  { route, destination, asked }: EndingLookup,
): Finding | null {
  const facts = factsIn(snapshot, namespace);
  if (route !== null || facts?.rules.state !== 'known') return null;
  const looks = facts.rules.value.some(
    (rule) => rule.family === family && rule.action.type === 'lookup' && rule.action.table === MAIN_TABLE,
  );
  const there = valueOr(facts.routes, []).find(
    ({ table, type, destination: prefix }) =>
      table === MAIN_TABLE && type === 'unicast' && prefixContains(prefix, destination),
  );
  if (looks || !there) return null;
  return {
    id: 'policy-route',
    place: { namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, namespace),
      rule: null,
      type: 'missing',
      route: there.text,
      destination,
      device: null,
      direction,
      asked,
    },
    evidence: [rulesEvidence(snapshot, namespace, family)],
    remedies: [{ actions: [{ kind: 'add-policy-rule', namespace, family, table: MAIN_TABLE }] }],
  };
}

/** All that there are: what is missing shows in what is not among them. */
const rulesEvidence = (snapshot: Snapshot, namespace: NamespaceId, family: 4 | 6): Evidence => ({
  source: readIn(snapshot, namespace, ['ip', ...(family === 6 ? ['-6'] : []), 'rule', 'show']),
  text: valueOr(factsIn(snapshot, namespace)?.rules ?? { state: 'absent' }, [])
    .filter((rule) => rule.family === family)
    .map(({ text }) => text)
    .join('; '),
});

/** The rule's own table has a route, which leads astray; without the rule the others would lead there. */
function intoTable(situation: WaySituation): Finding | null {
  const { snapshot, packet, direction } = situation;
  for (const decision of decisionsOf(situation)) {
    const { namespace, route, step } = decision;
    if (step.rule === undefined || !ledAstray(situation, decision)) continue;
    const rule = valueOr(factsIn(snapshot, namespace)?.rules ?? { state: 'absent' }, []).find(
      ({ text, family }) => text === step.rule && family === packet.family,
    );
    if (!rule) continue;
    const remedies = [
      { actions: [{ kind: 'delete-policy-rule' as const, namespace, rule }] },
      { actions: [{ kind: 'delete-route' as const, namespace, route }] },
    ];
    if (
      !remedies.some(({ actions: [action] }) => action && wouldArrive(situation, changeBy(action, snapshot)))
    )
      continue;
    return {
      id: 'policy-route',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        rule: rule.text,
        type: 'table',
        destination: step.destination,
        source: step.source,
        route: route.text,
        direction,
        asked: null,
      },
      evidence: [
        { source: readIn(snapshot, namespace, ['ip', 'rule', 'show']), text: rule.text },
        {
          source: readIn(snapshot, namespace, [...ipRoute(step.destination), ...tableWords(route)]),
          text: route.text,
        },
      ],
      remedies,
    };
  }
  return null;
}
