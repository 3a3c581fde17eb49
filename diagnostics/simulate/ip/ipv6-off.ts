import type { Link } from '../../model/link.ts';
import { SMALLEST_6 } from '../link/mtu.ts';

/**
 * What keeps an interface out of IPv6: its setting; or an MTU that is too small for it, with which the kernel takes all that belongs
 * to IPv6 away from the interface, its settings under `net/ipv6/conf` included (addrconf_notify() of net/ipv6/addrconf.c).
 */
export type Ipv6Off = 'setting' | 'mtu';

/** Null where the interface takes part in IPv6. */
export function ipv6Off(sysctls: Readonly<Record<string, string>>, link: Link): Ipv6Off | null {
  if (isTooSmallFor6(link)) return 'mtu';
  const value = sysctls[`net/ipv6/conf/${link.name}/disable_ipv6`];
  return value === undefined || Number.parseInt(value, 10) === 0 ? null : 'setting';
}

/** The loopback keeps its IPv6 with any MTU. */
export const isTooSmallFor6 = ({ kind, mtu }: Link): boolean => kind.type !== 'loopback' && mtu < SMALLEST_6;
