import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn } from '../situation.ts';
import { lastNextHop } from '../tunnel.ts';

/** A bridge that keeps account of groups sends the question for a neighbour only where its group was joined, and nobody has there. */
export const multicastSnooping: CauseKind = {
  id: 'multicast-snooping',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = situation;
    if (step.kind !== 'bridge' || step.problem !== 'not-joined' || step.group === undefined) return null;
    const bridge = linkIn(snapshot, namespace, step.bridge);
    const address = lastNextHop(situation)?.address;
    if (!bridge || address === undefined) return null;
    const port = step.outPort ?? step.bridge;
    const groups = linkIn(snapshot, namespace, port)?.joined?.groups ?? [];
    return {
      id: 'multicast-snooping',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        bridge: step.bridge,
        port: step.outPort,
        group: step.group,
        address,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['bridge', 'mdb', 'show', 'dev', step.bridge]),
          text: `${port}: ${groups.map((one) => one.address).join(', ') || '-'}`,
        },
      ],
      remedies: [{ actions: [{ kind: 'stop-snooping', namespace, bridge: step.bridge }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The bridge ${p('bridge')} of ${p('namespace')} does not pass the question for ${p('address')} on to ${p('port') === '' ? 'its own stack' : `its port ${p('port')}`}: nobody there is noted down as a member of the group ${p('group')} (multicast snooping)`,
      explanation: (p) =>
        `IPv6 asks for a neighbour’s hardware address by a message to a multicast group, which whoever has the address joins. ${p('bridge')} notes down which groups were joined behind which port, and while somebody on the network asks for that (a querier), it sends such a message nowhere else. The member’s report was lost (a firewall that drops ICMPv6 of the types 131 and 143), or has not been sent since the port was attached. IPv4 is not concerned: ARP asks everybody.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的网桥 ${p('bridge')} 不把对 ${p('address')} 的询问交给${p('port') === '' ? '自己的协议栈' : `端口 ${p('port')}`}：那里没有登记为组 ${p('group')} 的成员（multicast snooping）`,
      explanation: (p) =>
        `IPv6 询问邻居的硬件地址时，把消息发给一个组播组，拥有该地址的机器会加入这个组。${p('bridge')} 记录每个端口后面加入了哪些组；只要网络上有谁定期查询成员（querier），它就只把这种消息发到有成员的地方。成员的报告要么丢了（防火墙丢弃了类型 131 和 143 的 ICMPv6），要么接入端口之后还没有再发过。IPv4 不受影响，因为 ARP 是问所有机器的。`,
    },
  },
};
