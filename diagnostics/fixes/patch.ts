import { known, valueOr, type Fact } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { formatAddress, parseAddress, prefixContains, prefixRange, sameAddress } from '../model/ip.ts';
import type { Address, Link } from '../model/link.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { FdbEntry, NextHop, Route } from '../model/route.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';

const LOCAL_TABLE = 255;
const MAIN_TABLE = 254;

const onKnown = <T>(fact: Fact<T>, change: (value: T) => T): Fact<T> =>
  fact.state === 'known' ? known(change(fact.value)) : fact;

export const linksOf = (snapshot: Snapshot, id: NamespaceId): readonly Link[] =>
  valueOr(factsOf(snapshot, id)?.links ?? { state: 'absent' }, []);

export const linkNamed = (snapshot: Snapshot, id: NamespaceId, dev: string): Link | undefined =>
  linksOf(snapshot, id).find(({ name }) => name === dev);

export const factsOf = (snapshot: Snapshot, id: NamespaceId): NamespaceFacts | undefined =>
  snapshot.namespaces.find((namespace) => namespace.id === id)?.facts;

export const changeLink = (
  snapshot: Snapshot,
  id: NamespaceId,
  isIt: (link: Link) => boolean,
  change: (link: Link) => Link,
): Snapshot =>
  withFacts(snapshot, id, (facts) => ({
    ...facts,
    links: onKnown(facts.links, (links) => links.map((link) => (isIt(link) ? change(link) : link))),
  }));

export const changeRoutes = (
  snapshot: Snapshot,
  id: NamespaceId,
  change: (routes: readonly Route[]) => readonly Route[],
): Snapshot => withFacts(snapshot, id, (facts) => ({ ...facts, routes: onKnown(facts.routes, change) }));

export const changeSysctls = (
  snapshot: Snapshot,
  id: NamespaceId,
  change: (sysctls: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): Snapshot => withFacts(snapshot, id, (facts) => ({ ...facts, sysctls: onKnown(facts.sysctls, change) }));

export const changeFdb = (
  snapshot: Snapshot,
  id: NamespaceId,
  change: (fdb: readonly FdbEntry[]) => readonly FdbEntry[],
): Snapshot => withFacts(snapshot, id, (facts) => ({ ...facts, fdb: onKnown(facts.fdb, change) }));

/** Entries with a hardware address that is no longer anybody's, and those that nobody answered for. */
export const forgetNeighboursWith = (snapshot: Snapshot, mac: string | null): Snapshot => {
  const forgotten = forgetFailedNeighbours(snapshot);
  return {
    ...forgotten,
    namespaces: forgotten.namespaces.map((namespace) => ({
      ...namespace,
      facts: {
        ...namespace.facts,
        neighbours: onKnown(namespace.facts.neighbours, (entries) =>
          entries.filter((entry) => entry.mac !== mac || entry.state === 'permanent'),
        ),
      },
    })),
  };
};

/** A bridge has a carrier while one of its ports forwards (br_port_state_selection() of net/bridge/br_stp_if.c). */
export function refreshBridges(snapshot: Snapshot, id: NamespaceId): Snapshot {
  const links = linksOf(snapshot, id);
  const alive = (bridge: Link): boolean =>
    links.some((link) => link.master === bridge.index && link.up && link.port?.state === 'forwarding');
  return links
    .filter((link) => link.kind.type === 'bridge' && link.up && link.carrier !== alive(link))
    .reduce((now, bridge) => withCarrierAt(now, id, bridge, alive(bridge)), snapshot);
}

const withCarrierAt = (
  snapshot: Snapshot,
  id: NamespaceId,
  { index, name }: Link,
  carrier: boolean,
): Snapshot =>
  changeRoutes(
    changeLink(
      snapshot,
      id,
      (link) => link.index === index,
      (link) => ({ ...link, carrier }),
    ),
    id,
    (routes) =>
      routes.map((route) => ({
        ...route,
        nextHops: route.nextHops.map((hop) =>
          hop.dev === name
            ? {
                ...hop,
                flags: [...hop.flags.filter((flag) => flag !== 'linkdown'), ...(carrier ? [] : ['linkdown'])],
              }
            : hop,
        ),
      })),
  );

/** What the kernel forgets when a wire changes: entries that nobody answered for. */
export const forgetFailedNeighbours = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  namespaces: snapshot.namespaces.map((namespace) => ({
    ...namespace,
    facts: {
      ...namespace.facts,
      neighbours: onKnown(namespace.facts.neighbours, (entries) =>
        entries.filter(({ state }) => state !== 'failed' && state !== 'incomplete'),
      ),
    },
  })),
});

