import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { addressBits, familyOf, prefixContains, prefixRange, sameAddress } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import {
  containersIn,
  factsIn,
  isOf,
  linksIn,
  ownersOf,
  sysctlsIn,
  type Owner,
  type PlacedLink,
} from './situation.ts';

/** A neighbour that a packet could be handed to. */
export interface Gateway {
  readonly address: string;
  /** The interface towards it. */
  readonly dev: string;
  /** No network of the namespace holds its address: it has addresses alone. */
  readonly onlink?: true;
}

/**
 * Neighbours of a namespace that could take a packet for `destination` further: on one segment and in one prefix with it,
 * and either its owner's other side, or at least a router. Those that know the way come first.
 */
export function gatewaysTowards(
  snapshot: Snapshot,
  namespace: NamespaceId,
  destination: string,
): readonly Gateway[] {
  const usable = isOf(familyOf(destination) ?? 4);
  const found: { readonly gateway: Gateway; readonly rank: number }[] = [];
  for (const link of linksIn(snapshot, namespace)) {
    if (!link.up) continue;
    const own = link.addresses.filter(usable);
    const alone = own.length > 0 && own.every(({ family, length }) => length === addressBits(family));
    for (const station of segmentOf(snapshot, namespace, link).stations) {
      if (station.namespace === namespace) continue;
      for (const { address } of station.link.addresses.filter(usable)) {
        if (!alone && !own.some((prefix) => prefixContains(prefix, address))) continue;
        // What both have is for the asker itself.
        if (ownsAddress(snapshot, namespace, address)) continue;
        const rank = knowledge(snapshot, namespace, station, destination);
        // One that cannot be reached just now may be mended too; others are better.
        if (rank > 0)
          found.push({
            gateway: { address, dev: link.name, ...(alone ? { onlink: true } : {}) },
            rank: station.fault ? rank - 10 : rank,
          });
      }
    }
  }
  return found.sort((a, b) => b.rank - a.rank).map(({ gateway }) => gateway);
}

/** Whether a network of the interface holds the gateway: the kernel takes no other for one (fib_check_nh()), unless it is told to. */
export const isReached = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  { address, dev, onlink }: Gateway,
): boolean =>
  onlink === true ||
  linksIn(snapshot, namespace).some(
    (link) => link.name === dev && link.addresses.some((own) => prefixContains(own, address)),
  );

/** The interface of a namespace behind which, without a router between, somebody has this address. */
export const linkTowards = (snapshot: Snapshot, namespace: NamespaceId, address: string): Link | undefined =>
  linksIn(snapshot, namespace).find(
    (link) =>
      link.up &&
      segmentOf(snapshot, namespace, link).stations.some(
        (station) =>
          station.namespace !== namespace &&
          station.fault === null &&
          station.link.addresses.some((own) => sameAddress(own.address, address)),
      ),
  );

/** How well the neighbours on an interface know the way, up or down as it may be; 0: not at all. */
export function wayBehind(
  snapshot: Snapshot,
  namespace: NamespaceId,
  link: Link,
  destination: string,
): number {
  const own = link.addresses.filter(isOf(familyOf(destination) ?? 4));
  const ranks = segmentOf(snapshot, namespace, link)
    .stations.filter((station) => station.namespace !== namespace)
    .filter(({ link: theirs }) =>
      theirs.addresses.some(({ address }) => own.some((prefix) => prefixContains(prefix, address))),
    )
    .map((station) => knowledge(snapshot, namespace, station, destination));
  return Math.max(0, ...ranks);
}

/** A router on a segment of a namespace, outside of that one's prefix, although inside of its own. */
export function routerBeyondPrefix(
  snapshot: Snapshot,
  namespace: NamespaceId,
  destination: string,
): { readonly own: Owner; readonly router: Owner } | null {
  const usable = isOf(familyOf(destination) ?? 4);
  for (const link of linksIn(snapshot, namespace)) {
    if (!link.up) continue;
    const [address] = link.addresses.filter(usable);
    if (!address) continue;
    for (const station of segmentOf(snapshot, namespace, link).stations) {
      const theirs = station.link.addresses.find(
        (it) =>
          usable(it) &&
          it.length < address.length &&
          prefixContains(it, address.address) &&
          !prefixContains(address, it.address),
      );
      if (theirs && knowledge(snapshot, namespace, station, destination) > 0)
        return { own: { namespace, link, address }, router: { ...station, address: theirs } };
    }
  }
  return null;
}

/**
 * What a neighbour of `asker` knows of the way. 4: has the address itself; 3: on the destination's network; 2: has a route to it;
 * 1: forwards, and has another network at all; 0: an end like any other. A route that leads back to the asker, and networks that the asker is
 * on too, are no knowledge. A container on several networks is an end on each of them, unless the destination is on one.
 */
function knowledge(
  snapshot: Snapshot,
  asker: NamespaceId,
  { namespace: id, link: { name: cameBy } }: PlacedLink,
  destination: string,
): number {
  if (ownsAddress(snapshot, id, destination)) return 4;
  const others = linksIn(snapshot, id)
    .filter(({ name, kind }) => name !== cameBy && kind.type !== 'loopback')
    .flatMap(({ addresses }) => addresses);
  if (others.some((own) => prefixContains(own, destination))) return 3;
  if (containersIn(snapshot, id).length > 0) return 0;
  const routed = valueOr(factsIn(snapshot, id)?.routes ?? { state: 'absent' }, []).some(
    ({ type, table, destination: prefix, nextHops }) =>
      type === 'unicast' &&
      table !== 255 &&
      prefixContains(prefix, destination) &&
      nextHops.every(
        ({ dev, via }) => dev !== cameBy && (via === undefined || !ownsAddress(snapshot, asker, via)),
      ),
  );
  if (routed) return 2;
  const ours = linksIn(snapshot, asker).flatMap(({ addresses }) => addresses);
  const beyond = others.filter((own) => !ours.some((prefix) => prefixContains(prefix, own.address)));
  return beyond.length > 0 && forwards(snapshot, id, cameBy, familyOf(destination) ?? 4) ? 1 : 0;
}

/** Whether a machine passes on what comes in by an interface. */
export const forwards = (snapshot: Snapshot, id: NamespaceId, dev: string, family: 4 | 6): boolean =>
  (sysctlsIn(snapshot, id)[`net/ipv${family}/conf/${dev}/forwarding`] ?? '0') !== '0';

/** The network an address belongs to, as its owner sees it; the address alone where nobody in sight has it. */
export function networkOf(
  snapshot: Snapshot,
  address: string,
): { readonly address: string; readonly length: number } {
  const owner = ownersOf(snapshot, address)[0];
  const range = owner ? prefixRange(owner.address) : null;
  return owner && range
    ? { address: range.from, length: owner.address.length }
    : { address, length: addressBits(familyOf(address) ?? 4) };
}

export const ownsAddress = (snapshot: Snapshot, id: NamespaceId, address: string): boolean =>
  linksIn(snapshot, id).some(({ addresses }) => addresses.some((own) => sameAddress(own.address, address)));
