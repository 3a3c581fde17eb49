import type { CauseKind, Shown } from '../cause.ts';
import { unseenEn, unseenZh } from '../verdict-rule.ts';
import { byRule, packetEn, packetZh, whereEn, whereZh } from './filter-drop.ts';

/** A firewall rule refuses the packet with an error. */
export const filterReject: CauseKind = {
  id: 'filter-reject',
  find: (situation) => (situation.type === 'way' ? byRule(situation, 'reject', 'filter-reject') : null),
  text: {
    en: {
      summary: (p) => `A firewall rule in ${p('namespace')} rejects the ${packetEn(p)}: ${whereEn(p)}`,
      explanation: (p) =>
        `A firewall compares each packet with a list of rules, from the top; the first rule that decides wins. In ${p('namespace')} that is “${p('rule')}”: it refuses the packet from ${p('source')} to ${p('destination')} and tells the sender so (${p('answer')}). ${p('opened') === 'true' ? unseenEn(p).trim() : `That is why the connection fails at once${looksRefused(p) ? ' and looks as if nothing were listening' : ', as if there were no way to the destination'}.`}`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 的一条防火墙规则拒绝了${packetZh(p)}：${whereZh(p)}`,
      explanation: (p) =>
        `防火墙从上到下把数据包与规则逐条比较，第一条作出决定的规则说了算。在 ${p('namespace')} 中，规则“${p('rule')}”拒绝了从 ${p('source')} 到 ${p('destination')} 的数据包，并把错误告诉发送者（${p('answer')}）。${p('opened') === 'true' ? unseenZh(p) : `所以连接会立刻失败，看上去就像${looksRefused(p) ? '没有程序在监听' : '没有去往目的地的路'}。`}`,
    },
  },
};

/** What a program is told of a reset and of an unreachable port is that the connection was refused; of all else, that there is no route. */
const looksRefused = (p: Shown): boolean => /reset|port-unreach/.test(p('answer'));
