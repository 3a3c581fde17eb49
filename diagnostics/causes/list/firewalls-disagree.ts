import { acceptedElsewhere } from '../other-firewall.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { acceptRemedies, decidingFilter, placeOf, ruleParams } from '../verdict-rule.ts';
import { packetEn, packetZh } from './filter-drop.ts';

/** One firewall has a rule that lets the packet through; another one, asked at the same place, keeps it out. */
export const firewallsDisagree: CauseKind = {
  id: 'firewalls-disagree',
  find(situation) {
    if (situation.type !== 'way') return null;
    const step = decidingFilter(situation);
    if (!step) return null;
    const { snapshot, namespace, trace } = situation;
    const { decidedBy } = step;
    const other = acceptedElsewhere(situation, decidedBy);
    if (!other) return null;
    const place = placeOf(namespace, decidedBy, decidedBy.chain);
    return {
      id: 'firewalls-disagree',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        ...ruleParams(situation, step),
        chain: decidedBy.rule === null ? decidedBy.baseChain : decidedBy.chain,
        acceptBackend: other.decidedBy.backend,
        acceptFamily: other.decidedBy.family,
        acceptTable: other.decidedBy.table,
        acceptChain: other.decidedBy.chain,
        acceptRule: other.rule.text,
        acceptNumber: other.rule.number,
      },
      evidence: [
        ruleEvidence(snapshot, namespace, other.decidedBy),
        ruleEvidence(snapshot, namespace, decidedBy),
      ],
      remedies: [
        ...acceptRemedies(situation, step),
        decidedBy.rule === null
          ? { actions: [{ kind: 'set-policy', place: placeOf(namespace, decidedBy, decidedBy.baseChain) }] }
          : { actions: [{ kind: 'delete-rule', place, rule: decidedBy.rule }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `Two firewalls in ${p('namespace')} disagree: table ${p('acceptTable')} (${p('acceptBackend')}) accepts the ${packetEn(p)}, table ${p('table')} (${p('backend')}) does not`,
      explanation: (p) =>
        `A packet has to pass every table that is asked at the same place of the kernel: an accept ends one table's part in it and binds no other, while one drop is enough. In ${p('namespace')} rule “${p('acceptRule')}” of chain ${p('acceptChain')} lets ${p('protocol')} from ${p('source')} to ${p('destination')} through; ${p('rule') === '' ? `the policy of chain ${p('chain')}, in another table, drops it` : `rule “${p('rule')}” of chain ${p('chain')}, in another table, does not`}. Two programs manage firewalls here, and neither knows of the other's rules. Let one of them decide, or tell both.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的两个防火墙意见不一：表 ${p('acceptTable')}（${p('acceptBackend')}）放行这个${packetZh(p)}，表 ${p('table')}（${p('backend')}）却不放行`,
      explanation: (p) =>
        `在内核的同一个位置上，数据包要通过每一张表：某张表的放行只结束它自己的判断，管不了别的表；而只要有一处丢弃，数据包就没了。在 ${p('namespace')} 中，链 ${p('acceptChain')} 的规则“${p('acceptRule')}”放行从 ${p('source')} 到 ${p('destination')} 的 ${p('protocol')}；${p('rule') === '' ? `另一张表里链 ${p('chain')} 的默认策略却把它丢弃` : `另一张表里链 ${p('chain')} 的规则“${p('rule')}”却不放行`}。这里有两个程序各自管理防火墙，互不知道对方的规则。请只让其中一个作决定，或者在两处都放行。`,
    },
  },
};
