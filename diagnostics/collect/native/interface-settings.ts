import { attributesIn } from '../../host/native/netlink-message.ts';
import type { InterfaceTable } from '../netlink/interface-table.ts';

const IFLA_AF_SPEC = 26;

/** The directories below /proc/sys/net. */
export type Family = 'ipv4' | 'ipv6';

/** AF_*, and the attribute that holds the values: IFLA_INET_CONF, IFLA_INET6_CONF. */
const FAMILIES: Readonly<Record<Family, { readonly number: number; readonly values: number }>> = {
  ipv4: { number: 2, values: 1 },
  ipv6: { number: 10, values: 2 },
};

/** Where a file's value is: IPV4_DEVCONF_* of include/uapi/linux/ip.h (from 1 on), DEVCONF_* of linux/ipv6.h. */
const PLACES: Readonly<Record<Family, Readonly<Record<string, number>>>> = {
  ipv4: {
    ...{ forwarding: 0, mc_forwarding: 1, proxy_arp: 2, rp_filter: 7, accept_source_route: 8 },
    ...{ log_martians: 10, arp_filter: 12, disable_xfrm: 14, disable_policy: 15, arp_announce: 17 },
    ...{ arp_ignore: 18, promote_secondaries: 19, arp_accept: 20, accept_local: 22, src_valid_mark: 23 },
    ...{ proxy_arp_pvlan: 24, route_localnet: 25, ignore_routes_with_linkdown: 28 },
    ...{ drop_unicast_in_l2_multicast: 29, drop_gratuitous_arp: 30, bc_forwarding: 31 },
  },
  ipv6: {
    ...{ forwarding: 0, hop_limit: 1, mtu: 2, accept_ra: 3, proxy_ndp: 22, accept_source_route: 24 },
    ...{ mc_forwarding: 25, disable_ipv6: 26, ignore_routes_with_linkdown: 39 },
    ...{ drop_unicast_in_l2_multicast: 40, addr_gen_mode: 47, disable_policy: 48, force_forwarding: 59 },
  },
};

/** Whether the kernel, if it is not an old one, sends what this file of an interface holds. */
export const isSent = (family: string, file: string): boolean =>
  (family === 'ipv4' || family === 'ipv6') && PLACES[family][file] !== undefined;

/** The settings of an interface, as far as they are sent. */
export interface SentSettings {
  readonly device: string;
  readonly family: Family;
  /** What a file holds; undefined where only the file tells. */
  of(file: string): string | undefined;
}

/**
 * The settings of all interfaces that take part in a family, which the kernel sends with its list of them: of many interfaces
 * that costs a fraction of what so many files do.
 */
export function sentSettings(interfaces: InterfaceTable): readonly SentSettings[] {
  return interfaces.all.flatMap(({ name, attributes }) => {
    const families = attributes.get(IFLA_AF_SPEC);
    if (families === undefined) return [];
    const sent = attributesIn(families);
    return (['ipv4', 'ipv6'] as const).flatMap((family): SentSettings[] => {
      const own = sent.get(FAMILIES[family].number);
      const list = own && attributesIn(own).get(FAMILIES[family].values);
      if (list === undefined) return [];
      return [
        {
          device: name,
          family,
          of(file) {
            const place = PLACES[family][file];
            // An older kernel knows fewer.
            return place === undefined || list.length < (place + 1) * 4
              ? undefined
              : String(list.readInt32LE(place * 4));
          },
        },
      ];
    });
  });
}
