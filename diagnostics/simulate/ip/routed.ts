import type { Snapshot } from '../../model/snapshot.ts';
import { withDoubts, withForks, withSteps, type Journey } from '../journey.ts';
import type { RouteError } from '../route/route.ts';
import { isDrawnAnew } from './multipath-hash.ts';
import type { OutputRoute } from '../route/route-output.ts';
import type { View } from '../view.ts';

/** How a route that was found for what is sent, or none, is told. */
export const routeStep = (
  journey: Journey,
  lookup: 'output' | 'reroute',
  outcome: OutputRoute,
  /** Which of several next hops it is: chosen anew for each connection, or by addresses; null: there is one. */
  several: Several,
): Journey => {
  const { result } = outcome;
  const step = withSteps(journey, {
    kind: 'route',
    lookup,
    destination: journey.packet.destination,
    source: outcome.ok ? outcome.source : journey.packet.source,
    route: outcome.ok ? outcome.route : (result?.route ?? null),
    ...(outcome.ok && outcome.via !== null ? { via: outcome.via } : {}),
    ...(outcome.ok ? { dev: outcome.dev } : {}),
    ...(result?.rule === undefined ? {} : { rule: result.rule }),
  });
  return withSeveral(step, several, result?.doubts ?? []);
};

/**
 * `by-connection`: other connections between the same ends may take another; `by-addresses`: all between two addresses take
 * the same; null: there is one.
 */
export type Several = 'by-connection' | 'by-addresses' | null;

/** By what it is decided which of several routes, or next hops, a packet takes. */
export const severalOf = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  lookup: 'input' | 'output',
  count: number,
): Several => {
  if (count < 2) return null;
  return isDrawnAnew(snapshot, view, journey, lookup) ? 'by-connection' : 'by-addresses';
};

/** Of several next hops the hash of the addresses chooses one. */
export const BY_ADDRESSES = 'a multipath route has several next hops';
const BY_CONNECTION = 'a multipath route chooses a next hop for each connection';

/** What is said of a way where a multipath route has chosen a next hop. */
export const withSeveral = (journey: Journey, several: Several, doubts: readonly string[]): Journey => {
  if (several === null) return withDoubts(journey, doubts);
  if (doubts.length > 0) return withForks(journey, doubts);
  return several === 'by-connection'
    ? withForks(journey, [BY_CONNECTION], [BY_CONNECTION])
    : withForks(journey, [BY_ADDRESSES]);
};

/** How a way ends that routing refuses. */
export const routingEnd = (error: RouteError): 'no-route' | 'blackhole' | 'prohibited' => {
  switch (error) {
    case 'network-unreachable':
    case 'host-unreachable':
    case 'no-source':
      return 'no-route';
    case 'prohibited':
      return 'prohibited';
    case 'invalid':
      return 'blackhole';
  }
};
