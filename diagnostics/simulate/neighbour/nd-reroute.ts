import type { Link } from '../../model/link.ts';
import { protocolNumber } from '../ip/packets.ts';
import { routeStep, routingEnd } from '../ip/routed.ts';
import { ended, type Journey, type Next } from '../journey.ts';
import { routeOutput } from '../route/route-output.ts';
import { isLinkLocal, isMulticast6 } from '../route/source-selection.ts';
import type { View } from '../view.ts';

/**
 * ip6_route_me_harder(): a message of neighbour discovery whose mark OUTPUT changed goes where the rules of routing say, and is lost
 * where that is not the device that it is about. What goes to a link-local address or to a group keeps its device.
 */
export function routedAgain(
  { view, link }: { readonly view: View; readonly link: Link },
  { rerouted, ...made }: Journey,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] {
  const { source, destination, mark } = made.packet;
  const bound = isLinkLocal(destination) || isMulticast6(destination);
  if (bound || !rerouted) return then(made);
  const routes = routeOutput(view, {
    ...{ source, destination, mark, device: null, user: 0, anySource: true },
    ...{ protocol: protocolNumber('icmp', 6), sourcePort: 0, destinationPort: 0 },
  });
  return routes.flatMap((found) => {
    const stepped = routeStep(made, 'reroute', found, routes.length > 1 ? 'by-addresses' : null);
    if (!found.ok) return [ended(stepped, routingEnd(found.error))];
    return found.dev === link.name ? then(stepped) : [ended(stepped, 'neighbour-unresolved')];
  });
}
