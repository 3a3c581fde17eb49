import { prefixContains, sameAddress } from '../../model/ip.ts';
import type { Address, Link } from '../../model/link.ts';
import type { NextHop, Route } from '../../model/route.ts';
import { confOwn } from '../sysctl.ts';
import { vrfOf } from './vrf.ts';
import { linkByName, type View } from '../view.ts';

/** RT_SCOPE_* of include/uapi/linux/rtnetlink.h; larger is nearer. */
const SCOPES: Readonly<Record<string, number>> = { global: 0, universe: 0, site: 200, link: 253, host: 254 };

/** A scope as ip(8) prints it, by its name or number (rtnl_rtscope_a2n()). */
export const scopeNumber = (scope: string): number => SCOPES[scope] ?? (Number.parseInt(scope, 10) || 0);

const primary = (address: Address): boolean => !address.flags.includes('secondary');

/** inet_ifa_match(): whether the address lies in the subnet of an interface's address. */
export const onSubnet = (own: Address, address: string): boolean =>
  prefixContains({ address: own.peer ?? own.address, length: own.length }, address);

/** In the order in which the kernel has them: the first is its primary one. */
export const addressesOf = (link: Link, family: 4 | 6): readonly Address[] =>
  link.addresses.filter((address) => address.family === family);

/**
 * inet_select_addr() of net/ipv4/devinet.c: the address that a device speaks with to `towards`, of at most this scope.
 * Another device's address is taken where it has none.
 */
export function selectAddress(view: View, dev: string, towards: string | null, scope: number): string | null {
  const link = linkByName(view, dev);
  const localnet = confOwn(view, 'all', 'route_localnet') !== 0;
  const wide = (address: Address): number =>
    localnet ? Math.min(scopeNumber(address.scope), SCOPES['host'] ?? 254) : scopeNumber(address.scope);
  const candidates = (link ? addressesOf(link, 4) : []).filter(
    (address) => primary(address) && wide(address) <= scope,
  );
  const chosen =
    candidates.find((address) => towards === null || onSubnet(address, towards)) ?? candidates[0];
  if (chosen) return chosen.address;
  // "For VRFs, the VRF device takes the place of the loopback device, with addresses on it being preferred."
  const vrf = vrfOf(view, dev);
  const others = view.links.filter(({ name }) => vrfOf(view, name) === vrf);
  for (const other of vrf ? [vrf, ...others] : others) {
    const address = addressesOf(other, 4).find(
      (own) => primary(own) && own.scope !== 'link' && scopeNumber(own.scope) <= scope,
    );
    if (address) return address.address;
  }
  return null;
}

/** fib_result_prefsrc(): the source that a route gives to what is sent by it. */
export const sourceOfRoute = (view: View, route: Route, hop: NextHop): string | null =>
  route.preferredSource ??
  (hop.dev === undefined ? null : selectAddress(view, hop.dev, hop.via ?? null, scopeNumber(route.scope)));

/** The interface that has the address, up or not. */
export const ownerLink = (view: View, address: string): Link | undefined =>
  view.links.find((link) => link.addresses.some((own) => sameAddress(own.address, address)));
