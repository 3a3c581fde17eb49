import type { Route } from '../model/route.ts';

/** What `ip route` prints of a route's state and does not take back. */
const STATE = new Set(['linkdown', 'dead', 'offload', 'trap', 'pervasive', 'rt_offload', 'rt_trap']);

const MAIN_TABLE = 254;

/** A route as the arguments of `ip route add|del|replace`. */
export function routeWords(route: Route): readonly string[] {
  const words = route.text
    .trim()
    .split(/\s+/)
    .filter((word) => !STATE.has(word));
  return route.table === MAIN_TABLE || words.includes('table')
    ? words
    : [...words, 'table', String(route.table)];
}

/** `ip route`, or `ip -6 route`: a default route and its kin do not tell their family. */
export const ipRoute = (destination: string): readonly string[] => [
  'ip',
  ...(destination.includes(':') ? ['-6'] : []),
  'route',
];

/** What `ip route show` is told to show the table of a route. */
export const tableWords = ({ table }: Route): readonly string[] =>
  table === MAIN_TABLE ? [] : ['show', 'table', String(table)];
