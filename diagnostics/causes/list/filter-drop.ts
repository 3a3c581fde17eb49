import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf, type Finding } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { leaveRemedies } from '../listed-address.ts';
import type { WaySituation } from '../situation.ts';
import { acceptRemedies, decidingFilter, placeOf, ruleParams, unseenEn, unseenZh } from '../verdict-rule.ts';

/** A firewall rule discards the packet in silence. */
export const filterDrop: CauseKind = {
  id: 'filter-drop',
  find: (situation) => (situation.type === 'way' ? byRule(situation, 'drop', 'filter-drop') : null),
  text: {
    en: {
      summary: (p) => `A firewall rule in ${p('namespace')} drops the ${packetEn(p)}: ${whereEn(p)}`,
      explanation: (p) =>
        `A firewall compares each packet with a list of rules, from the top; the first rule that decides wins. ${p('namespace')} gives the packet from ${p('source')} to ${p('destination')} to rule “${p('rule')}”, which drops it. The sender gets no answer and waits until its patience ends.${unseenEn(p)}`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 的一条防火墙规则丢弃了${packetZh(p)}：${whereZh(p)}`,
      explanation: (p) =>
        `防火墙从上到下把数据包与规则逐条比较，第一条作出决定的规则说了算。在 ${p('namespace')} 中，从 ${p('source')} 到 ${p('destination')} 的数据包遇到规则“${p('rule')}”，被丢弃了。发送者得不到任何回应，只能等到超时。${unseenZh(p)}`,
    },
  },
};

/** The finding for a rule that decided with this verdict. */
export function byRule(situation: WaySituation, verdict: 'drop' | 'reject', id: string): Finding | null {
  const step = decidingFilter(situation);
  const rule = step?.decidedBy.rule ?? null;
  if (step?.verdict !== verdict || rule === null) return null;
  const { snapshot, namespace, trace } = situation;
  const { decidedBy } = step;
  const place = placeOf(namespace, decidedBy, decidedBy.chain);
  return {
    id,
    place: { namespace },
    certainty: certaintyOf(trace),
    params: ruleParams(situation, step),
    evidence: [ruleEvidence(snapshot, namespace, decidedBy)],
    remedies: [
      ...leaveRemedies(situation, step),
      ...acceptRemedies(situation, step),
      { actions: [{ kind: 'delete-rule', place, rule }] },
    ],
  };
}

/** “packet” or “answer”. */
export const packetEn = (p: Shown): string => (p('direction') === 'back' ? 'answer' : 'packet');
export const packetZh = (p: Shown): string => (p('direction') === 'back' ? '应答' : '数据包');

/** Which chain, rule and backend. */
export const whereEn = (p: Shown): string =>
  `rule ${p('number')} of chain ${p('chain')} (table ${p('table')}, ${p('backend')})`;
export const whereZh = (p: Shown): string =>
  `链 ${p('chain')} 的第 ${p('number')} 条规则（表 ${p('table')}，${p('backend')}）`;
