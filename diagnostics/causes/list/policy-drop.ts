import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { acceptRemedies, decidingFilter, placeOf, ruleParams, unseenEn, unseenZh } from '../verdict-rule.ts';
import { packetEn, packetZh } from './filter-drop.ts';

/** No rule of a chain decides, and its policy is to drop. */
export const policyDrop: CauseKind = {
  id: 'policy-drop',
  find(situation) {
    if (situation.type !== 'way') return null;
    const step = decidingFilter(situation);
    if (!step || step.decidedBy.rule !== null) return null;
    const { snapshot, namespace, trace } = situation;
    const place = placeOf(namespace, step.decidedBy, step.decidedBy.baseChain);
    return {
      id: 'policy-drop',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: ruleParams(situation, step),
      evidence: [ruleEvidence(snapshot, namespace, step.decidedBy)],
      remedies: [...acceptRemedies(situation, step), { actions: [{ kind: 'set-policy', place }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `No rule in ${p('namespace')} lets the ${packetEn(p)} through, and chain ${p('chain')} drops what no rule decides (table ${p('table')}, ${p('backend')})`,
      explanation: (p) =>
        `A chain of firewall rules has a policy for what none of its rules decides. In ${p('namespace')} the policy of chain ${p('chain')} is to drop, and no rule there accepts ${p('protocol')} from ${p('source')} to ${p('destination')}. Such a firewall needs a rule for everything that is to pass.${unseenEn(p)}`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中没有规则放行这个${packetZh(p)}，而链 ${p('chain')} 默认丢弃（表 ${p('table')}，${p('backend')}）`,
      explanation: (p) =>
        `防火墙的每条链都有一个默认策略，用来处理没有规则作决定的数据包。${p('namespace')} 中链 ${p('chain')} 的策略是丢弃，而没有规则放行从 ${p('source')} 到 ${p('destination')} 的 ${p('protocol')}。这种防火墙需要为每一种要通过的流量写一条规则。${unseenZh(p)}`,
    },
  },
};
