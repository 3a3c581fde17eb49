import type { CauseKind } from '../cause.ts';
import { ipsecFinding } from '../ipsec.ts';
import { packetEn, packetZh } from './filter-drop.ts';

/** An IPsec policy wants the packet protected, and it is not: it came as it is, or there is no association to protect it by. */
export const ipsecRequired: CauseKind = {
  id: 'ipsec-required',
  find(situation) {
    if (situation.type !== 'way' || situation.step.kind !== 'ipsec') return null;
    if (situation.step.problem === 'blocked') return null;
    return ipsecFinding(situation, situation.step, 'ipsec-required');
  },
  text: {
    en: {
      summary: (p) =>
        p('problem') === 'no-state'
          ? `${p('namespace')} has to protect the ${packetEn(p)} to ${p('destination')} by IPsec, and has no security association to do it by`
          : `${p('namespace')} takes the ${packetEn(p)} from ${p('source')} only if it is protected by IPsec, and it is not`,
      explanation: (p) =>
        `The policy “${p('policy')}” (ip xfrm policy) of ${p('namespace')} asks for IPsec between ${p('source')} and ${p('destination')}. ${p('problem') === 'no-state' ? 'To encrypt a packet the kernel needs a security association (ip xfrm state), which a program such as strongSwan or Libreswan agrees on with the other side. There is none, so that packets are thrown away until there is one: see whether that program runs, and what its log says about the other side.' : 'Packets that come without it are thrown away without a word. Set up IPsec at the sender too, or take the policy away where it is a remnant of an old tunnel.'}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('problem') === 'no-state'
          ? `${p('namespace')} 必须用 IPsec 保护发往 ${p('destination')} 的${packetZh(p)}，却没有可用的安全关联`
          : `${p('namespace')} 只接受来自 ${p('source')} 且经 IPsec 保护的${packetZh(p)}，而它没有受保护`,
      explanation: (p) =>
        `${p('namespace')} 的策略“${p('policy')}”（ip xfrm policy）要求 ${p('source')} 与 ${p('destination')} 之间使用 IPsec。${p('problem') === 'no-state' ? '要加密数据包，内核需要安全关联（ip xfrm state），它由 strongSwan 或 Libreswan 之类的程序与对方协商得到。现在一个也没有，所以数据包都被丢弃，直到协商成功为止：请检查这个程序是否在运行，以及它的日志对另一方说了什么。' : '没有保护的数据包会被悄悄丢弃。请在发送方也配置 IPsec；如果这条策略只是旧隧道的残留，就把它删掉。'}`,
    },
  },
};
