import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { addressRoutes } from './address-routes.ts';
import { changeLink, changeRoutes, linksOf, mergeRoutes } from './patch.ts';
import { givenAddresses, placeOf } from './readdress.ts';

/** Where an interface is. */
interface Place {
  readonly namespace: NamespaceId;
  readonly index: number;
}

const linkAt = (snapshot: Snapshot, { namespace, index }: Place): Link | undefined =>
  linksOf(snapshot, namespace).find((link) => link.index === index);

/** Interfaces that stand on another one have a carrier while it has one (netif_stacked_transfer_operstate()). */
const STACKED: ReadonlySet<Link['kind']['type']> = new Set(['macvlan', 'ipvlan', 'vlan']);

/**
 * An interface comes up, or gets a carrier: its addresses and their routes are there again (fib_netdev_event(), addrconf_notify()), so
 * are those that it gives itself; and so is the carrier of whoever hangs on it: its peer, its bridge, what stands on it.
 */
export function bringUp(snapshot: Snapshot, place: Place): Snapshot {
  const link = linkAt(snapshot, place);
  if (!link) return snapshot;
  const woken = wake(snapshot, place.namespace, { ...link, up: true, carrier: hasCarrier(snapshot, link) });
  const { peer } = link;
  const paired = link.kind.type === 'veth' && peer?.namespace ? { ...peer, namespace: peer.namespace } : null;
  const after = paired ? whereUp(woken, paired) : woken;
  // A bridge that is down keeps its ports out of service (br_stp_disable_bridge()).
  const ports =
    link.kind.type === 'bridge'
      ? linksOf(after, place.namespace).filter(
          ({ master, up, carrier }) => master === link.index && up && carrier,
        )
      : [];
  const served = ports.reduce((now, port) => wake(now, place.namespace, port), after);
  return [place.namespace, ...(paired ? [paired.namespace] : [])].reduce(refreshBridges, served);
}

const hasCarrier = (snapshot: Snapshot, { kind, peer }: Link): boolean => {
  const below = peer?.namespace ? linkAt(snapshot, { ...peer, namespace: peer.namespace }) : undefined;
  if (kind.type === 'veth') return below?.up === true;
  // A bridge's comes with its first port that forwards.
  if (kind.type === 'bridge') return false;
  return STACKED.has(kind.type) && below ? below.up && below.carrier : true;
};

const whereUp = (snapshot: Snapshot, place: Place): Snapshot => {
  const link = linkAt(snapshot, place);
  return link?.up ? wake(snapshot, place.namespace, { ...link, carrier: true }) : snapshot;
};

/** The interface as it is now, in the place of what it was, with what comes to it by itself. */
export function wake(snapshot: Snapshot, id: NamespaceId, link: Link): Snapshot {
  const { carrier } = link;
  const words = ['UP', ...(carrier ? ['LOWER_UP'] : ['NO-CARRIER'])];
  const alive: Link = {
    ...link,
    flags: [...link.flags.filter((flag) => !['UP', 'LOWER_UP', 'NO-CARRIER'].includes(flag)), ...words],
    ...(link.port ? { port: { ...link.port, state: carrier ? 'forwarding' : 'disabled' } } : {}),
    addresses: [...link.addresses, ...givenAddresses(snapshot, id, link)],
  };
  const linked = changeLink(
    snapshot,
    id,
    ({ index }) => index === link.index,
    () => alive,
  );
  const routed = changeRoutes(linked, id, (routes) =>
    mergeRoutes(
      routes.map((route) =>
        route.type === 'local' || route.type === 'anycast'
          ? route
          : {
              ...route,
              nextHops: route.nextHops.map((hop) =>
                hop.dev === link.name ? { ...hop, flags: withoutFault(hop.flags, carrier) } : hop,
              ),
            },
      ),
      addressRoutes(alive, alive.addresses, placeOf(snapshot, id, link.name)),
    ),
  );
  if (!carrier) return routed;
  const above = routed.namespaces.flatMap(({ id: other }) =>
    linksOf(routed, other)
      .filter(
        ({ kind, peer, up, carrier: has }) =>
          STACKED.has(kind.type) && up && !has && peer?.namespace === id && peer.index === link.index,
      )
      .map((one) => ({ namespace: other, one })),
  );
  return above.reduce((now, { namespace, one }) => wake(now, namespace, { ...one, carrier: true }), routed);
}

const withoutFault = (flags: readonly string[], carrier: boolean): readonly string[] => [
  ...flags.filter((flag) => flag !== 'dead' && flag !== 'linkdown'),
  ...(carrier ? [] : ['linkdown']),
];

/**
 * A bridge has a carrier while one of its ports forwards (br_port_state_selection() of net/bridge/br_stp_if.c), a bond or a team while one
 * of its interfaces has (bond_set_carrier(), __team_carrier_check()).
 */
export function refreshBridges(snapshot: Snapshot, id: NamespaceId): Snapshot {
  const links = linksOf(snapshot, id);
  const alive = (bridge: Link): boolean =>
    links.some(
      (link) =>
        link.master === bridge.index &&
        link.up &&
        (bridge.kind.type === 'bridge' ? link.port?.state === 'forwarding' : link.carrier),
    );
  return links
    .filter(
      (link) =>
        ['bridge', 'bond', 'team'].includes(link.kind.type) && link.up && link.carrier !== alive(link),
    )
    .reduce((now, bridge) => wake(now, id, { ...bridge, carrier: alive(bridge) }), snapshot);
}
