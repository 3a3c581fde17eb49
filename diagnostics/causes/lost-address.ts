import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { prefixContains } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { isLinkLocal } from '../simulate/route/source-selection.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import { gatewaysTowards } from './gateways.ts';
import { lacksRoute } from './list/no-route.ts';
import {
  addressedLinks,
  factsIn,
  isOf,
  linksIn,
  ownersOf,
  type Owner,
  type PlacedLink,
  type WaySituation,
} from './situation.ts';
import { unanswered } from './unanswered.ts';

/** A router's interface without an address, and the one that its neighbours there expect it to have. */
export interface LostAddress extends PlacedLink {
  readonly address: string;
  readonly length: number;
}

/**
 * The interface that is missing its address: neighbours use a gateway that nobody has, and there is one router among them that
 * was given none; or a router has no route to a network that one of its interfaces is attached to.
 */
export const lostAddress = (situation: WaySituation): LostAddress | null =>
  expectedBy(situation) ?? attachedTo(situation);

function expectedBy(situation: WaySituation): LostAddress | null {
  const asked = unanswered(situation);
  const { snapshot, packet } = situation;
  if (!asked || ownersOf(snapshot, asked.address).length > 0) return null;
  // The kernel gives each interface one of these by itself: nobody was left without.
  if (isLinkLocal(asked.address) && asked.address === packet.destination) return null;
  const { namespace, link, address } = asked;
  const own = link.addresses.find((it) => prefixContains(it, address));
  // Another router that knows the way is the nearer remedy.
  if (!own || gatewaysTowards(snapshot, namespace, packet.destination).length > 0) return null;
  const bare = segmentOf(snapshot, namespace, link).stations.filter(
    (station) =>
      station.fault === null &&
      station.namespace !== namespace &&
      isBare(packet.family)(station.link) &&
      addressedLinks(snapshot, station.namespace, packet.family).length > 0,
  );
  const [router] = bare;
  return router && bare.length === 1
    ? { namespace: router.namespace, link: router.link, address, length: own.length }
    : null;
}

function attachedTo(situation: WaySituation): LostAddress | null {
  if (!lacksRoute(situation)) return null;
  const { snapshot, namespace, packet } = situation;
  if (addressedLinks(snapshot, namespace, packet.family).length === 0) return null;
  for (const link of linksIn(snapshot, namespace).filter(isBare(packet.family))) {
    const { stations } = segmentOf(snapshot, namespace, link);
    const owner = ownersOf(snapshot, packet.destination).find((it) =>
      stations.some((station) => station.namespace === it.namespace && station.link.index === it.link.index),
    );
    const address = owner && gatewayNobodyHas(snapshot, owner);
    if (owner && address !== undefined) return { namespace, link, address, length: owner.address.length };
  }
  return null;
}

/** Up, with an IP stack behind it, and without an address of the family. */
const isBare =
  (family: 4 | 6) =>
  ({ up, kind, master, addresses }: Link): boolean =>
    up && kind.type !== 'loopback' && master === undefined && !addresses.some(isOf(family));

/** The gateway of an end's routes, where it is on its own network and nobody's. */
export const gatewayNobodyHas = (
  snapshot: Snapshot,
  { namespace, link, address }: Owner,
): string | undefined =>
  routesIn(snapshot, namespace)
    .flatMap(({ nextHops }) => nextHops.filter(({ dev }) => dev === link.name))
    .flatMap(({ via }) => via ?? [])
    .find((via) => prefixContains(address, via) && ownersOf(snapshot, via).length === 0);

const routesIn = (snapshot: Snapshot, id: NamespaceId) =>
  valueOr(factsIn(snapshot, id)?.routes ?? { state: 'absent' }, []);
