import type { NamespaceId } from '../model/ids.ts';
import { sameAddress } from '../model/ip.ts';
import type { Address, Link } from '../model/link.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import { isLinkLocal, isUsable } from '../simulate/route/source-selection.ts';
import { linksIn, ownersOf, type WaySituation } from './situation.ts';

/** An IPv6 address that its own machine does not use: duplicate address detection found another owner, or has not ended. */
export interface RefusedAddress {
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly address: Address;
  /** Who uses it; null: nobody does now. */
  readonly rival: { readonly namespace: NamespaceId; readonly link: Link } | null;
}

/** Ends of ways that such an address explains: nobody answers for it, or another address was spoken from in its place. */
export function refusedAddress(situation: WaySituation): RefusedAddress | null {
  return refusedTarget(situation) ?? refusedSource(situation);
}

export const isRefused = (address: Address): boolean => address.family === 6 && !isUsable(address);

function refusedTarget({ snapshot, step }: WaySituation): RefusedAddress | null {
  if (step.kind !== 'neighbour' || step.by !== 'nobody' || step.silence === undefined) return null;
  const owner = ownersOf(snapshot, step.address).find((one) => isRefused(one.address));
  return owner ? { ...owner, rival: rivalOf(snapshot, owner.namespace, owner.link, owner.address) } : null;
}

/** Whoever has no other address speaks from that of the link, which no router passes on. */
function refusedSource({ snapshot, trace, packet, direction }: WaySituation): RefusedAddress | null {
  const start = trace.hops[0]?.namespace;
  const strange = packet.family === 6 && isLinkLocal(packet.source) && !isLinkLocal(packet.destination);
  if (direction !== 'forward' || start === undefined || !strange || trace.disposition !== 'filtered-source')
    return null;
  for (const link of linksIn(snapshot, start)) {
    const address = link.addresses.find((one) => isRefused(one) && !isLinkLocal(one.address));
    if (address) return { namespace: start, link, address, rival: rivalOf(snapshot, start, link, address) };
  }
  return null;
}

const rivalOf = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  link: Link,
  { address }: Address,
): RefusedAddress['rival'] =>
  segmentOf(snapshot, namespace, link).stations.find(
    (station) =>
      station.fault === null &&
      station.namespace !== namespace &&
      station.link.addresses.some((own) => sameAddress(own.address, address) && !isRefused(own)),
  ) ?? null;