/** A unicast route of the main table, as `ip route` would print it. */
export function makeRoute(
  destination: { readonly address: string; readonly length: number },
  hop: Partial<NextHop> & { readonly dev: string },
  more: Partial<Route> = {},
): Route {
  const family = destination.address.includes(':') ? 6 : 4;
  const target = routeTarget(destination);
  return {
    family,
    table: MAIN_TABLE,
    type: 'unicast',
    destination,
    nextHops: [{ weight: 1, flags: [], ...hop }],
    metric: family === 6 ? 1024 : 0,
    scope: hop.via === undefined ? 'link' : 'global',
    protocol: 'boot',
    tos: 0,
    text: [target, ...(hop.via === undefined ? [] : ['via', hop.via]), 'dev', hop.dev].join(' '),
    ...more,
  };
}

/** `default`, an address alone, or a prefix: how `ip route` names a destination. */
export function routeTarget(destination: { readonly address: string; readonly length: number }): string {
  if (destination.length === 0) return 'default';
  const full = destination.address.includes(':') ? 128 : 32;
  return destination.length === full ? destination.address : `${destination.address}/${destination.length}`;
}

/** IP6_RT_PRIO_ADDRCONF. */
const CONNECTED_METRIC_6 = 256;

/** The routes that an address brings with it while its link is up (fib_add_ifaddr; RFC 4291 for IPv6). */
export function addressRoutes(link: Link, address: Address): readonly Route[] {
  const full = address.family === 4 ? 32 : 128;
  const own = { address: address.address, length: full };
  const local = makeRoute(
    own,
    { dev: link.name },
    {
      table: LOCAL_TABLE,
      type: 'local',
      scope: 'host',
      protocol: 'kernel',
      text: `local ${address.address} dev ${link.name} table local`,
    },
  );
  const range = prefixRange(address);
  if (range === null || address.length === full || address.flags.includes('noprefixroute')) return [local];
  const connected = makeRoute(
    { address: range.from, length: address.length },
    { dev: link.name },
    {
      protocol: 'kernel',
      ...(address.family === 4 ? { preferredSource: address.address } : { metric: CONNECTED_METRIC_6 }),
      text:
        address.family === 4
          ? `${range.from}/${address.length} dev ${link.name} proto kernel scope link src ${address.address}`
          : `${range.from}/${address.length} dev ${link.name} proto kernel metric ${CONNECTED_METRIC_6} pref medium`,
    },
  );
  if (address.family === 6 || address.length >= 31) return [local, connected];
  const broadcast = makeRoute(
    { address: range.to, length: full },
    { dev: link.name },
    {
      table: LOCAL_TABLE,
      type: 'broadcast',
      protocol: 'kernel',
      preferredSource: address.address,
      text: `broadcast ${range.to} dev ${link.name} table local`,
    },
  );
  return [local, connected, broadcast];
}

const sameDestination = (a: Route, b: Route): boolean =>
  a.table === b.table &&
  a.type === b.type &&
  a.metric === b.metric &&
  a.destination.length === b.destination.length &&
  sameAddress(a.destination.address, b.destination.address);

/** Adds routes that are not there yet. */
export const mergeRoutes = (routes: readonly Route[], more: readonly Route[]): readonly Route[] => [
  ...routes,
  ...more.filter(
    (route) => !routes.some((other) => sameDestination(route, other) && devOf(other) === devOf(route)),
  ),
];

const devOf = (route: Route): string | undefined => route.nextHops[0]?.dev;

/** An address of the prefix that nobody in this snapshot owns; null where all are taken. The highest: those are rarely given. */
export function freeAddress(
  snapshot: Snapshot,
  prefix: { readonly address: string; readonly length: number },
): string | null {
  const range = prefixRange(prefix);
  const [first, last] = [parseAddress(range?.from ?? ''), parseAddress(range?.to ?? '')];
  if (!first || !last) return null;
  const taken = new Set(
    snapshot.namespaces.flatMap(({ id }) =>
      linksOf(snapshot, id).flatMap(({ addresses }) =>
        addresses.filter((address) => prefixContains(prefix, address.address)).map(({ address }) => address),
      ),
    ),
  );
  const LOOKED_AT = 512n;
  for (let value = last.value - 1n; value > first.value && last.value - value < LOOKED_AT; value--) {
    const address = formatAddress({ family: first.family, value });
    if (!taken.has(address)) return address;
  }
  return null;
}
