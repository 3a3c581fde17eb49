import { listing, NETLINK_ROUTE } from '../../host/native/listing.ts';
import { attribute, attributesIn, textOf } from '../../host/native/netlink-message.ts';
import type { SystemCalls } from '../../host/native/system-calls.ts';

const RTM_GETLINK = 18;
/** struct ifinfomsg. */
const HEADER_BYTES = 16;

const IFLA_IFNAME = 3;
const IFLA_AF_SPEC = 26;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 0x8;

type Family = 'ipv4' | 'ipv6';

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
    ...{ drop_unicast_in_l2_multicast: 40, addr_gen_mode: 47, disable_policy: 48 },
  },
};

/** What a file of an interface holds; undefined where only the file tells. */
export type InterfaceSetting = (family: string, device: string, file: string) => string | undefined;

/**
 * The settings of all interfaces of the namespace, which the kernel sends with its list of them: of many interfaces that costs a
 * fraction of what so many files do.
 */
export function readInterfaceSettings(calls: SystemCalls): InterfaceSetting {
  const values = new Map<string, Buffer>();
  for (const { body } of listing(calls, NETLINK_ROUTE, RTM_GETLINK, QUESTION) ?? []) {
    const attributes = attributesIn(body, HEADER_BYTES);
    const [name, families] = [attributes.get(IFLA_IFNAME), attributes.get(IFLA_AF_SPEC)];
    if (name === undefined || families === undefined) continue;
    const sent = attributesIn(families);
    for (const family of ['ipv4', 'ipv6'] as const) {
      const own = sent.get(FAMILIES[family].number);
      const list = own && attributesIn(own).get(FAMILIES[family].values);
      if (list) values.set(`${family}/${textOf(name)}`, list);
    }
  }
  return (family, device, file) => {
    const place = isFamily(family) ? PLACES[family][file] : undefined;
    const list = values.get(`${family}/${device}`);
    // An older kernel knows fewer.
    return place === undefined || list === undefined || list.length < (place + 1) * 4
      ? undefined
      : String(list.readInt32LE(place * 4));
  };
}

const isFamily = (word: string): word is Family => Object.hasOwn(FAMILIES, word);

const QUESTION = Buffer.concat([
  Buffer.alloc(HEADER_BYTES),
  attribute(IFLA_EXT_MASK, Buffer.from([RTEXT_FILTER_SKIP_STATS, 0, 0, 0])),
]);
