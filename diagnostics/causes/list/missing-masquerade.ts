import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import { isLoopback } from '../listeners.ts';
import {
  engineNetworkOf,
  forwardersOf,
  isPrivate,
  masqueradeAt,
  masqueradesOthers,
  routedBy,
} from '../masquerade.ts';
import { labelIn, vrfAsked, type WaySituation } from '../situation.ts';
import { sourceRemedies } from '../spoken-from.ts';
import { lacksRoute, routeRemedies } from './no-route.ts';

/**
 * A packet with a private source (or the loopback's) left through a machine that masquerades for other sources, or through an engine that should,
 * and the answer finds no way back. (Where nothing masquerades, a missing route back is the plainer reading.)
 */
export const missingMasquerade: CauseKind = {
  id: 'missing-masquerade',
  find(situation) {
    if (situation.type !== 'way') return null;
    const fromLoopback = loopbackLeft(situation);
    if (fromLoopback) return fromLoopback;
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
          loopback: false,
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
        p('loopback') === 'true'
          ? `${p('source')} means “this machine” wherever it is read, so ${p('farEnd')} drops a packet that comes from it (a “martian”). ${p('namespace')} asked itself at a loopback address, and a rule sent the packet on to another machine: it has to be sent with an address of ${p('namespace')} that others can answer (masquerading). ${p('network') === '' ? 'No rule here gives it one' : `The container engine should do so for what goes to its network ${p('network')}, and its rule is missing`}.`
          : `${p('source')} is a private address that only the machines near it know. ${p('farEnd')} gets the packet and cannot answer: it has no way to such an address. A router that connects a private network to others replaces the source by its own address and translates the answers back (masquerading); ${p('network') === '' ? `${p('namespace')} does so for other senders, not for this one` : `the container engine should do so for its network ${p('network')}, and its rule is missing`}.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 把 ${p('source')} 的数据包从 ${p('device')} 发出去，却没有换上自己的地址`,
      explanation: (p) =>
        p('loopback') === 'true'
          ? `${p('source')} 在哪台机器上都表示“本机”，所以 ${p('farEnd')} 会丢弃来源是它的数据包（martian）。${p('namespace')} 用回环地址访问自己，一条规则却把数据包转给了另一台机器：发出去时必须换上 ${p('namespace')} 的一个别人能应答的地址（地址伪装）。${p('network') === '' ? '这里没有规则这样做' : `容器引擎本应为发往网络 ${p('network')} 的流量这样做，但相应的规则不见了`}。`
          : `${p('source')} 是私有地址，只有附近的机器认识。${p('farEnd')} 收到数据包后无法应答，因为它没有去往这种地址的路。连接私有网络与外部的路由器会把源地址换成自己的地址，再把应答转换回来（地址伪装）；${p('network') === '' ? `${p('namespace')} 对其他发送者这样做，却漏掉了这一个` : `容器引擎本应为网络 ${p('network')} 这样做，但相应的规则不见了`}。`,
    },
  },
};

/** ip_route_input_slow() drops what comes from 127/8 by a wire: a machine that sends what it asked itself on to another left it so. */
function loopbackLeft({ snapshot, direction, namespace, step, packet, trace }: WaySituation): Finding | null {
  if (direction !== 'forward' || step.kind !== 'source-check' || step.passed) return null;
  const [start] = trace.hops;
  const device = start && (routedBy(start) ?? start.outDev);
  if (!start || typeof device !== 'string' || start.namespace === namespace) return null;
  if (!start.steps.some((it) => it.kind === 'translate' && it.what === 'destination')) return null;
  if (packet.family !== 4 || !isLoopback({ address: step.source })) return null;
  const sender = { namespace: start.namespace, outDev: device, source: step.source };
  return {
    id: 'missing-masquerade',
    place: { namespace: start.namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, start.namespace),
      source: step.source,
      device,
      network: engineNetworkOf(snapshot, start.namespace, packet.destination),
      loopback: true,
      farEnd: labelIn(snapshot, namespace),
    },
    evidence: [
      {
        source: readIn(snapshot, start.namespace, ['nft', 'list', 'ruleset']),
        text: `no masquerade or snat rule for ${step.source} on ${device}`,
      },
    ],
    remedies: [masqueradeAt(snapshot, sender)],
  };
}
