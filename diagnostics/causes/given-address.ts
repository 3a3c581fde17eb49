import type { NamespaceId } from '../model/ids.ts';
import { familyOf, parsePrefix, prefixContains, sameAddress } from '../model/ip.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import { enginesOver, isOf, linksIn, ownersOf, type PlacedLink } from './situation.ts';

/** An address that an engine gave to a container, which has it no more, and the interface that it was on. */
export interface GivenAddress extends PlacedLink {
  readonly container: string;
  readonly address: string;
  readonly length: number;
}

/** What the containers of a namespace were given by their engine, and nobody has. */
export function givenAddresses(snapshot: Snapshot, namespace: NamespaceId): readonly GivenAddress[] {
  return enginesOver(snapshot, namespace).flatMap((engine) =>
    engine.containers
      .filter((container) => container.namespace === namespace && container.state === 'running')
      .flatMap(({ name, networks }) =>
        networks.flatMap(({ networkId, address, address6 }): readonly GivenAddress[] => {
          const network = engine.networks.find(({ id }) => id === networkId);
          return [address ?? [], address6 ?? []].flat().flatMap((given) => {
            const subnet = (network?.subnets ?? [])
              .map((it) => parsePrefix(it.subnet))
              .find((prefix) => prefix !== null && prefixContains(prefix, given));
            if (!subnet || ownersOf(snapshot, given).length > 0) return [];
            const link = bareLink(snapshot, namespace, given, network?.bridge);
            return link ? [{ ...link, container: name, address: given, length: subnet.length }] : [];
          });
        }),
      ),
  );
}

/** The one interface there without an address of the family, which leads to the network's bridge where several have none. */
function bareLink(
  snapshot: Snapshot,
  namespace: NamespaceId,
  address: string,
  bridge: string | undefined,
): PlacedLink | null {
  const bare = linksIn(snapshot, namespace).filter(
    ({ kind, addresses }) =>
      kind.type !== 'loopback' && !addresses.some(isOf(familyOf(address) === 6 ? 6 : 4)),
  );
  const near = bare.filter((link) =>
    segmentOf(snapshot, namespace, link).stations.some((station) => station.link.name === bridge),
  );
  const [link, ...others] = bare.length > 1 ? near : bare;
  return link && others.length === 0 ? { namespace, link } : null;
}

/** The container whose lost address this is. */
export const givenTo = (snapshot: Snapshot, address: string): GivenAddress | null =>
  snapshot.namespaces
    .flatMap(({ id }) => givenAddresses(snapshot, id))
    .find((given) => sameAddress(given.address, address)) ?? null;
