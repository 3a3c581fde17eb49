import type { Route } from '../model/route.ts';

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
  return route.table === MAIN_TABLE || words.includes('table')
    ? words
    : [...words, 'table', String(route.table)];
}

/**
 * A nexthop object says all of where a route leads: what `ip route` prints of it beside its number, it does not take back
 * (rtm_to_fib_config() of net/ipv4/fib_frontend.c). That it discards is the object's affair too, and no type of the route.
 */
function withoutNextHop(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let at = TYPES.has(words[0] ?? '') ? 1 : 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === 'nexthop') break;
    if (word === 'via' && /^inet6?$/.test(words[at + 1] ?? '')) at += 2;
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
