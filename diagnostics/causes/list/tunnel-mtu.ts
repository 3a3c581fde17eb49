import { familyOf } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import { SMALLEST_6 } from '../../simulate/link/mtu.ts';
import { tunnelOverhead } from '../../simulate/tunnel/tunnel-size.ts';
import type { TunnelEnd } from '../../simulate/tunnel/tunnels.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { linkEvidence } from '../evidence.ts';
import { labelIn, linkIn, type WaySituation } from '../situation.ts';
import { lastSending, tunnelEvidence, type Sending } from '../tunnel.ts';

/** What a tunnel's interface takes does not fit below it once the tunnel's headers are added, and whoever sends it is not told. */
export const tunnelMtu: CauseKind = {
  id: 'tunnel-mtu',
  find(situation) {
    if (situation.type !== 'way' || situation.large?.fate !== 'lost') return null;
    const { snapshot, namespace, step, large, direction } = situation;
    if (step.kind !== 'size' || step.passed) return null;
    const sending = lastSending(situation);
    if (!sending) return null;
    const { end } = sending;
    const own = isOwn(situation, sending, step.mtu);
    if (situation.hop.packet.tunnel === undefined && !own) return null;
    const overhead = tunnelOverhead(end, familyOf(sending.step.remote ?? '') ?? 4);
    const below = linkIn(snapshot, namespace, step.dev);
    return {
      id: 'tunnel-mtu',
      place: { namespace: end.namespace },
      certainty: certaintyOf(large),
      params: {
        namespace: labelIn(snapshot, end.namespace),
        device: end.link.name,
        mtu: end.link.mtu,
        overhead,
        below: own ? null : step.dev,
        belowNamespace: labelIn(snapshot, namespace),
        belowMtu: own ? step.mtu + overhead : step.mtu,
        passes: large.passes,
        size: large.first,
        direction,
      },
      evidence: [
        linkEvidence(snapshot, end.namespace, end.link),
        tunnelEvidence(snapshot, end),
        ...(below && !own ? [linkEvidence(snapshot, namespace, below)] : []),
      ],
      remedies: remedies(situation, sending),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The tunnel ${p('device')} of ${p('namespace')} takes packets of ${p('mtu')} bytes, adds ${p('overhead')}, and no more than ${p('belowMtu')} pass below it${p('below') === '' ? '' : ` (${p('below')} of ${p('belowNamespace')})`}`,
      explanation: (p) =>
        `A tunnel puts each packet into another one, whose headers take ${p('overhead')} bytes more. So its own MTU has to be that much smaller than the MTU of the network that carries it. ${p('device')} promises ${p('mtu')} bytes, the packets that it makes of those must not be taken apart, and they are dropped; whoever sent what is in them is not told. Small packets (a ping, opening a connection) pass, and whatever is larger${p('passes') === '' ? '' : ` than ${p('passes')} bytes`} hangs.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的隧道 ${p('device')} 接受 ${p('mtu')} 字节的数据包，再加上 ${p('overhead')} 字节，而下层${p('below') === '' ? '' : `（${p('belowNamespace')} 的 ${p('below')}）`}最多只能通过 ${p('belowMtu')} 字节`,
      explanation: (p) =>
        `隧道把每个数据包装进另一个数据包，外层包头要多占 ${p('overhead')} 字节。所以隧道自己的 MTU 必须比承载它的网络的 MTU 小这么多。${p('device')} 承诺能收 ${p('mtu')} 字节，而它由此做出的数据包不允许分片，于是被丢弃；里面那个数据包的发送者也得不到通知。小的数据包（ping、建立连接）能通过，${p('passes') === '' ? '较大' : `大于 ${p('passes')} 字节`}的数据就卡住了。`,
    },
  },
};

/** On a bridge the tunnel itself refuses what does not fit below it, and its message is what gets lost. */
const isOwn = ({ namespace, step }: WaySituation, { end }: Sending, mtu: number): boolean =>
  step.kind === 'size' && namespace === end.namespace && step.dev === end.link.name && mtu < end.link.mtu;

/** Both ends of the tunnel take what fits; on a bridge, where nobody would be told of that, whoever sends does. */
function remedies(situation: WaySituation, { end, far }: Sending): readonly Remedy[] {
  const mtu = situation.large?.passes;
  if (mtu === null || mtu === undefined) return [];
  const smaller = (namespace: NamespaceId, { name }: Link) =>
    ({ kind: 'set-mtu', namespace, dev: name, mtu }) as const;
  const tunnels = [end, far?.match]
    .filter((one): one is TunnelEnd => one !== null && one !== undefined)
    .filter(({ link }) => link.mtu > mtu && allowed(link, mtu));
  return [
    ...(tunnels.length > 0 && end.link.port === undefined
      ? [{ actions: tunnels.map(({ namespace, link }) => smaller(namespace, link)) }]
      : []),
    ...sendersOf(situation).flatMap(({ namespace, link }) =>
      link.mtu > mtu && allowed(link, mtu) ? [{ actions: [smaller(namespace, link)] }] : [],
    ),
  ];
}

/** A device with a smaller MTU than this loses its IPv6 addresses (addrconf_notify()). */
const allowed = ({ addresses }: Link, mtu: number): boolean =>
  mtu >= SMALLEST_6 || !addresses.some(({ family }) => family === 6);

/** The devices by which the ends send: TCP heeds both. */
function sendersOf({
  trace,
  forward,
  snapshot,
}: WaySituation): readonly { readonly namespace: NamespaceId; readonly link: Link }[] {
  const ends = [trace.hops[0], forward.hops[0]].flatMap((hop) => {
    const route = hop?.steps.find((it) => it.kind === 'route');
    const dev = route?.kind === 'route' ? route.dev : undefined;
    const link = hop && dev !== undefined ? linkIn(snapshot, hop.namespace, dev) : undefined;
    return hop && link ? [{ namespace: hop.namespace, link }] : [];
  });
  return ends.filter((end, at) => ends.findIndex(({ link }) => link === end.link) === at);
}
