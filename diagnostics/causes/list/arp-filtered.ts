import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { decidingFilter, placeOf, ruleParams } from '../verdict-rule.ts';

/** A firewall throws away the messages by which IPv4 neighbours find each other. */
export const arpFiltered: CauseKind = {
  id: 'arp-filtered',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, trace, packet } = situation;
    const step = decidingFilter(situation);
    if (!step || !packet.arp) return null;
    const { decidedBy } = step;
    const { rule } = decidedBy;
    const remedy: Remedy = rule
      ? {
          actions: [{ kind: 'delete-rule', place: placeOf(namespace, decidedBy, decidedBy.chain), rule }],
        }
      : { actions: [{ kind: 'set-policy', place: placeOf(namespace, decidedBy, decidedBy.baseChain) }] };
    return {
      id: 'arp-filtered',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: { ...ruleParams(situation, step), operation: packet.arp.operation },
      evidence: [ruleEvidence(snapshot, namespace, decidedBy)],
      remedies: [remedy],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The firewall of ${p('namespace')} drops ARP, without which IPv4 neighbours do not find each other: ${whereEn(p)}`,
      explanation: (p) =>
        `Before a machine sends to a neighbour it asks the whole network who has the address (an ARP request), and the owner answers with its hardware address (a reply). Rules for ARP are kept apart from those for IP (nft tables of family arp or bridge, arptables, ebtables), so that a look at the usual firewall shows nothing. In ${p('namespace')} chain ${p('chain')} drops the ${isQuestion(p) ? `question of ${p('source')} for ${p('destination')}` : `answer of ${p('source')} to ${p('destination')}`}: no packet of IP ever leaves.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 的防火墙丢弃了 ARP，IPv4 邻居因此互相找不到：${whereZh(p)}`,
      explanation: (p) =>
        `机器向邻居发送数据之前，先向整个网络询问谁有这个地址（ARP 请求），地址的主人用自己的硬件地址回答（ARP 应答）。针对 ARP 的规则与 IP 的规则是分开的（nft 的 arp 或 bridge 表、arptables、ebtables），查看平常的防火墙规则看不到它们。在 ${p('namespace')} 中，链 ${p('chain')} 丢弃了${isQuestion(p) ? `${p('source')} 对 ${p('destination')} 的询问` : `${p('source')} 给 ${p('destination')} 的应答`}，于是根本没有 IP 数据包发出。`,
    },
  },
};

const isQuestion = (p: Shown): boolean => p('operation') === 'request';

const whereEn = (p: Shown): string =>
  `${p('rule') === '' ? 'the policy' : `rule ${p('number')}`} of chain ${p('chain')} (table ${p('table')} of family ${p('family')})`;
const whereZh = (p: Shown): string =>
  `链 ${p('chain')} 的${p('rule') === '' ? '默认策略' : `第 ${p('number')} 条规则`}（${p('family')} 族的表 ${p('table')}）`;
