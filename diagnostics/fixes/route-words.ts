import { familyOf } from '../model/ip.ts';
import type { NextHop, Route } from '../model/route.ts';

/** What `ip route` prints of a route's state and does not take back. */
const STATE = new Set(['linkdown', 'dead', 'offload', 'trap', 'pervasive', 'rt_offload', 'rt_trap']);

const MAIN_TABLE = 254;

/** A route as the arguments of `ip route add|del|replace`. */
export function routeWords(route: Route): readonly string[] {
  const printed = route.text
    .trim()
    .split(/\s+/)
    .filter((word) => !STATE.has(word));
  const words = printed.includes('nhid') ? withoutNextHop(printed) : printed;
  return nextHopsLast(
    route.table === MAIN_TABLE || words.includes('table') ? words : [...words, 'table', String(route.table)],
  );
}

/** Next hops come last: of IPv6, `ip route` prints `pref` behind them, and does not take it there. */
function nextHopsLast(words: readonly string[]): readonly string[] {
  const first = words.indexOf('nexthop');
  if (first < 0) return words;
  const isApart = (at: number): boolean => at > first && APART.has(words[at] ?? '');
  const apart = words.flatMap((word, at) => (isApart(at) ? [word, words[at + 1] ?? ''] : []));
  return [
    ...words.slice(0, first),
    ...apart,
    ...words.slice(first).filter((_, at) => !isApart(first + at) && !isApart(first + at - 1)),
  ];
}

/** Words that belong to the route and not to a next hop, wherever `ip route` prints them. */
const APART = new Set(['pref', 'table']);

/** The same route by these next hops, as the arguments of `ip route replace`: what it says besides stays. */
export function wordsThrough(route: Route, hops: readonly NextHop[]): readonly string[] {
  const words = routeWords(route);
  const object = words.indexOf('nhid');
  const first = words.indexOf('nexthop');
  const before = words.slice(0, first < 0 ? undefined : first);
  return [
    ...(object < 0 ? before : [...before.slice(0, object), ...before.slice(object + 2)]),
    ...hops.flatMap((hop) => hopWords(route, hop, hops.length > 1)),
  ];
}

const hopWords = (
  { family }: Route,
  { via, dev, encapsulation, weight, flags }: NextHop,
  several: boolean,
): readonly string[] => [
  ...(several ? ['nexthop'] : []),
  ...(encapsulation === undefined ? [] : ['encap', ...encapsulation.split(' ')]),
  ...(via === undefined ? [] : ['via', ...(familyOf(via) === family ? [] : ['inet6']), via]),
  ...(dev === undefined ? [] : ['dev', dev]),
  ...(several ? ['weight', String(weight)] : []),
  ...(flags.includes('onlink') ? ['onlink'] : []),
];

/**
 * A nexthop object says all of where a route leads: what `ip route` prints of it beside its number, it does not take back
 * (rtm_to_fib_config() of net/ipv4/fib_frontend.c). That it discards is the object's affair too, and no type of the route.
 */
function withoutNextHop(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let at = TYPES.has(words[0] ?? '') ? 1 : 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === 'nexthop') break;
    if (word === 'encap') while (!['via', 'dev'].includes(words[at + 1] ?? 'dev')) at += 1;
    else if (word === 'via' && /^inet6?$/.test(words[at + 1] ?? '')) at += 2;
    else if (OF_NEXT_HOP.has(word)) at += 1;
    else if (word !== 'onlink') kept.push(word);
  }
  return kept;
}

const TYPES = new Set(['unicast', 'blackhole', 'unreachable', 'prohibit']);
const OF_NEXT_HOP = new Set(['via', 'dev', 'weight', 'scope']);

/** `ip route`, or `ip -6 route`: a default route and its kin do not tell their family. */
export const ipRoute = (destination: string): readonly string[] => [
  'ip',
  ...(destination.includes(':') ? ['-6'] : []),
  'route',
];

/** What `ip route show` is told to show the table of a route. */
export const tableWords = ({ table }: Route): readonly string[] =>
  table === MAIN_TABLE ? [] : ['show', 'table', String(table)];
