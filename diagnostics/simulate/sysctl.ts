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
  | 'proxy_arp_pvlan';

/** A number that the kernel always has; where an old kernel lacks the key, the behaviour is that of `fallback`. */
export const sysctlNumber = (view: View, key: string, fallback: number): number => {
  const text = view.sysctls[key];
  const value = text === undefined ? NaN : Number.parseInt(text, 10);
  return Number.isNaN(value) ? fallback : value;
};

export const confKey = (dev: string, key: ConfKey): string => `net/ipv4/conf/${dev}/${key}`;

/** IN_DEV_CONF_GET: the device's own value. */
export const confOwn = (view: View, dev: string, key: ConfKey): number =>
  sysctlNumber(view, confKey(dev, key), 0);

/** IN_DEV_MAXCONF: the larger of `all` and the device's. */
export const confMax = (view: View, dev: string, key: ConfKey): number =>
  Math.max(confOwn(view, 'all', key), confOwn(view, dev, key));

/** IN_DEV_ORCONF: on in `all` or on the device. */
export const confEither = (view: View, dev: string, key: ConfKey): boolean => confMax(view, dev, key) !== 0;

/** Of the two keys that are compared by `confMax`, the one that decided: what a user has to change. */
export const decidingKey = (view: View, dev: string, key: ConfKey): string =>
  confOwn(view, dev, key) >= confOwn(view, 'all', key) ? confKey(dev, key) : confKey('all', key);
