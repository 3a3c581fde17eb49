import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import { groupBy, remember } from '../model/remember.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** A macvlan interface, wherever it is. */
export interface MacvlanChild {
  readonly namespace: NamespaceId;
  readonly link: Link;
}

const keyOf = (namespace: NamespaceId, index: number): string => `${index} ${namespace}`;

/** By lower device. Only the namespaces whose links are known can tell. */
const children = remember((snapshot: Snapshot) =>
  groupBy(
    snapshot.namespaces.flatMap(({ id, facts: { links } }) =>
      valueOr(links, []).flatMap((link): readonly MacvlanChild[] =>
        link.kind.type === 'macvlan' ? [{ namespace: id, link }] : [],
      ),
    ),
    ({ link: { peer } }) => (peer?.namespace ? keyOf(peer.namespace, peer.index) : null),
  ),
);

/** The macvlan interfaces on a lower device. */
export const macvlansOn = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  lower: number,
): readonly MacvlanChild[] => children(snapshot).get(keyOf(namespace, lower)) ?? [];

/** The one of them that has this hardware address. */
export const macvlanOf = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  lower: number,
  mac: string | null,
  except?: Link,
): MacvlanChild | null =>
  macvlansOn(snapshot, namespace, lower).find(({ link }) => link !== except && link.mac === mac) ?? null;
