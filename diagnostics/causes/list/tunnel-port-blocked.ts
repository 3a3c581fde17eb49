import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { labelIn } from '../situation.ts';
import { inUnderlay, lastSending } from '../tunnel.ts';
import { acceptRemedies, decidingFilter, placeOf, ruleParams } from '../verdict-rule.ts';
import { whereEn, whereZh } from './filter-drop.ts';

/** A firewall drops the packets in which a tunnel carries its frames. */
export const tunnelPortBlocked: CauseKind = {
  id: 'tunnel-port-blocked',
  find(situation) {
    if (situation.type !== 'way' || !inUnderlay(situation)) return null;
    const step = decidingFilter(situation);
    const sending = lastSending(situation);
    if (!step || !sending) return null;
    const { snapshot, namespace, trace } = situation;
    const { decidedBy } = step;
    const { rule } = decidedBy;
    const place = placeOf(namespace, decidedBy, decidedBy.chain);
    // Whatever it carries, each packet of a tunnel is a new one; the other direction is not an answer to it.
    const [accept] = acceptRemedies({ ...situation, direction: 'forward' }, step);
    const away: Remedy = rule
      ? { actions: [{ kind: 'delete-rule', place, rule }] }
      : { actions: [{ kind: 'set-policy', place }] };
    return {
      id: 'tunnel-port-blocked',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        ...ruleParams({ ...situation, direction: 'forward' }, step),
        device: sending.end.link.name,
        sender: labelIn(snapshot, sending.end.namespace),
        remote: sending.step.remote,
      },
      evidence: [ruleEvidence(snapshot, namespace, decidedBy)],
      remedies: [...(accept ? [accept] : []), away],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The firewall of ${p('namespace')} stops the packets of the tunnel ${p('device')} (${carrierEn(p)} to ${p('destination')}): ${p('rule') === '' ? `the policy of chain ${p('chain')} (table ${p('table')}, ${p('backend')})` : whereEn(p)}`,
      explanation: (p) =>
        `A tunnel carries what goes through it in packets of its own (${carrierEn(p)}), which pass firewalls like any other. Those from ${p('source')} to ${p('destination')} are stopped in ${p('namespace')}, and with them everything that ${p('sender')} sends through ${p('device')}. They have to be let through between all machines that the tunnel joins.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的防火墙拦住了隧道 ${p('device')} 的数据包（发往 ${p('destination')}，${carrierZh(p)}）：${p('rule') === '' ? `链 ${p('chain')} 的默认策略（表 ${p('table')}，${p('backend')}）` : whereZh(p)}`,
      explanation: (p) =>
        `隧道把经过它的内容装在自己的数据包里（${carrierZh(p)}），它们和其他数据包一样要过防火墙。从 ${p('source')} 到 ${p('destination')} 的数据包在 ${p('namespace')} 被拦下，${p('sender')} 经 ${p('device')} 发送的一切也就到不了。隧道连接的所有机器之间都要放行它们。`,
    },
  },
};

/** How a firewall knows a tunnel's packets: by their port, or by their protocol. */
const carrierEn = (p: (name: string) => string): string =>
  p('protocol') === 'udp'
    ? `UDP port ${p('port')}`
    : `IP protocol ${NUMBERS[p('protocol')] ?? p('protocol')}`;

const carrierZh = (p: (name: string) => string): string =>
  p('protocol') === 'udp' ? `UDP 端口 ${p('port')}` : `IP 协议号 ${NUMBERS[p('protocol')] ?? p('protocol')}`;

const NUMBERS: Readonly<Record<string, string>> = { ipip: '4 (IPIP)', ipv6: '41 (IPv6)', gre: '47 (GRE)' };
