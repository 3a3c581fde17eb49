import { familyOf, prefixContains } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding } from '../finding.ts';
import { addressless } from '../addressless.ts';
import { routesIn } from '../detour.ts';
import { linkEvidence } from '../evidence.ts';
import { wayBehind } from '../gateways.ts';
import { addressFor } from './no-address.ts';
import { unanswered } from '../unanswered.ts';
import {
  addressedLinks,
  isOf,
  labelIn,
  linkIn,
  linksIn,
  ownersOf,
  peerOf,
  type EndSituation,
  type PlacedLink,
  type WaySituation,
} from '../situation.ts';

const ID = 'interface-down';

/** An interface on the way is administratively down: where the packet stops, or where its route has vanished with it. */
export const interfaceDown: CauseKind = {
  id: ID,
  find(situation) {
    if (situation.type === 'end') return atEnd(situation);
    if (situation.type !== 'way') return null;
    const down = stopping(situation) ?? onTheWay(situation) ?? ownerIsDown(situation);
    if (!down || down.link.up || down.link.kind.type === 'loopback') return null;
    const lost = addressLost(situation, down);
    return finding(situation.snapshot, down, lost && { ...lost, family: situation.packet.family });
  },
  text: {
    en: {
      summary: (p) => `The interface ${p('device')} in ${p('namespace')} is switched off`,
      explanation: (p) =>
        `An interface that is administratively down neither sends nor receives, and the kernel forgets the routes that lead through it. ${p('device')} in ${p('namespace')} is on the way of this packet.${p('family') === '6' ? ' Its IPv6 addresses went when it was switched off, and have to be given again.' : ''} Bringing it up restores the route to its own network at once; other routes through it have to be added again.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 中的接口 ${p('device')} 处于关闭状态`,
      explanation: (p) =>
        `接口被关闭（administratively down）后既不发送也不接收，内核还会删掉经过它的路由。这个数据包必须经过 ${p('namespace')} 的 ${p('device')}。${p('family') === '6' ? '关闭时它的 IPv6 地址已被删除，需要重新添加。' : ''}启用它之后，通往它所在网络的路由会立刻恢复；经过它的其他路由需要重新添加。`,
    },
  },
};

interface LostAddress {
  readonly address: string;
  readonly length: number;
}

const finding = (
  snapshot: Snapshot,
  { namespace, link }: PlacedLink,
  lost: (LostAddress & { readonly family: 4 | 6 }) | null,
): Finding => ({
  id: ID,
  place: { namespace },
  certainty: 'certain',
  params: {
    device: link.name,
    namespace: labelIn(snapshot, namespace),
    ...(lost ? { family: lost.family } : {}),
  },
  evidence: [linkEvidence(snapshot, namespace, link)],
  remedies: [
    {
      actions: [
        { kind: 'link-up', namespace, dev: link.name },
        ...(lost
          ? [
              {
                kind: 'add-address' as const,
                namespace,
                dev: link.name,
                address: lost.address,
                length: lost.length,
              },
            ]
          : []),
      ],
    },
  ],
});

/** An end among neighbours that have IPv6 alone: its only address went with its interface. */
function atEnd(situation: EndSituation): Finding | null {
  const { snapshot } = situation;
  const end = addressless(situation);
  if (end?.family !== 6) return null;
  for (const link of end.links.filter(isDown)) {
    const guess = addressFor(snapshot, end.namespace, link, 6);
    if (guess) return finding(snapshot, { namespace: end.namespace, link }, { ...guess, family: 6 });
  }
  return null;
}

/**
 * addrconf_ifdown(): an interface that goes down loses its IPv6 addresses. What it had is known where somebody asks for it;
 * an end that only speaks can do with any address of its network.
 */
function addressLost(
  { snapshot, packet, hop, namespace }: WaySituation,
  down: PlacedLink,
): LostAddress | null {
  const { link } = down;
  if (packet.family !== 6 || link.master !== undefined || link.addresses.some(isOf(6))) return null;
  const route = hop.steps.findLast((step) => step.kind === 'route');
  if (route?.kind === 'route' && route.dev !== undefined && down.namespace !== namespace) {
    const address = route.via ?? route.destination;
    const own = linkIn(snapshot, namespace, route.dev)?.addresses.find((one) => prefixContains(one, address));
    return own && ownersOf(snapshot, address).length === 0 ? { address, length: own.length } : null;
  }
  return addressFor(snapshot, down.namespace, link, 6);
}

/** The walk met it, or the other end of a wire without carrier. */
function stopping({ snapshot, namespace, step }: WaySituation): PlacedLink | null {
  const dev = step.kind === 'transmit' || step.kind === 'receive' ? step.dev : null;
  if (dev !== null) return downOrPeer(snapshot, namespace, dev);
  if (step.kind !== 'bridge') return null;
  if (step.problem === 'bridge-down') return placed(snapshot, namespace, step.bridge);
  if (step.problem !== 'port-not-forwarding') return null;
  return [step.outPort, step.inPort].reduce<PlacedLink | null>(
    (found, port) => found ?? (port === null ? null : downOrPeer(snapshot, namespace, port)),
    null,
  );
}

