import { sameAddress } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Address, Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { hintedNamespaces } from './hints.ts';
import { linksOf } from '../link/wires.ts';

/** An interface that has an address, up or not. */
export interface AddressOwner {
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly address: Address;
}

export interface Owners {
  readonly owners: readonly AddressOwner[];
  /** Namespaces that an engine says have it and whose links nobody has read. */
  readonly likely: readonly NamespaceId[];
  /** All namespaces whose links nobody has read: one of them might have it too. */
  readonly unread: readonly NamespaceId[];
}

/** Who has an address, as far as links were read. */
export function addressOwners(snapshot: Snapshot, address: string): Owners {
  const unread = snapshot.namespaces
    .filter(({ facts }) => facts.links.state === 'unread')
    .map(({ id }) => id);
  const hinted = hintedNamespaces(snapshot, address);
  return {
    owners: snapshot.namespaces.flatMap(({ id }) =>
      (linksOf(snapshot, id) ?? []).flatMap((link) =>
        link.addresses
          .filter((own) => sameAddress(own.address, address))
          .map((own) => ({ namespace: id, link, address: own })),
      ),
    ),
    likely: unread.filter((id) => hinted.has(id)),
    unread,
  };
}
