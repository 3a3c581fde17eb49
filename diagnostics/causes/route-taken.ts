import type { NamespaceId } from '../model/ids.ts';
import type { NextHop, Route } from '../model/route.ts';
import type { Step } from '../model/trace.ts';
import type { Remedy } from './finding.ts';
import type { Gateway } from './gateways.ts';
import type { WaySituation } from './situation.ts';

/** The route by which a namespace last sent the packet on; null where it sent none, or had no route. */
export const routeTaken = ({ trace }: WaySituation, namespace: NamespaceId): Route | null =>
  trace.hops
    .findLast((hop) => hop.namespace === namespace)
    ?.steps.findLast((it): it is Extract<Step, { kind: 'route' }> => it.kind === 'route')?.route ?? null;

/** The same route, where another neighbour takes the place of one of its next hops; null: where that one is left out. */
export const withNextHop = (
  namespace: NamespaceId,
  route: Route,
  hop: NextHop,
  to: Gateway | null,
): Remedy => ({
  actions: [
    {
      ...{ kind: 'change-next-hop', namespace, route, hop },
      to: to && { via: to.address, dev: to.dev, ...(to.onlink ? { onlink: true as const } : {}) },
    },
  ],
});

/** The same route through another neighbour. */
export const through = (namespace: NamespaceId, route: Route, { address, dev, onlink }: Gateway): Remedy => ({
  actions: [
    {
      ...{ kind: 'replace-route', namespace, route, via: address, dev },
      ...(onlink ? { onlink } : {}),
    },
  ],
});
