import type { JsonObject } from '../host/external-json.ts';

/** What `ip -j route` prints behind the words of an encapsulation (print_route() of iproute2's ip/iproute.c). */
const BEHIND: ReadonlySet<string> = new Set([
  ...['gateway', 'via', 'dev', 'table', 'protocol', 'scope', 'prefsrc', 'metric', 'flags', 'weight'],
  ...['metrics', 'flow', 'expires', 'nexthops', 'pref', 'nh_info', 'ttl-propagate'],
]);

/**
 * iproute2 calls the other end of a tunnel `dst` in the very object that has the route's own `dst`
 * (print_encap_ip() of its ip/iproute_lwtunnel.c), and of two equal names JSON keeps the last.
 */
export const apartFromEncapsulation = (json: string): string =>
  json.replace(/("encap":"ip6?"(?:,"(?:id|src)":(?:"[^"]*"|\d+))*),"dst":/g, '$1,"encap_dst":');

/**
 * How packets by a route, or one of its next hops, are wrapped before they leave (lwtunnel): `ip id 100 … dst 192.168.0.2 …`, as
 * `ip route` takes it behind `encap`; undefined: not at all.
 */
export function encapsulationOf(record: JsonObject): string | undefined {
  const entries = Object.entries(record);
  const first = entries.findIndex(([key]) => key === 'encap');
  if (first < 0) return undefined;
  const words = [String(record['encap'])];
  for (const [key, value] of entries.slice(first + 1)) {
    if (BEHIND.has(key)) break;
    words.push(key === 'encap_dst' ? 'dst' : key);
    if (Array.isArray(value)) words.push(segments(value.map(String)).join(','));
    else if (value !== null && value !== true) words.push(String(value));
  }
  return words.join(' ');
}

/** The kernel keeps a place for the packet's own destination behind segments that are put into its header (`mode inline`). */
const segments = (all: readonly string[]): readonly string[] => all.filter((segment) => segment !== '::');
