import type { NamespaceId } from '../../model/ids.ts';
import { linkAt, type Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { linksOf, type PlacedLink } from '../../simulate/link/wires.ts';

/** What is one end's own, whatever its other facts are. */
export interface OwnWords {
  readonly namespace: NamespaceId;
  /** Its namespace, addresses, hardware addresses, and the names of its wires' far ends. */
  readonly words: readonly string[];
  readonly addresses: readonly string[];
  /** The far ends of its wires. */
  readonly far: readonly PlacedLink[];
}

/** Of a namespace that has nothing but wires to others; null for any other. */
export function ownWords(snapshot: Snapshot, id: NamespaceId): OwnWords | null {
  const links = linksOf(snapshot, id);
  if (!links) return null;
  const words: string[] = [id];
  const addresses: string[] = [];
  const far: PlacedLink[] = [];
  const add = (link: Link): void => {
    if (link.mac !== null) words.push(link.mac);
    for (const { address } of link.addresses) addresses.push(address);
  };
  for (const link of links) {
    if (link.kind.type === 'loopback') continue;
    const { peer, kind } = link;
    if (kind.type !== 'veth' || !peer?.namespace || peer.namespace === id) return null;
    const other = linkAt(linksOf(snapshot, peer.namespace) ?? [], peer.index);
    // RFC 6724 compares the bits of several addresses with those of whoever is spoken to.
    const global6 = link.addresses.filter(({ family, scope }) => family === 6 && scope === 'global');
    if (!other || global6.length > 1) return null;
    add(link);
    words.push(other.name);
    add(other);
    far.push({ namespace: peer.namespace, link: other });
  }
  return { namespace: id, words: [...words, ...addresses], addresses, far };
}

/** Whether something else than the wire itself refers to its far end: a device on it, or below it. */
export function isBuiltOn(snapshot: Snapshot, { namespace, link }: PlacedLink, owner: NamespaceId): boolean {
  return snapshot.namespaces.some(({ id }) =>
    (linksOf(snapshot, id) ?? []).some(
      ({ peer, master }) =>
        (id === namespace && master === link.index) ||
        (id !== owner && peer?.namespace === namespace && peer.index === link.index),
    ),
  );
}
