import { remember } from '../model/remember.ts';
import type { View } from './view.ts';

type ConfKey =
  | 'forwarding'
  | 'rp_filter'
  | 'accept_local'
  | 'route_localnet'
  | 'src_valid_mark'
  | 'ignore_routes_with_linkdown'
  | 'send_redirects'
  | 'bc_forwarding'
  | 'arp_ignore'
  | 'arp_filter'
  | 'arp_announce'
  | 'proxy_arp'
  | 'proxy_arp_pvlan'
  | 'drop_unicast_in_l2_multicast'
  | 'disable_policy'
  | 'disable_xfrm';

type ConfKey6 =
  | 'forwarding'
  | 'force_forwarding'
  | 'disable_ipv6'
  | 'disable_policy'
  | 'proxy_ndp'
  | 'drop_unicast_in_l2_multicast'
  | 'mtu'
  | 'hop_limit'
  | 'ignore_routes_with_linkdown';

/** A number that the kernel always has; where an old kernel lacks the key, the behaviour is that of `fallback`. */
export const sysctlNumber = (view: View, key: string, fallback: number): number => {
  const text = view.sysctls[key];
  const value = text === undefined ? NaN : Number.parseInt(text, 10);
  return Number.isNaN(value) ? fallback : value;
};

/** The path of a setting of IPv4's, below /proc/sys; `all` and `default` are devices too. */
export const confKey = (dev: string, key: ConfKey): string => `net/ipv4/conf/${dev}/${key}`;

/** By setting, by device: the names of files are put together once. */
const settings = remember<View['sysctls'], Map<ConfKey, Map<string, number>>>(() => new Map());

/** IN_DEV_CONF_GET: the device's own value. */
export const confOwn = (view: View, dev: string, key: ConfKey): number => {
  const known = settings(view.sysctls);
  let devices = known.get(key);
  if (!devices) known.set(key, (devices = new Map()));
  let value = devices.get(dev);
  if (value === undefined) devices.set(dev, (value = sysctlNumber(view, confKey(dev, key), 0)));
  return value;
};

/** IN_DEV_MAXCONF: the larger of `all` and the device's. */
export const confMax = (view: View, dev: string, key: ConfKey): number =>
  Math.max(confOwn(view, 'all', key), confOwn(view, dev, key));

/** IN_DEV_ORCONF: on in `all` or on the device. */
export const confEither = (view: View, dev: string, key: ConfKey): boolean => confMax(view, dev, key) !== 0;

/** Of the two keys that are compared by `confMax`, the one that decided: what a user has to change. */
export const decidingKey = (view: View, dev: string, key: ConfKey): string =>
  confOwn(view, dev, key) >= confOwn(view, 'all', key) ? confKey(dev, key) : confKey('all', key);

/** The path of a setting of IPv6's, below /proc/sys. */
export const confKey6 = (dev: string, key: ConfKey6): string => `net/ipv6/conf/${dev}/${key}`;

/** The device's own value, of IPv6. */
export const confOwn6 = (view: View, dev: string, key: ConfKey6): number =>
  sysctlNumber(view, confKey6(dev, key), 0);

/** ip6_forward(): the machine as a whole is a router, or (since Linux 6.17) the device forces it. */
export const forwards6 = (view: View, dev: string): boolean =>
  confOwn6(view, 'all', 'forwarding') !== 0 || confOwn6(view, dev, 'force_forwarding') !== 0;

/** ip_ignore_linkdown(), ip6_ignore_linkdown(): each family has its own setting; that of `all` is written to each device by IPv6. */
export const ignoresLinkDown = (view: View, family: 4 | 6, dev: string): boolean =>
  family === 4
    ? confEither(view, dev, 'ignore_routes_with_linkdown')
    : confOwn6(view, dev, 'ignore_routes_with_linkdown') !== 0;
