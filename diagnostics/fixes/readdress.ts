import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { formatAddress, sameAddress } from '../model/ip.ts';
import type { Address, Link } from '../model/link.ts';
import type { Route } from '../model/route.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { vrfOf } from '../simulate/route/vrf.ts';
import { addressRoutes, isSecondary, type AddressPlace } from './address-routes.ts';
import { changeLink, changeRoutes, factsOf, linkNamed, linksOf, mergeRoutes } from './patch.ts';

const sysctl = (snapshot: Snapshot, id: NamespaceId, key: string): string | undefined =>
  valueOr(factsOf(snapshot, id)?.sysctls ?? { state: 'absent' }, {} as Record<string, string>)[key];

export const placeOf = (snapshot: Snapshot, id: NamespaceId, dev: string): AddressPlace => {
  const vrf = vrfOf({ links: linksOf(snapshot, id) }, dev);
  return {
    routesSix: sysctl(snapshot, id, `net/ipv6/conf/${dev}/forwarding`) === '1',
    ...(vrf ? { table: vrf.kind.table } : {}),
  };
};

/** Whether a second address takes the place of the first one that is deleted, rather than going with it. */
export const promotes = (snapshot: Snapshot, id: NamespaceId, dev: string): boolean =>
  ['all', dev].some((name) => sysctl(snapshot, id, `net/ipv4/conf/${name}/promote_secondaries`) === '1');

/**
 * Other addresses on an interface, and what follows in the routing tables: the routes of the old ones go, those of the new ones
 * come; routes that speak from an address that is gone go too (fib_sync_down_addr()), and with its last IPv4 address an interface
 * loses all its IPv4 routes (fib_disable_ip()).
 */
export function readdress(
  snapshot: Snapshot,
  id: NamespaceId,
  dev: string,
  change: (addresses: readonly Address[]) => readonly Address[],
): Snapshot {
  const link = linkNamed(snapshot, id, dev);
  if (!link) return snapshot;
  const after = withSecondaries(change(link.addresses));
  const addressed = changeLink(
    snapshot,
    id,
    ({ name }) => name === dev,
    (it) => ({ ...it, addresses: after }),
  );
  const place = placeOf(snapshot, id, dev);
  const [old, fresh] = [addressRoutes(link, link.addresses, place), addressRoutes(link, after, place)];
  const gone = new Set(old.map(keyOf).filter((key) => !fresh.some((route) => keyOf(route) === key)));
  const local = linksOf(addressed, id).flatMap(({ addresses }) => addresses);
  const lost = link.addresses.filter(
    (one) => one.family === 4 && !local.some((other) => sameAddress(other.address, one.address)),
  );
  const emptied = (family: 4 | 6): boolean =>
    link.addresses.some((one) => one.family === family) && !after.some((one) => one.family === family);
  return changeRoutes(addressed, id, (routes) =>
    mergeRoutes(
      routes.filter(
        (route) =>
          !gone.has(keyOf(route)) &&
          !(route.family === 4 && emptied(4) && isBy(route, dev)) &&
          !lost.some(({ address }) => route.preferredSource === address),
      ),
      fresh.filter((route) => !old.some((other) => keyOf(other) === keyOf(route))),
    ),
  );
}

/** The first address of a network is its primary one, whichever that is now. */
const withSecondaries = (addresses: readonly Address[]): readonly Address[] =>
  addresses.map((address, index) => {
    const second = isSecondary(address, addresses.slice(0, index));
    if (second === address.flags.includes('secondary')) return address;
    const others = address.flags.filter((flag) => flag !== 'secondary');
    return { ...address, flags: second ? [...others, 'secondary'] : others };
  });

const isBy = ({ nextHops }: Route, dev: string): boolean =>
  nextHops.length > 0 && nextHops.every((hop) => hop.dev === dev);

const keyOf = ({ table, type, destination, from, metric, preferredSource, nextHops }: Route): string =>
  JSON.stringify([
    ...[table, type, destination.address, destination.length, metric, preferredSource],
    ...[from?.address, from?.length],
    nextHops.map(({ dev, via }) => [dev, via]),
  ]);

/**
 * What comes to an interface by itself: 127.0.0.1 and ::1 to a loopback (inetdev_event(), init_loopback()), and to any other as soon as
 * it has a carrier the link-local address made of its hardware address (addrconf_addr_gen()). Without the settings nothing is known of IPv6.
 */
export function givenAddresses(snapshot: Snapshot, id: NamespaceId, link: Link): readonly Address[] {
  const setting = (name: string): string | undefined =>
    sysctl(snapshot, id, `net/ipv6/conf/${link.name}/${name}`);
  const six = setting('disable_ipv6') === '0';
  const has = (family: 4 | 6, scope: string): boolean =>
    link.addresses.some((one) => one.family === family && one.scope === scope);
  if (link.kind.type === 'loopback')
    return [
      ...(has(4, 'host') ? [] : [{ ...HOST, family: 4 as const, address: '127.0.0.1', length: 8 }]),
      ...(!six || has(6, 'host') ? [] : [{ ...HOST, family: 6 as const, address: '::1', length: 128 }]),
    ];
  const own = linkLocal(link.mac);
  const made = setting('addr_gen_mode') !== '1';
  return six && made && own !== null && link.up && link.carrier && !has(6, 'link')
    ? [{ family: 6, address: own, length: 64, scope: 'link', flags: [] }]
    : [];
}

const HOST = { scope: 'host', flags: [] } as const;

/** fe80:: and the modified EUI-64 of a hardware address (RFC 4291, appendix A). */
function linkLocal(mac: string | null): string | null {
  if (mac === null) return null;
  const [a = 0n, b = 0n, c = 0n, ...rest] = mac.split(':').map((part) => BigInt(`0x${part}`));
  const bytes = [a ^ 2n, b, c, 0xffn, 0xfen, ...rest];
  const value = bytes.reduce((sum, byte) => (sum << 8n) | byte, 0n);
  return formatAddress({ family: 6, value: (0xfe80n << 112n) | value });
}
