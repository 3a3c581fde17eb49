import { known, valueOr, type Fact } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { formatAddress, parseAddress, prefixContains, prefixRange, sameAddress } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { FdbEntry, Neighbour, NextHop, Route } from '../model/route.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';

/** RT_TABLE_LOCAL of linux/rtnetlink.h. */
export const LOCAL_TABLE = 255;
export const MAIN_TABLE = 254;

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

/** Facts with other routes; as they were, where routes were not read. */
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
export const forgetNeighboursWith = (snapshot: Snapshot, mac: string | null): Snapshot =>
  keepNeighbours(
    snapshot,
    (entry) => isAnswered(entry) && (entry.mac !== mac || entry.state === 'permanent'),
  );

/** What the kernel forgets when a wire changes: entries that nobody answered for. */
export const forgetFailedNeighbours = (snapshot: Snapshot): Snapshot => keepNeighbours(snapshot, isAnswered);

const isAnswered = ({ state }: Neighbour): boolean => state !== 'failed' && state !== 'incomplete';

/** Namespaces in which all stay are the same as before, with what is remembered of them. */
const keepNeighbours = (snapshot: Snapshot, stays: (entry: Neighbour) => boolean): Snapshot => ({
  ...snapshot,
  namespaces: snapshot.namespaces.map((namespace) => {
    const { neighbours } = namespace.facts;
    if (neighbours.state !== 'known' || neighbours.value.every(stays)) return namespace;
    return {
      ...namespace,
      facts: { ...namespace.facts, neighbours: known(neighbours.value.filter(stays)) },
    };
  }),
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

/** By what the kernel tells a route from others to the same network: what a route that takes its place has to have too. */
export const keyOf = ({ table, metric, from }: Route): Pick<Route, 'table' | 'metric' | 'from'> => ({
  table,
  metric,
  ...(from === undefined ? {} : { from }),
});

/** `default`, an address alone, or a prefix: how `ip route` names a destination. */
export function routeTarget(destination: { readonly address: string; readonly length: number }): string {
  if (destination.length === 0) return 'default';
  const full = destination.address.includes(':') ? 128 : 32;
  return destination.length === full ? destination.address : `${destination.address}/${destination.length}`;
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
