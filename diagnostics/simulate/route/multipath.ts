import { sameAddress } from '../../model/ip.ts';
import type { Neighbour, NextHop, Route } from '../../model/route.ts';
import { sysctlNumber } from '../sysctl.ts';
import type { View } from '../view.ts';
import { selectAddress, scopeNumber } from './source-address.ts';

/** What is asked besides the destination. */
export interface Draw {
  /** What leaves by a given device takes the first of its next hops (fib_select_path(), fib6_select_path()). */
  readonly bound: boolean;
  /** Of what is sent from here, once it has one. */
  readonly source: string | null;
}

/** Those of several next hops that the kernel's hash may choose. */
export function drawnHops(
  view: View,
  route: Route,
  hops: readonly NextHop[],
  { bound, source }: Draw,
): readonly NextHop[] {
  if (hops.length < 2) return hops;
  if (bound) return hops.slice(0, 1);
  if (isGroup(route)) return pastFailed(view, hops);
  if (route.family === 6) return hops;
  const usesNeighbours = sysctlNumber(view, 'net/ipv4/fib_multipath_use_neigh', 0) !== 0;
  const good = usesNeighbours ? hops.filter((hop) => !hasFailed(view, hop)) : hops;
  const left = good.length === 0 ? hops.slice(0, 1) : good;
  const fitting = prefersSource(view)
    ? left.filter((hop) => source !== null && sourceOfHop(view, route, hop) === source)
    : [];
  return fitting.length === 0 ? left : fitting;
}

/** Of a nexthop object (ip-nexthop(8)). */
const isGroup = ({ text }: Route): boolean => /\bnhid\b/.test(text);

/** nexthop_select_path_hthr() of net/ipv4/nexthop.c: a member whose neighbour did not answer is passed over for the next one. */
const pastFailed = (view: View, hops: readonly NextHop[]): readonly NextHop[] =>
  hops.filter(
    (hop, at) => !hasFailed(view, hop) || hops.slice(at + 1).every((other) => hasFailed(view, other)),
  );

const UNANSWERED: readonly Neighbour['state'][] = ['incomplete', 'failed', 'none'];

/** fib_good_nh(): nobody answered for the gateway. One that was never asked for is good. */
const hasFailed = (view: View, { via, dev }: NextHop): boolean =>
  via !== undefined &&
  view.neighbours.some(
    (entry) =>
      !entry.proxy &&
      entry.dev === dev &&
      UNANSWERED.includes(entry.state) &&
      sameAddress(entry.address, via),
  );

/** fib_select_multipath() since Linux 6.16: what has a source leaves by the next hop whose own address that is. */
const prefersSource = ({ kernel }: View): boolean => {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  return major > 6 || (major === 6 && minor >= 16);
};

/** fib_info_update_nhc_saddr(). */
const sourceOfHop = (view: View, route: Route, { dev, via }: NextHop): string | null =>
  dev === undefined ? null : selectAddress(view, dev, via ?? null, scopeNumber(route.scope));
