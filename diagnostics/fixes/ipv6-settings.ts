import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { isTooSmallFor6 } from '../simulate/ip/ipv6-off.ts';
import { addressRoutes } from './address-routes.ts';
import { wake } from './carrier.ts';
import { changeRoutes, changeSysctls, factsOf, linksOf, mergeRoutes } from './patch.ts';
import { placeOf, readdress } from './readdress.ts';

/**
 * What the kernel does by itself when settings of IPv6 were written: an interface that may use it again gets what comes to it by itself
 * (addrconf_disable_change()); where one begins to forward, its networks have an address for all routers (dev_forward_change()), and
 * default routes that routers advertised go, unless they are accepted all the same (rt6_purge_dflt_routers()).
 */
export function settleIpv6(after: Snapshot, before: Snapshot, id: NamespaceId): Snapshot {
  const setting = (snapshot: Snapshot, dev: string, name: string): string | undefined =>
    valueOr(factsOf(snapshot, id)?.sysctls ?? { state: 'absent' }, {} as Record<string, string>)[
      `net/ipv6/conf/${dev}/${name}`
    ];
  const became = (dev: string, name: string, value: string): boolean =>
    setting(after, dev, name) === value && setting(before, dev, name) !== value;
  const links = linksOf(after, id);
  const enabled = links
    .filter(({ name, up }) => up && became(name, 'disable_ipv6', '0'))
    .reduce((now, link) => wake(now, id, link), after);
  const routers = links.filter(({ name }) => became(name, 'forwarding', '1')).map(({ name }) => name);
  if (routers.length === 0) return enabled;
  return changeRoutes(enabled, id, (routes) =>
    mergeRoutes(
      routes.filter(
        ({ protocol, destination, nextHops }) =>
          !(
            protocol === 'ra' &&
            destination.length === 0 &&
            nextHops.every(
              ({ dev }) => routers.includes(dev ?? '') && setting(after, dev ?? '', 'accept_ra') !== '2',
            )
          ),
      ),
      linksOf(enabled, id)
        .filter(({ name }) => routers.includes(name))
        .flatMap((link) => addressRoutes(link, link.addresses, placeOf(enabled, id, link.name)))
        .filter(({ type }) => type === 'anycast'),
    ),
  );
}

/**
 * What another MTU does to IPv6: below the least, the interface loses its addresses, routes and settings of IPv6; above again, it
 * gets what comes to it by itself, with the settings of a new interface (addrconf_notify()).
 */
export function settleMtu(after: Snapshot, before: Snapshot, id: NamespaceId): Snapshot {
  return linksOf(after, id).reduce((now, link) => {
    const old = linksOf(before, id).find(({ index }) => index === link.index);
    if (!old || isTooSmallFor6(old) === isTooSmallFor6(link)) return now;
    return isTooSmallFor6(link) ? withoutIpv6(now, id, link) : withIpv6(now, id, link);
  }, after);
}

function withIpv6(snapshot: Snapshot, id: NamespaceId, link: Link): Snapshot {
  const prefix = 'net/ipv6/conf/default/';
  const furnished = changeSysctls(snapshot, id, (sysctls) => ({
    ...sysctls,
    ...Object.fromEntries(
      Object.entries(sysctls)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [`net/ipv6/conf/${link.name}/${key.slice(prefix.length)}`, value]),
    ),
    [`net/ipv6/conf/${link.name}/mtu`]: String(link.mtu),
  }));
  return link.up ? wake(furnished, id, link) : furnished;
}

function withoutIpv6(snapshot: Snapshot, id: NamespaceId, link: Link): Snapshot {
  const bare = readdress(snapshot, id, link.name, (addresses) =>
    addresses.filter(({ family }) => family === 4),
  );
  const unset = changeSysctls(bare, id, (sysctls) =>
    Object.fromEntries(
      Object.entries(sysctls).filter(([key]) => !key.startsWith(`net/ipv6/conf/${link.name}/`)),
    ),
  );
  return changeRoutes(unset, id, (routes) =>
    routes.filter(
      ({ family, nextHops }) =>
        family === 4 || nextHops.length === 0 || nextHops.some(({ dev }) => dev !== link.name),
    ),
  );
}
