import { addressBits, prefixRange, sameAddress } from '../model/ip.ts';
import type { Address, Link } from '../model/link.ts';
import type { Route } from '../model/route.ts';
import { LOCAL_TABLE, makeRoute } from './patch.ts';

/** Of the interface that addresses are given to, what decides which routes they bring. */
export interface AddressPlace {
  /** IPv6 forwards by it: its networks have an address for all routers then (RFC 4291, 2.6.1). */
  readonly routesSix: boolean;
  /** The table of its VRF, which holds all of its routes; absent: it is in none. */
  readonly table?: number;
}

const KERNEL = { protocol: 'kernel' } as const;
/** IP6_RT_PRIO_ADDRCONF. */
const CONNECTED_METRIC_6 = 256;

/**
 * All routes that the addresses of an interface bring with them: fib_add_ifaddr() of net/ipv4/fib_frontend.c, and for IPv6
 * inet6_addr_add(), addrconf_add_mroute() and addrconf_join_anycast() of net/ipv6/addrconf.c. An interface that is down keeps its own
 * IPv4 addresses, and no network; IPv6 waits for a carrier.
 */
export function addressRoutes(
  link: Link,
  addresses: readonly Address[],
  place: AddressPlace,
): readonly Route[] {
  const four = addresses.filter(({ family }) => family === 4);
  const six = addresses.filter(({ family }) => family === 6);
  const ready = link.up && link.carrier;
  const routes = [
    ...four.flatMap((address) => routesOf4(link, address, primaryOf(address, four))),
    ...six.flatMap((address) => (link.up ? connected6(link, address) : [])),
    ...(ready ? six.flatMap((address) => own6(link, address, place)) : []),
    ...(ready && six.length > 0 && link.kind.type !== 'loopback' ? [groups6(link)] : []),
  ];
  const { table } = place;
  return table === undefined ? routes : routes.map((route) => inTable(route, table));
}

/** fib_magic(), l3mdev_fib_table(): what is a VRF's lies in its one table. */
const inTable = (route: Route, table: number): Route => ({
  ...route,
  table,
  text: route.text.replace(' table local', '').replace(' proto kernel', ` table ${table} proto kernel`),
});

const sameNetwork = (a: Address, b: Address): boolean =>
  a.length === b.length && networkOf(a)?.from === networkOf(b)?.from;

const networkOf = ({ address, peer, length }: Address): ReturnType<typeof prefixRange> =>
  prefixRange({ address: peer ?? address, length });

/** A second address of a network speaks of the first (IFA_F_SECONDARY). */
export const isSecondary = (address: Address, earlier: readonly Address[]): boolean =>
  address.family === 4 && earlier.some((other) => other.family === 4 && sameNetwork(other, address));

const primaryOf = (address: Address, all: readonly Address[]): Address =>
  address.flags.includes('secondary')
    ? (all.find((other) => !other.flags.includes('secondary') && sameNetwork(other, address)) ?? address)
    : address;

function routesOf4(link: Link, address: Address, primary: Address): readonly Route[] {
  const source = { preferredSource: primary.address };
  const own = named(
    makeRoute(
      { address: address.address, length: 32 },
      { dev: link.name },
      { ...KERNEL, ...source, table: LOCAL_TABLE, type: 'local', scope: 'host' },
    ),
  );
  const network = networkOf(address);
  if (!link.up || network === null) return [own];
  const broadcast = (to: string): Route =>
    named(
      makeRoute(
        { address: to, length: 32 },
        { dev: link.name, flags: flagsOf(link) },
        { ...KERNEL, ...source, table: LOCAL_TABLE, type: 'broadcast', scope: 'link' },
      ),
    );
  const explicit = address.broadcast === undefined ? [] : [broadcast(address.broadcast)];
  const alone = address.length === 32 && sameAddress(network.from, address.address);
  if (alone || address.flags.includes('secondary')) return [own, ...explicit];
  const loopback = link.kind.type === 'loopback';
  const connected = named(
    makeRoute(
      { address: network.from, length: address.length },
      { dev: link.name, flags: loopback ? [] : flagsOf(link) },
      {
        ...KERNEL,
        ...source,
        ...(loopback ? { table: LOCAL_TABLE, type: 'local', scope: 'host' } : { scope: 'link' }),
      },
    ),
  );
  return [
    own,
    ...(address.flags.includes('noprefixroute') ? [] : [connected]),
    ...(address.length < 31 && address.broadcast !== network.to ? [broadcast(network.to)] : []),
    ...explicit,
  ];
}

const flagsOf = ({ carrier }: Link): readonly string[] => (carrier ? [] : ['linkdown']);

const connected6 = (link: Link, address: Address): readonly Route[] => {
  const network = networkOf(address);
  if (network === null || address.flags.includes('noprefixroute') || link.kind.type === 'loopback') return [];
  return [
    named(
      makeRoute(
        { address: network.from, length: address.length },
        { dev: link.name, flags: flagsOf(link) },
        { ...KERNEL, metric: CONNECTED_METRIC_6 },
      ),
    ),
  ];
};

function own6(link: Link, address: Address, { routesSix }: AddressPlace): readonly Route[] {
  const at = (destination: string, type: 'local' | 'anycast'): Route =>
    named(
      makeRoute(
        { address: destination, length: addressBits(6) },
        { dev: link.name },
        { ...KERNEL, table: LOCAL_TABLE, type, metric: 0 },
      ),
    );
  const network = networkOf(address);
  const routers = routesSix && network !== null && address.length < 127 && link.kind.type !== 'loopback';
  return [at(address.address, 'local'), ...(routers ? [at(network.from, 'anycast')] : [])];
}

/** To all groups. */
const groups6 = (link: Link): Route =>
  named(
    makeRoute(
      { address: 'ff00::', length: 8 },
      { dev: link.name },
      { ...KERNEL, table: LOCAL_TABLE, type: 'multicast', metric: CONNECTED_METRIC_6 },
    ),
  );

/** As `ip route show table all` prints it. */
const named = (route: Route): Route => ({
  ...route,
  text: [
    ...(route.type === 'unicast' ? [] : [route.type]),
    route.text,
    ...(route.table === LOCAL_TABLE ? ['table local'] : []),
    'proto kernel',
    ...(route.family === 4 ? [`scope ${route.scope}`] : []),
    ...(route.preferredSource === undefined ? [] : [`src ${route.preferredSource}`]),
    ...(route.family === 6 ? [`metric ${route.metric}`] : []),
    ...route.nextHops.flatMap(({ flags }) => flags),
    ...(route.family === 6 ? ['pref medium'] : []),
  ].join(' '),
});
