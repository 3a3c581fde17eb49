import { freeAddress } from '../fixes/patch.ts';
import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Address, Link } from '../model/link.ts';
import { namespaceLabel, type Namespace } from '../model/namespace.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Who may ask or be asked. */
export interface FlowEnd {
  readonly name: string;
  readonly namespace: NamespaceId;
  /** Of a client elsewhere: the interface it comes in by, and an address of its own for each family. */
  readonly outside?: { readonly device: string; readonly sources: Readonly<Partial<Record<4 | 6, string>>> };
}

/** As many are looked at: those that are nearest to what a fix changes. */
const MOST_ENDS = 12;

export const linksIn = ({ facts }: Namespace): readonly Link[] => valueOr(facts.links, []);

const wired = (namespace: Namespace): readonly Link[] =>
  linksIn(namespace).filter(({ kind }) => kind.type !== 'loopback');

/** Addresses that others can be told. */
export const ownAddresses = (namespace: Namespace): readonly Address[] =>
  wired(namespace).flatMap(({ addresses }) => addresses.filter(({ scope }) => scope !== 'link'));

export const nameOf = (snapshot: Snapshot, namespace: Namespace): string =>
  snapshot.hosts.length > 1 ? `${namespace.host}/${namespaceLabel(namespace)}` : namespaceLabel(namespace);

/**
 * The ends of other flows, those first that are nearest to the given places: by wire, else as they come. Hosts, named namespaces and
 * containers, nameless ones that have an address, and whoever comes in by an interface whose other end nobody sees.
 */
export function endsNear(snapshot: Snapshot, places: readonly NamespaceId[]): readonly FlowEnd[] {
  const away = distances(snapshot, places);
  const near = snapshot.namespaces
    .filter(
      (namespace) => namespace.names.some(({ type }) => type !== 'pid') || ownAddresses(namespace).length > 0,
    )
    .toSorted((a, b) => (away.get(a.id) ?? Infinity) - (away.get(b.id) ?? Infinity) || 0);
  return near
    .flatMap((namespace): FlowEnd[] => [
      { name: nameOf(snapshot, namespace), namespace: namespace.id },
      ...(snapshot.hosts.some(({ rootNamespace }) => rootNamespace === namespace.id)
        ? outsideOf(snapshot, namespace)
        : []),
    ])
    .slice(0, MOST_ENDS);
}

/** How many wires away each namespace is from the nearest of the places. */
function distances(snapshot: Snapshot, places: readonly NamespaceId[]): ReadonlyMap<NamespaceId, number> {
  const beside = new Map<NamespaceId, Set<NamespaceId>>();
  const join = (one: NamespaceId, other: NamespaceId): void => {
    const known = beside.get(one);
    if (known) known.add(other);
    else beside.set(one, new Set([other]));
  };
  for (const namespace of snapshot.namespaces)
    for (const { peer } of linksIn(namespace))
      if (peer?.namespace && peer.namespace !== namespace.id) {
        join(namespace.id, peer.namespace);
        join(peer.namespace, namespace.id);
      }
  const found = new Map(places.map((id) => [id, 0]));
  const queue = [...places];
  for (const id of queue)
    for (const next of beside.get(id) ?? [])
      if (!found.has(next)) {
        found.set(next, (found.get(id) ?? 0) + 1);
        queue.push(next);
      }
  return found;
}

function outsideOf(snapshot: Snapshot, namespace: Namespace): readonly FlowEnd[] {
  return wired(namespace)
    .filter(
      ({ kind, peer, up, master, addresses }) =>
        (kind.type === 'physical' || (kind.type === 'veth' && peer?.namespace === null)) &&
        up &&
        master === undefined &&
        addresses.length > 0,
    )
    .map(({ name, addresses }) => ({
      name: `outside@${name}`,
      namespace: namespace.id,
      outside: {
        device: name,
        sources: Object.fromEntries(
          ([4, 6] as const).flatMap((family) => {
            const own = addresses.find((one) => one.family === family && one.scope !== 'link');
            const source = own && freeAddress(snapshot, own);
            return source ? [[family, source]] : [];
          }),
        ),
      },
    }));
}
