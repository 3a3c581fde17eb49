import type { NamespaceId } from '../../model/ids.ts';
import { portsOf, type Link } from '../../model/link.ts';
import { groupBy, remember } from '../../model/remember.ts';
import type { FdbEntry } from '../../model/route.ts';
import { findNamespace, type Snapshot } from '../../model/snapshot.ts';

/** An interface, and where it is. */
export interface PlacedLink {
  readonly namespace: NamespaceId;
  readonly link: Link;
}

/** The interfaces of a namespace; null: not known. */
export const linksOf = (snapshot: Snapshot, id: NamespaceId): readonly Link[] | null => {
  const links = findNamespace(snapshot, id)?.facts.links;
  return links?.state === 'known' ? links.value : null;
};

/** The forwarding entries of a namespace's bridges and vxlan interfaces; none where they are not known. */
export const fdbOf = (snapshot: Snapshot, id: NamespaceId): readonly FdbEntry[] => {
  const fdb = findNamespace(snapshot, id)?.facts.fdb;
  return fdb?.state === 'known' ? fdb.value : [];
};

const macsOfBridges = remember((links: readonly Link[]) =>
  remember((bridge: Link): readonly string[] => [
    ...new Set([bridge, ...portsOf(links, bridge)].flatMap(({ mac }) => (mac === null ? [] : [mac]))),
  ]),
);

/** What a bridge takes for its own IP stack: its own hardware address and its ports' (BR_FDB_LOCAL). */
export const bridgeMacs = (links: readonly Link[], bridge: Link): readonly string[] =>
  macsOfBridges(links)(bridge);

/** Why a frame that is to leave by a device does not. */
export const transmitProblem = (link: Link): 'down' | 'no-carrier' | null =>
  !link.up ? 'down' : !link.carrier ? 'no-carrier' : null;

/**
 * bond_should_deliver_exact_match() of drivers/net/bonding: what comes in by an interface that only waits for the active one to fail
 * goes no further, except in the modes that share the load with all of them.
 */
export const isInactive = (link: Link, bond: Link): boolean =>
  bond.kind.type === 'bond' &&
  !bond.kind.allTake &&
  (link.slave?.backup === true ||
    (bond.kind.mode === 'active-backup' && bond.kind.active !== undefined && bond.kind.active !== link.name));

/** Interfaces by which a bond or team may send: alive, with a carrier, and of a bond those that do not wait. */
export const sendersOf = (links: readonly Link[], master: Link): readonly Link[] => {
  const { kind } = master;
  const active = kind.type === 'bond' ? kind.active : undefined;
  return portsOf(links, master).filter(
    ({ up, carrier, name, slave }) =>
      up &&
      carrier &&
      slave?.alive !== false &&
      (kind.type === 'bond' && kind.mode === 'active-backup' && active !== undefined
        ? name === active
        : slave?.backup !== true),
  );
};

/** Devices that stand on another one, by that one: macvlan, ipvlan, vlan. */
const STACKED: ReadonlySet<string> = new Set(['macvlan', 'ipvlan', 'vlan']);

const keyOf = (namespace: NamespaceId, index: number): string => `${index} ${namespace}`;

const uppers = remember((snapshot: Snapshot) =>
  groupBy(
    snapshot.namespaces.flatMap(({ id }) =>
      (linksOf(snapshot, id) ?? []).flatMap((link): readonly PlacedLink[] =>
        STACKED.has(link.kind.type) ? [{ namespace: id, link }] : [],
      ),
    ),
    ({ link: { peer } }) => (peer?.namespace ? keyOf(peer.namespace, peer.index) : null),
  ),
);

/** What stands on a device, wherever it is: only the namespaces whose links are known can tell. */
export const uppersOf = (snapshot: Snapshot, namespace: NamespaceId, index: number): readonly PlacedLink[] =>
  uppers(snapshot).get(keyOf(namespace, index)) ?? [];
