import { prefixContains, prefixRange, sameAddress } from '../../model/ip.ts';
import type { Route } from '../../model/route.ts';
import { said } from '../../sayings/sayings.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind, Shown } from '../cause.ts';
import type { Finding, Remedy } from '../finding.ts';
import { linkEvidence, readIn, routeEvidence } from '../evidence.ts';
import { gatewaysTowards, linkTowards } from '../gateways.ts';
import { routeTaken, through } from '../route-taken.ts';
import { silenceRemedies } from '../silence.ts';
import { speechlessRemedies } from '../speechless.ts';
import { labelIn, ownersOf, type WaySituation } from '../situation.ts';
import { muteSender, neighbourText, unanswered, type Unanswered } from '../unanswered.ts';

/** Whoever has the address is right behind another interface, whose own network the route leads away from it. */
function ownNetwork(
  snapshot: Snapshot,
  namespace: NamespaceId,
  address: string,
  route: Route,
): readonly Remedy[] {
  const link = linkTowards(snapshot, namespace, address);
  const own = link?.addresses.find((it) => prefixContains(it, address));
  const range = own && prefixRange(own);
  if (!link || !own || !range || route.nextHops.some(({ dev }) => dev === link.name)) return [];
  const destination = { address: range.from, length: own.length };
  return [
    {
      actions: [
        ...(route.destination.length < own.length
          ? []
          : [{ kind: 'delete-route', namespace, route } as const]),
        { kind: 'add-route', namespace, destination, dev: link.name },
      ],
    },
  ];
}

/** The destination should be on this network, and nobody there has its address. */
export const neighbourUnresolved: CauseKind = {
  id: 'neighbour-unresolved',
  find(situation) {
    if (situation.type !== 'way') return null;
    const mute = neverAsked(situation);
    if (mute) return mute;
    const asked = unanswered(situation);
    const { snapshot, packet, step } = situation;
    if (!asked || !sameAddress(asked.address, packet.destination)) return null;
    const { namespace, address } = asked;
    const dev = asked.link.name;
    const owner = ownersOf(snapshot, address)[0];
    const route = withoutGateway(situation, asked);
    return {
      id: 'neighbour-unresolved',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        address,
        device: dev,
        owner: owner ? labelIn(snapshot, owner.namespace) : null,
        silence: step.kind === 'neighbour' ? (step.silence ?? null) : null,
        route: route?.text ?? null,
      },
      evidence: [
        ...(route ? [routeEvidence(snapshot, namespace, address, route.text)] : []),
        {
          source: readIn(snapshot, namespace, ['ip', 'neighbour', 'show', address]),
          text: neighbourText(asked),
        },
      ],
      remedies: [
        ...(route
          ? gatewaysTowards(snapshot, namespace, address)
              .filter((it) => !sameAddress(it.address, address))
              .map((it) => through(namespace, route, it))
          : []),
        ...(route ? ownNetwork(snapshot, namespace, address, route) : []),
        ...speechlessRemedies(asked, packet.source),
        ...silenceRemedies(snapshot, asked),
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('mute') === 'true'
          ? `${p('namespace')} does not ask who on the network of ${p('device')} takes its packets: ARP is switched off there`
          : p('silence') === ''
            ? `Nobody on the network of ${p('device')} in ${p('namespace')} has the address ${p('address')}`
            : `Nobody on the network of ${p('device')} in ${p('namespace')} answers for the address ${p('address')}: ${p('silence')}`,
      explanation: (p) =>
        p('mute') === 'true'
          ? `On a network, frames are delivered by hardware address, and a machine asks for the one that belongs to an IP address (${protocolFor(p)}). With “arp off”, ${p('namespace')} does not ask on ${p('device')}: it sends every frame to its own hardware address, and nobody takes it. Switched on again, it asks.`
          : `${p('route') === '' ? `The address ${p('address')} belongs to the network that ${p('device')} is on` : `The route “${p('route')}” names no gateway, which says that ${p('address')} is on the network of ${p('device')} itself`}, so ${p('namespace')} asks everybody there who has it (${protocolFor(p)}), and nobody answers. ${p('route') === '' ? '' : 'To another network, a route has to name the router that leads there (via). '}${p('silence') !== '' ? `The reason: ${p('silence')}.` : p('owner') === '' ? 'Either the address is wrong, or the machine that should have it is off or not attached.' : `${p('owner')} has this address, but it is not attached to that network.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('mute') === 'true'
          ? `${p('namespace')} 不询问 ${p('device')} 所在网络上谁来接收它的数据包：那里的 ARP 被关闭了`
          : p('silence') === ''
            ? `在 ${p('namespace')} 的 ${p('device')} 所在网络上，没有人拥有地址 ${p('address')}`
            : `在 ${p('namespace')} 的 ${p('device')} 所在网络上，没有人应答地址 ${p('address')}：${said(p('silence'), 'zh-cn')}`,
      explanation: (p) =>
        p('mute') === 'true'
          ? `网络里的帧按硬件地址投递，机器要先询问某个 IP 地址对应的硬件地址（${protocolFor(p)}）。设了“arp off”后，${p('namespace')} 在 ${p('device')} 上不再询问，而把每一帧都发给自己的硬件地址，没有人会接收。重新打开后它就会询问。`
          : `${p('route') === '' ? `地址 ${p('address')} 属于 ${p('device')} 所在的网络` : `路由“${p('route')}”没有写网关，意思是 ${p('address')} 就在 ${p('device')} 所在的网络里`}，所以 ${p('namespace')} 在那里询问谁拥有它（${protocolFor(p)}），却没有人应答。${p('route') === '' ? '' : '通往其他网络的路由必须写明由哪台路由器转发（via）。'}${p('silence') !== '' ? `原因：${said(p('silence'), 'zh-cn')}。` : p('owner') === '' ? '要么地址写错了，要么应当拥有它的机器没有开机或没有接入。' : `${p('owner')} 拥有这个地址，但它没有接在这个网络上。`}`,
    },
  },
};

/** The route that makes a neighbour of an address that none of the interface's own networks holds. */
function withoutGateway(situation: WaySituation, { namespace, address, link }: Unanswered): Route | null {
  const route = routeTaken(situation, namespace);
  const isNear = link.addresses.some((own) => prefixContains(own, address));
  return route?.type === 'unicast' && route.nextHops.length === 1 && !isNear ? route : null;
}

function neverAsked(situation: WaySituation): Finding | null {
  const mute = muteSender(situation);
  if (!mute) return null;
  const { snapshot } = situation;
  const { hop, link } = mute;
  const { namespace } = hop;
  const label = labelIn(snapshot, namespace);
  return {
    id: 'neighbour-unresolved',
    place: { namespace },
    certainty: 'certain',
    params: {
      namespace: label,
      address: hop.packet.destination,
      device: link.name,
      owner: null,
      silence: `${label} takes no part in finding neighbours on ${link.name} (arp off)`,
      mute: true,
    },
    evidence: [linkEvidence(snapshot, namespace, link)],
    remedies: [{ actions: [{ kind: 'arp-on', namespace, dev: link.name }] }],
  };
}

const protocolFor = (p: Shown): string => (p('address').includes(':') ? 'NDP' : 'ARP');
