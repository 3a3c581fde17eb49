import { addressBits, parseAddress, prefixContains, type Address } from '../../model/ip.ts';
import type { NextHop, Route } from '../../model/route.ts';

/** One routing table, ordered for the longest-prefix match. */
interface Fib {
  /** Lengths that occur, longest first. */
  readonly lengths: readonly number[];
  /** Length and network bits → routes, the preferred first. */
  readonly byPrefix: ReadonlyMap<string | number, readonly Route[]>;
}

/** More than there are lengths of IPv4. */
const LENGTHS_4 = 64;

/** One key a prefix; a number where it can be, since it is made for every length of every lookup. */
const bucketKey = (length: number, { family, value, short }: Address): string | number =>
  short === undefined
    ? `${length}/${value >> BigInt(addressBits(family) - length)}`
    : Math.floor(short / 2 ** (32 - length)) * LENGTHS_4 + length;

const build = (routes: readonly Route[]): Fib => {
  const byPrefix = new Map<string | number, Route[]>();
  const lengths = new Set<number>();
  for (const route of routes) {
    const address = parseAddress(route.destination.address);
    if (!address) continue;
    const { length } = route.destination;
    lengths.add(length);
    const key = bucketKey(length, address);
    const bucket = byPrefix.get(key);
    if (bucket) bucket.push(route);
    else byPrefix.set(key, [route]);
  }
  // The narrower source first (IPv6 only); fib_insert_alias: the larger TOS first, then the lower metric, then as inserted.
  for (const bucket of byPrefix.values())
    bucket.sort(
      (a, b) => (b.from?.length ?? 0) - (a.from?.length ?? 0) || b.tos - a.tos || a.metric - b.metric,
    );
  return { lengths: [...lengths].sort((a, b) => b - a), byPrefix };
};

const tables = new WeakMap<readonly Route[], ReadonlyMap<string, Fib>>();

const fib = (routes: readonly Route[], table: number, family: 4 | 6): Fib | undefined => {
  let indexed = tables.get(routes);
  if (!indexed) {
    const groups = new Map<string, Route[]>();
    for (const route of routes) {
      const key = `${route.family}/${route.table}`;
      const group = groups.get(key);
      if (group) group.push(route);
      else groups.set(key, [route]);
    }
    indexed = new Map([...groups].map(([key, group]) => [key, build(group)]));
    tables.set(routes, indexed);
  }
  return indexed.get(`${family}/${table}`);
};

/** A route that matches, with those of its next hops that may be used (none for blackhole and its kin). */
export interface TableMatch {
  readonly route: Route;
  readonly hops: readonly NextHop[];
}

/** Routes that refuse: they match whatever their next hops. */
export const refuses = (route: Route): boolean =>
  route.type === 'blackhole' ||
  route.type === 'unreachable' ||
  route.type === 'prohibit' ||
  route.type === 'throw';

/**
 * fib_table_lookup() of net/ipv4/fib_trie.c: the longest prefix whose next hop is usable; where none of its next hops is,
 * the search goes on with the next shorter prefix.
 */
export function lookupTable(
  routes: readonly Route[],
  table: number,
  destination: string,
  usable: (hop: NextHop) => boolean,
  source: string | null = null,
): TableMatch | null {
  const address = parseAddress(destination);
  if (!address) return null;
  const found = fib(routes, table, address.family);
  if (!found) return null;
  for (const length of found.lengths)
    for (const route of forSource(found.byPrefix.get(bucketKey(length, address)) ?? [], length, source)) {
      if (route.tos !== 0 || route.expired) continue;
      if (refuses(route)) return { route, hops: [] };
      const hops = route.nextHops.filter(usable);
      if (hops.length > 0) return { route, hops };
    }
  return null;
}

/**
 * fib6_node_lookup_1() of net/ipv6/ip6_fib.c: of routes to one network those for the sender's address, then those for any. Where
 * some are for senders and none is for this one, those for any are passed by as well; but not a default route.
 */
function forSource(routes: readonly Route[], length: number, source: string | null): readonly Route[] {
  if (!routes.some(({ from }) => from)) return routes;
  const fitting = routes.filter(({ from }) => from && source !== null && prefixContains(from, source));
  return fitting.length === 0 && length > 0 ? [] : [...fitting, ...routes.filter(({ from }) => !from)];
}
