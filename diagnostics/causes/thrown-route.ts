import { prefixContains } from '../model/ip.ts';
import type { Route } from '../model/route.ts';
import { routesIn, withoutRoute, wouldArrive } from './detour.ts';
import { endingLookup } from './ending-lookup.ts';
import type { WaySituation } from './situation.ts';

/**
 * The route (`throw`) that ended the search in a table which would have had another: without it, that one counts. Where a later
 * table refuses the packet, only if it is this one that has to go: to hand it on may be what it is for.
 */
export function thrownRoute(situation: WaySituation): Route | null {
  const lookup = endingLookup(situation);
  if (!lookup) return null;
  const refused = lookup.route ?? null;
  if (lookup.rule !== undefined && refused === null) return null;
  const { snapshot, namespace, packet } = situation;
  const routes = routesIn(snapshot, namespace).filter(
    (route) => route.family === packet.family && prefixContains(route.destination, lookup.destination),
  );
  const thrown = routes.find(
    (route) =>
      route.type === 'throw' &&
      routes.some(
        ({ type, table, destination }) =>
          type === 'unicast' && table === route.table && destination.length <= route.destination.length,
      ),
  );
  if (!thrown || refused === null) return thrown ?? null;
  const arrivesWithout = (route: Route): boolean =>
    wouldArrive(situation, withoutRoute(snapshot, namespace, route));
  return !arrivesWithout(refused) && arrivesWithout(thrown) ? thrown : null;
}
