import { valueOr } from '../model/fact.ts';
import { prefixContains } from '../model/ip.ts';
import type { Route } from '../model/route.ts';
import { endingLookup } from './ending-lookup.ts';
import { factsIn, type WaySituation } from './situation.ts';

/** The route (`throw`) that ended the search in a table which would have had another: without it, that one counts. */
export function thrownRoute(situation: WaySituation): Route | null {
  const lookup = endingLookup(situation);
  if (!lookup || lookup.route !== null || lookup.rule !== undefined) return null;
  const { snapshot, namespace, packet } = situation;
  const routes = valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, []).filter(
    (route) => route.family === packet.family && prefixContains(route.destination, lookup.destination),
  );
  return (
    routes.find(
      (route) =>
        route.type === 'throw' &&
        routes.some(
          ({ type, table, destination }) =>
            type === 'unicast' && table === route.table && destination.length <= route.destination.length,
        ),
    ) ?? null
  );
}
