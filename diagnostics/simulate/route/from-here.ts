import { loopback, type View } from '../view.ts';
import { lookupRoute, type RouteQuery, type RouteResult } from './route.ts';

/**
 * Where something that is sent from here would go, as the kernel asks where it has no packet of a socket at hand (ARP, reverse
 * path filters, what a firewall wants to know of a route): without protocol and ports. The first of several possible answers.
 */
export const routeFromHere = (
  view: View,
  asked: Pick<RouteQuery, 'family' | 'destination' | 'source'> &
    Partial<Pick<RouteQuery, 'outDev' | 'mark' | 'within'>>,
): RouteResult | undefined =>
  lookupRoute(view, {
    inDev: loopback(view)?.name ?? 'lo',
    outDev: null,
    mark: 0,
    protocol: null,
    sourcePort: null,
    destinationPort: null,
    ...asked,
  })[0];
