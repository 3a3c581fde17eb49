import { ANY } from '../../fixes/rule-spec.ts';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from '../../simulate/ip/icmp-numbers.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { decidingFilter, placeOf, ruleParams } from '../verdict-rule.ts';

const MESSAGES = [NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT];

/** A firewall throws away the messages by which IPv6 neighbours find each other. */
export const ndpFiltered: CauseKind = {
  id: 'ndp-filtered',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, trace, packet } = situation;
    const step = decidingFilter(situation);
    const type = packet.icmp?.type;
    if (!step || packet.family !== 6 || type === undefined || !MESSAGES.includes(type)) return null;
    const { decidedBy } = step;
    const accept = (message: number) =>
      ({
        kind: 'insert-rule',
        place: placeOf(namespace, decidedBy, decidedBy.chain),
        before: decidedBy.rule,
        spec: { ...ANY, protocol: 'icmp', icmp6Type: message, action: { type: 'accept' } },
      }) as const;
    return {
      id: 'ndp-filtered',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: { ...ruleParams(situation, step), message: type },
      evidence: [ruleEvidence(snapshot, namespace, decidedBy)],
      remedies: [{ actions: MESSAGES.map(accept) }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The firewall of ${p('namespace')} drops neighbour discovery (ICMPv6 type ${p('message')}), without which IPv6 does not work: ${whereEn(p)}`,
      explanation: (p) =>
        `Where IPv4 has ARP, IPv6 asks for a neighbour's hardware address by ICMPv6: a solicitation (type 135) and its answer, an advertisement (type 136). These pass the IPv6 firewall like every other packet, and in ${p('namespace')} chain ${p('chain')} drops the ${messageEn(p)}. So nobody on that network can hand ${p('namespace')} a packet, or it none to them, whatever other rules allow. A firewall for IPv6 has to accept these messages first of all.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的防火墙丢弃了邻居发现报文（ICMPv6 类型 ${p('message')}），IPv6 因此无法工作：${whereZh(p)}`,
      explanation: (p) =>
        `IPv4 用 ARP，IPv6 则用 ICMPv6 询问邻居的硬件地址：请求（类型 135）和应答（类型 136）。它们和其他数据包一样要经过 IPv6 防火墙，而 ${p('namespace')} 的链 ${p('chain')} 丢弃了${messageZh(p)}。于是无论其他规则允许什么，该网络里的邻居与 ${p('namespace')} 之间都无法交付数据包。IPv6 防火墙必须首先放行这些报文。`,
    },
  },
};

const isQuestion = (p: Shown): boolean => p('message') === String(NEIGHBOUR_SOLICITATION);
const messageEn = (p: Shown): string => (isQuestion(p) ? 'question' : 'answer');
const messageZh = (p: Shown): string => (isQuestion(p) ? '请求' : '应答');

const whereEn = (p: Shown): string =>
  `${p('rule') === '' ? 'the policy' : `rule ${p('number')}`} of chain ${p('chain')} (table ${p('table')}, ${p('backend')})`;
const whereZh = (p: Shown): string =>
  `链 ${p('chain')} 的${p('rule') === '' ? '默认策略' : `第 ${p('number')} 条规则`}（表 ${p('table')}，${p('backend')}）`;
