import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { engineNetworkOf, forwardersOf, isPrivate, masqueradeAt, masqueradesOthers } from '../masquerade.ts';
import { labelIn, vrfAsked } from '../situation.ts';
import { sourceRemedies } from '../spoken-from.ts';
import { lacksRoute, routeRemedies } from './no-route.ts';

/**
 * A packet with a private source left through a machine that masquerades for other sources, or through an engine that should,
 * and the answer finds no way back. (Where nothing masquerades, a missing route back is the plainer reading.)
 */
export const missingMasquerade: CauseKind = {
  id: 'missing-masquerade',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, direction, packet, trace } = situation;
    const lost = direction === 'back' && lacksRoute(situation);
    const beyondSight = direction === 'forward' && trace.disposition === 'exits-machine';
    if (!lost && !beyondSight) return null;
    const source = lost ? packet.destination : packet.source;
    if (!isPrivate(source)) return null;
    for (const forwarder of forwardersOf(situation)) {
      // An answer that came as far as this machine was not lost for want of its masquerading.
      if (lost && trace.hops.some(({ namespace }) => namespace === forwarder.namespace)) continue;
      // What comes into a network of the engine keeps its source: who is on it answers through the engine's gateway.
      if (lost && engineNetworkOf(snapshot, forwarder.namespace, packet.source) !== null) continue;
      const network = engineNetworkOf(snapshot, forwarder.namespace, source);
      if (network === null && !masqueradesOthers(snapshot, forwarder)) continue;
      // Beyond the machine nobody can see whether the answer comes back: an engine's own network is the clear case there.
      if (beyondSight && network === null) continue;
      return {
        id: 'missing-masquerade',
        place: { namespace: forwarder.namespace },
        certainty: lost ? 'certain' : 'likely',
        params: {
          namespace: labelIn(snapshot, forwarder.namespace),
          source,
          device: forwarder.outDev,
          network,
          farEnd: lost ? labelIn(snapshot, situation.namespace) : situation.flow.toText,
        },
        evidence: [
          {
            source: readIn(snapshot, forwarder.namespace, ['nft', 'list', 'ruleset']),
            text: `no masquerade or snat rule for ${source} on ${forwarder.outDev}`,
          },
        ],
        remedies: [
          ...(lost ? sourceRemedies(situation) : []),
          masqueradeAt(snapshot, forwarder),
          ...(lost ? routeRemedies(snapshot, situation.namespace, source, vrfAsked(situation)) : []),
        ],
      };
    }
    return null;
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} sends packets of ${p('source')} out by ${p('device')} without putting its own address on them`,
      explanation: (p) =>
        `${p('source')} is a private address that only the machines near it know. ${p('farEnd')} gets the packet and cannot answer: it has no way to such an address. A router that connects a private network to others replaces the source by its own address and translates the answers back (masquerading); ${p('network') === '' ? `${p('namespace')} does so for other senders, not for this one` : `the container engine should do so for its network ${p('network')}, and its rule is missing`}.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 把 ${p('source')} 的数据包从 ${p('device')} 发出去，却没有换上自己的地址`,
      explanation: (p) =>
        `${p('source')} 是私有地址，只有附近的机器认识。${p('farEnd')} 收到数据包后无法应答，因为它没有去往这种地址的路。连接私有网络与外部的路由器会把源地址换成自己的地址，再把应答转换回来（地址伪装）；${p('network') === '' ? `${p('namespace')} 对其他发送者这样做，却漏掉了这一个` : `容器引擎本应为网络 ${p('network')} 这样做，但相应的规则不见了`}。`,
    },
  },
};
