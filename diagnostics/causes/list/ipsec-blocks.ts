import type { CauseKind } from '../cause.ts';
import { ipsecFinding, placeEn, placeZh } from '../ipsec.ts';
import { packetEn, packetZh } from './filter-drop.ts';

/** A policy of the kernel's IPsec blocks the packet, or there is none that lets it pass where one is needed. */
export const ipsecBlocks: CauseKind = {
  id: 'ipsec-blocks',
  find(situation) {
    if (situation.type !== 'way' || situation.step.kind !== 'ipsec') return null;
    if (situation.step.problem !== 'blocked') return null;
    return ipsecFinding(situation, situation.step, 'ipsec-blocks');
  },
  text: {
    en: {
      summary: (p) =>
        p('policy') === ''
          ? `IPsec in ${p('namespace')} blocks ${placeEn(p)} unless a policy allows it, and none speaks of this ${packetEn(p)}`
          : `An IPsec policy in ${p('namespace')} blocks the ${packetEn(p)}: ${p('policy')}`,
      explanation: (p) =>
        `Beside the firewall the kernel keeps a list of IPsec policies (ip xfrm policy), which say what has to be protected, what may pass as it is, and what may not pass at all. No firewall tool shows them, and what they block disappears without a word. In ${p('namespace')} ${p('policy') === '' ? `the rule for ${placeEn(p)} that no policy speaks of is “block”` : `the policy “${p('policy')}” is the first that fits`} the packet from ${p('source')} to ${p('destination')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('policy') === ''
          ? `${p('namespace')} 的 IPsec 默认阻止${placeZh(p)}，而没有任何策略提到这个${packetZh(p)}`
          : `${p('namespace')} 的一条 IPsec 策略阻止了${packetZh(p)}：${p('policy')}`,
      explanation: (p) =>
        `除了防火墙，内核还有一份 IPsec 策略表（ip xfrm policy），规定哪些流量必须加密、哪些可以照常通过、哪些根本不许通过。防火墙工具看不到这些策略，被它们阻止的数据包会无声无息地消失。在 ${p('namespace')} 中，从 ${p('source')} 到 ${p('destination')} 的数据包${p('policy') === '' ? `没有匹配任何策略，而${placeZh(p)}的默认规则是“block”` : `最先匹配的策略是“${p('policy')}”`}。`,
    },
  },
};
