import { familyOf, sameAddress } from '../../model/ip.ts';
import { ANY } from '../../fixes/rule-spec.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf, type Finding } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { masqueradeFor, natPlace } from '../masquerade.ts';
import { bypassedBy } from '../nat-ways.ts';
import { labelIn, ownersOf, type WaySituation } from '../situation.ts';

/** A container asks for its own published port, and the packet would have to go back the way it came. */
export const hairpin: CauseKind = {
  id: 'hairpin',
  find: (situation) =>
    situation.type === 'way'
      ? (turnedAway(situation) ?? cameBackAsItself(situation) ?? answeredDirectly(situation))
      : null,
  text: {
    en: {
      summary: (p) =>
        p('answerer') !== ''
          ? `${p('answerer')} answers ${p('asker')} directly, past ${p('namespace')}, which had turned the request for ${p('asked')} round into the network it came from`
          : p('port') === ''
            ? `${p('asker')} gets its own packet back with its own address as the sender, and drops it`
            : `The packet of ${p('asker')} would have to leave bridge ${p('bridge')} in ${p('namespace')} by the port it came in by, and that port does not do so`,
      explanation: (p) =>
        p('answerer') !== ''
          ? `${p('asker')} asked for ${p('asked')}, and a rule in ${p('translator')} sends that on to ${p('target')}, which is in the network of ${p('asker')} itself. So ${p('answerer')} sees a neighbour’s address as the sender and answers it directly, and ${p('translator')} cannot change the answer back. ${p('asker')} gets an answer from an address that it never asked, and refuses it. Whoever turns packets round has to put its own address on them (masquerade), so that the answer comes by it again; or ask for the service at its own address.`
          : `${p('asker')} asked for ${p('asked')}, and a rule in ${p('translator')} sends that on to ${p('target')}: back to where it came from. ${whyEn(p)} It is simpler to ask for the service at its own address, or as localhost.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('answerer') !== ''
          ? `${p('namespace')} 把对 ${p('asked')} 的请求折返到它来自的网络，而 ${p('answerer')} 绕过 ${p('namespace')} 直接应答了 ${p('asker')}`
          : p('port') === ''
            ? `${p('asker')} 收到自己发出的数据包，源地址就是它自己，于是丢弃`
            : `${p('asker')} 的数据包需要从 ${p('namespace')} 中网桥 ${p('bridge')} 的来时端口再出去，而这个端口不这样做`,
      explanation: (p) =>
        p('answerer') !== ''
          ? `${p('asker')} 访问的是 ${p('asked')}，${p('translator')} 中的规则把它转发到 ${p('target')}，而那就在 ${p('asker')} 自己所在的网络里。于是 ${p('answerer')} 看到的发送者是邻居的地址，便直接应答，${p('translator')} 没有机会把应答改回来。${p('asker')} 收到的应答来自一个它从没问过的地址，只能拒绝。把数据包折返的机器必须换上自己的源地址（地址伪装），这样应答才会再经过它；也可以直接访问服务自己的地址。`
          : `${p('asker')} 访问的是 ${p('asked')}，而 ${p('translator')} 中的规则把它转发到 ${p('target')}，也就是送回它的来处。${whyZh(p)}更简单的办法是直接访问服务自己的地址，或者用 localhost。`,
    },
  },
};

const whyEn = (p: Shown): string =>
  p('port') === ''
    ? 'No machine accepts a packet from outside that bears its own address as the sender: whoever turns packets round has to put its own address on them (masquerade), so that the answer comes by it again.'
    : `A bridge never sends a frame out by the port it came in by, unless hairpin mode is on for port ${p('port')}.`;

const whyZh = (p: Shown): string =>
  p('port') === ''
    ? '任何机器都不会接受从外面来、源地址却是自己的数据包：把数据包折返的机器必须换上自己的源地址（地址伪装），这样应答才会再经过它。'
    : `网桥从不把帧从来时的端口发出去，除非端口 ${p('port')} 打开了发夹（hairpin）模式。`;

/** Where the destination was changed on the way, and to what. */
function turned({ trace, snapshot }: WaySituation): {
  readonly translator: string;
  readonly asked: string;
  readonly target: string;
} | null {
  for (const { namespace, steps } of trace.hops)
    for (const step of steps)
      if (step.kind === 'translate' && step.what === 'destination')
        return { translator: labelIn(snapshot, namespace), asked: step.before, target: step.after };
  return null;
}

const askerOf = (situation: WaySituation): string =>
  labelIn(situation.snapshot, situation.trace.hops[0]?.namespace ?? situation.namespace);

/** The bridge keeps the frame from the port it came in by (should_deliver() of net/bridge/br_forward.c). */
function turnedAway(situation: WaySituation): Finding | null {
  const { snapshot, namespace, step, trace } = situation;
  const way = turned(situation);
  if (step.kind !== 'bridge' || step.problem !== 'hairpin-off' || step.outPort === null || !way) return null;
  const { bridge, outPort: port } = step;
  return {
    id: 'hairpin',
    place: { namespace },
    certainty: certaintyOf(trace),
    params: { namespace: labelIn(snapshot, namespace), asker: askerOf(situation), ...way, bridge, port },
    evidence: [
      {
        source: readIn(snapshot, namespace, ['bridge', '-d', 'link', 'show', 'dev', port]),
        text: `${port}: hairpin off`,
      },
    ],
    remedies: [{ actions: [{ kind: 'open-port', namespace, dev: port, what: 'hairpin' }] }],
  };
}

/** fib_validate_source(): a local address as the source of what comes from outside is a martian. */
function cameBackAsItself(situation: WaySituation): Finding | null {
  const { snapshot, namespace, step, trace, packet, direction } = situation;
  const way = turned(situation);
  const asker = trace.hops[0];
  const turner = trace.hops.find((hop) => hop.steps.some((one) => one.kind === 'translate'));
  if (direction !== 'forward' || step.kind !== 'source-check' || step.reason !== 'martian' || !way)
    return null;
  if (!turner || asker?.namespace !== namespace || turner.outDev === null) return null;
  if (!ownersOf(snapshot, packet.source).some((owner) => owner.namespace === namespace)) return null;
  if (!sameAddress(packet.source, packet.destination)) return null;
  const place = natPlace(snapshot, turner.namespace, familyOf(packet.source) === 6 ? 'ip6' : 'ip');
  const spec = {
    ...ANY,
    source: packet.source,
    destination: packet.destination,
    action: { type: 'masquerade' as const },
  };
  return {
    id: 'hairpin',
    place: { namespace: turner.namespace },
    certainty: certaintyOf(trace),
    params: {
      namespace: labelIn(snapshot, turner.namespace),
      asker: askerOf(situation),
      ...way,
      bridge: turner.outDev,
      port: null,
    },
    evidence: [
      {
        source: readIn(snapshot, turner.namespace, ['nft', 'list', 'ruleset']),
        text: `no masquerade or snat rule for ${packet.source} to itself`,
      },
    ],
    remedies: [{ actions: [{ kind: 'insert-rule', place, before: null, spec }] }],
  };
}

/** Asker and service are neighbours: the answer needs nobody between them, and nobody changes it back. */
function answeredDirectly(situation: WaySituation): Finding | null {
  const passed = bypassedBy(situation);
  if (!passed || passed.hop.inDev === null) return null;
  const { hop, step } = passed;
  const left = hop.steps.flatMap((one) => (one.kind === 'route' ? (one.dev ?? []) : [])).at(-1);
  const came = hop.steps.flatMap((one) => (one.kind === 'source-check' ? [one.dev] : [])).at(-1) ?? hop.inDev;
  if (left !== came && hop.outDev !== hop.inDev) return null;
  const { snapshot, namespace, trace, packet } = situation;
  const label = labelIn(snapshot, hop.namespace);
  return {
    id: 'hairpin',
    place: { namespace: hop.namespace },
    certainty: certaintyOf(trace),
    params: {
      namespace: label,
      translator: label,
      asker: labelIn(snapshot, namespace),
      answerer: labelIn(snapshot, trace.hops[0]?.namespace ?? namespace),
      asked: step.before,
      target: step.after,
      port: null,
    },
    evidence: [
      {
        source: readIn(snapshot, hop.namespace, ['nft', 'list', 'ruleset']),
        text: `no masquerade or snat rule for ${packet.destination} on ${hop.outDev ?? hop.inDev}`,
      },
    ],
    remedies: [masqueradeFor(situation, passed)],
  };
}
