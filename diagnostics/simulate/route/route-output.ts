import type { NextHop, Route } from '../../model/route.ts';
import { familyOf, sameAddress } from '../../model/ip.ts';
import type { OutputRequest } from '../journey.ts';
import { EPHEMERAL_PORT, protocolNumber } from '../ip/packets.ts';
import { addressType, lookupRoute, type RouteError, type RouteResult } from './route.ts';
import { selectAddress, sourceOfRoute } from './source-address.ts';
import { selectSource } from './source-selection.ts';
import { vrfOf } from './vrf.ts';
import { confEither } from '../sysctl.ts';
import { linkByName, loopback, type View } from '../view.ts';

/** Where a packet that is made here goes (ip_route_output_key). */
export type OutputRoute =
  | {
      readonly ok: true;
      readonly local: boolean;
      readonly route: Route | null;
      readonly dev: string;
      readonly via: string | null;
      readonly source: string;
      readonly result: RouteResult;
    }
  | { readonly ok: false; readonly error: RouteError; readonly result: RouteResult | null };

/** What a socket, or the kernel for it, asks of the tables (struct flowi4, struct flowi6). */
export interface OutputQuery {
  readonly destination: string;
  readonly source: string | null;
  readonly device: string | null;
  readonly mark: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Whose socket sends it; null: nobody knows. */
  readonly user: number | null;
  /** Whether the source may be an address that is not this machine's (FLOWI_FLAG_ANYSRC). */
  readonly anySource: boolean;
}

const isLoopback = (address: string): boolean => address.startsWith('127.');
const unspecified = (destination: string): string => (familyOf(destination) === 6 ? '::' : '0.0.0.0');

const hopRoute = (
  view: View,
  query: OutputQuery,
  result: RouteResult & { readonly found: true },
  hop: NextHop,
): OutputRoute => {
  const { route } = result;
  // ip6_rt_get_dev_rcu(): a router is the anycast address of each of its networks.
  if (route.type === 'local' || route.type === 'anycast') {
    // A VRF is the loopback of what belongs to it.
    const lo = vrfOf(view, hop.dev ?? null)?.name ?? loopback(view)?.name ?? 'lo';
    const source = query.source ?? route.preferredSource ?? query.destination;
    return { ok: true, local: true, route, dev: lo, via: null, source, result };
  }
  const dev = hop.dev ?? '';
  if (route.family === 6) return hopRoute6(view, query, result, hop);
  const source = query.source ?? sourceOfRoute(view, route, hop) ?? unspecified(query.destination);
  if (
    isLoopback(source) &&
    !confEither(view, dev, 'route_localnet') &&
    linkByName(view, dev)?.kind.type !== 'loopback'
  )
    return { ok: false, error: 'invalid', result };
  return { ok: true, local: false, route, dev, via: hop.via ?? null, source, result };
};

/** ip6_route_get_saddr(); without an address to speak with, connect() and sendto() fail (EADDRNOTAVAIL). */
const hopRoute6 = (
  view: View,
  query: OutputQuery,
  result: RouteResult & { readonly found: true },
  hop: NextHop,
): OutputRoute => {
  const { route } = result;
  const dev = hop.dev ?? '';
  const source = query.source ?? route.preferredSource ?? selectSource(view, dev, query.destination);
  if (source === null) return { ok: false, error: 'no-source', result };
  return { ok: true, local: false, route, dev, via: hop.via ?? null, source, result };
};

/** ip_route_output_key_hash_rcu() of net/ipv4/route.c, ip6_dst_lookup_tail() of net/ipv6/ip6_output.c. Several results where a hash or an unmodelled rule decides. */
export function routeOutput(view: View, query: OutputQuery): readonly OutputRoute[] {
  if (query.device !== null) {
    const device = linkByName(view, query.device);
    if (!device?.up) return [{ ok: false, error: 'network-unreachable', result: null }];
  }
  const ownSource =
    query.source === null ||
    query.anySource ||
    isLoopback(query.source) ||
    view.links.some((link) =>
      link.addresses.some((own) => query.source !== null && sameAddress(own.address, query.source)),
    ) ||
    // __ip_dev_find(): what the local table calls this machine's is, without being given to an interface; ipv6_chk_acast_addr_src():
    // errors come from an anycast address too.
    ['local', 'anycast'].includes(addressType(view, query.source, undefined, query.device));
  if (!ownSource) return [{ ok: false, error: 'invalid', result: null }];
  const family = familyOf(query.destination) ?? 4;
  const results = lookupRoute(view, {
    family,
    destination: query.destination,
    source: query.source,
    inDev: loopback(view)?.name ?? 'lo',
    outDev: query.device,
    mark: query.mark,
    protocol: query.protocol,
    user: query.user,
    sourcePort: query.sourcePort,
    destinationPort: query.destinationPort,
  });
  return results.flatMap((result): OutputRoute | readonly OutputRoute[] => {
    if (result.found) return hopRoute(view, query, result, result.hop);
    // Nothing without a source: one is chosen by no device, and the tables are asked with it.
    const chosen =
      query.source === null && view.routes.some(({ from }) => from)
        ? selectSource(view, null, query.destination)
        : null;
    if (chosen !== null) return routeOutput(view, { ...query, source: chosen });
    if (query.device === null || family === 6 || vrfOf(view, query.device))
      return { ok: false, error: result.error, result };
    // "Apparently, routing tables are wrong. Assume, that the destination is on link."
    const source =
      query.source ?? selectAddress(view, query.device, null, 253) ?? unspecified(query.destination);
    return { ok: true, local: false, route: null, dev: query.device, via: null, source, result };
  });
}

/** ip_route_connect(): what connects looks up a second time, with the source that the first lookup gave; tcp_v6_connect() does not. */
const routeConnected = (view: View, query: OutputQuery): readonly OutputRoute[] =>
  eachOnce(
    routeOutput(view, query).flatMap((first) =>
      first.ok &&
      query.source === null &&
      familyOf(first.source) === 4 &&
      first.source !== unspecified(first.source)
        ? routeOutput(view, { ...query, source: first.source })
        : [first],
    ),
  );

/** Two lookups of a multipath route may come to the same. */
const eachOnce = (routes: readonly OutputRoute[]): readonly OutputRoute[] =>
  routes.length < 2 ? routes : [...new Map(routes.map((route) => [JSON.stringify(route), route])).values()];

/** The socket that ping(8) connects to learn its source: of UDP, to a port that is of no matter. */
const PING_PROBE = { protocol: protocolNumber('udp', 4), sourcePort: EPHEMERAL_PORT, destinationPort: 1025 };

/**
 * tcp_v6_connect() looks the route up before it chooses a port, and sends by what it found. tcp_v4_connect() looks it up once more
 * then (ip_route_newports()), and connect() of UDP has its port already (inet_autobind()).
 */
const portless = (query: OutputQuery): OutputQuery =>
  query.protocol === protocolNumber('tcp', 6) &&
  familyOf(query.destination) === 6 &&
  query.sourcePort === EPHEMERAL_PORT
    ? { ...query, sourcePort: 0 }
    : query;

/** The lookups that a way of sending makes. */
export const routesFor = (
  view: View,
  query: OutputQuery,
  lookup: OutputRequest['lookup'],
): readonly OutputRoute[] => {
  switch (lookup) {
    case 'send':
      return routeOutput(view, query);
    case 'connect':
      return routeConnected(view, portless(query));
    case 'probe-then-send': {
      const probed = routeConnected(view, { ...query, ...PING_PROBE });
      return probed.some((route) => route.ok) ? routeOutput(view, query) : probed;
    }
  }
};