function placed(snapshot: Snapshot, namespace: NamespaceId, dev: string): PlacedLink | null {
  const link = linkIn(snapshot, namespace, dev);
  return link ? { namespace, link } : null;
}

/** The interface itself where it is down, else the end that takes its carrier away. */
function downOrPeer(snapshot: Snapshot, namespace: NamespaceId, dev: string): PlacedLink | null {
  const own = placed(snapshot, namespace, dev);
  if (!own || !own.link.up) return own;
  const peer = peerOf(snapshot, own.link);
  return peer && !peer.link.up ? peer : downPort(snapshot, own);
}

/** What takes the carrier from a bridge: a port that is down, or the other end of one. */
function downPort(snapshot: Snapshot, { namespace, link: bridge }: PlacedLink): PlacedLink | null {
  if (bridge.kind.type !== 'bridge' || bridge.carrier) return null;
  for (const link of linksIn(snapshot, namespace)) {
    if (link.master !== bridge.index) continue;
    const down = downOrPeer(snapshot, namespace, link.name);
    if (down) return down;
  }
  return null;
}

/**
 * A down interface whose network the packet is for, although another route (or none) was taken: the kernel removed the
 * better one. Also where everything that leads out of a namespace is down, and with it all its routes.
 */
function onTheWay({ snapshot, trace }: WaySituation): PlacedLink | null {
  for (const hop of trace.hops) {
    for (const step of hop.steps) {
      if (step.kind !== 'route' || step.route?.type === 'local') continue;
      const chosen = step.route?.destination.length ?? -1;
      const link = linksIn(snapshot, hop.namespace).find(
        (it) =>
          isDown(it) &&
          it.addresses.some((own) => own.length > chosen && prefixContains(own, step.destination)),
      );
      if (link) return { namespace: hop.namespace, link };
      const ignored = passedOver(snapshot, hop.namespace, step);
      if (ignored) return ignored;
      if (step.route !== null) continue;
      const lost = behindDown(snapshot, hop.namespace, step.destination);
      if (lost) return lost;
      const addressed = addressedLinks(snapshot, hop.namespace, familyOf(step.destination) ?? 4);
      const first = addressed[0];
      if (first && addressed.every(isDown)) return { namespace: hop.namespace, link: first };
      const alone = first ? null : onlyLink(snapshot, hop.namespace);
      if (alone && isDown(alone) && familyOf(step.destination) === 6)
        return { namespace: hop.namespace, link: alone };
    }
  }
  return null;
}

/**
 * What takes the carrier from a route that fits better than the one taken, and counts as none without a carrier: where
 * ignore_routes_with_linkdown is set, the kernel shows it as dead too (fib_nexthop_info(), rt6_fill_node()).
 */
function passedOver(
  snapshot: Snapshot,
  namespace: NamespaceId,
  { destination, route: taken }: Extract<Step, { kind: 'route' }>,
): PlacedLink | null {
  for (const route of routesIn(snapshot, namespace)) {
    if (route.destination.length <= (taken?.destination.length ?? -1)) continue;
    if (!prefixContains(route.destination, destination)) continue;
    for (const { dev, flags } of route.nextHops) {
      if (dev === undefined || !flags.includes('linkdown') || !flags.includes('dead')) continue;
      const down = downOrPeer(snapshot, namespace, dev);
      if (down && !down.link.up) return down;
    }
  }
  return null;
}

/** Where there is but one way out, nothing else can have been meant. */
function onlyLink(snapshot: Snapshot, namespace: NamespaceId): Link | null {
  const [link, another] = linksIn(snapshot, namespace).filter(({ kind }) => kind.type !== 'loopback');
  return link && !another ? link : null;
}

/** A router behind a down interface knows the way, and better than any behind the others: a route through it is gone with it. */
function behindDown(snapshot: Snapshot, namespace: NamespaceId, destination: string): PlacedLink | null {
  const ranked = addressedLinks(snapshot, namespace, familyOf(destination) ?? 4)
    .map((link) => ({ link, rank: wayBehind(snapshot, namespace, link, destination) }))
    .filter(({ rank }) => rank > KNOWS_NOTHING_OF_IT)
    .sort((a, b) => b.rank - a.rank || Number(isDown(b.link)) - Number(isDown(a.link)));
  const [best] = ranked;
  return best && isDown(best.link) ? { namespace, link: best.link } : null;
}

/** A neighbour with other networks, none of them this one. */
const KNOWS_NOTHING_OF_IT = 1;

const isDown = ({ up, kind }: Link): boolean => !up && kind.type !== 'loopback';

/** Nobody answers for the next hop because its owner, or its end of the wire, is off. */
function ownerIsDown(situation: WaySituation): PlacedLink | null {
  const asked = unanswered(situation);
  if (!asked) return null;
  const { snapshot } = situation;
  const own = downOrPeer(snapshot, asked.namespace, asked.link.name);
  if (own && !own.link.up) return own;
  for (const owner of ownersOf(snapshot, asked.address)) {
    if (!owner.link.up) return owner;
    const peer = peerOf(snapshot, owner.link);
    if (peer && !peer.link.up) return peer;
  }
  return null;
}
