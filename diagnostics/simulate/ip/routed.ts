import { withDoubts, withForks, withSteps, type Journey } from '../journey.ts';
import type { RouteError } from '../route/route.ts';
import type { OutputRoute } from '../route/route-output.ts';

/** How a route that was found for what is sent, or none, is told. */
export const routeStep = (
  journey: Journey,
  lookup: 'output' | 'reroute',
  outcome: OutputRoute,
  several: boolean,
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
  const doubts = result?.doubts ?? [];
  if (!several) return withDoubts(step, doubts);
  return withForks(step, doubts.length > 0 ? doubts : ['a multipath route has several next hops']);
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
