import { queryOf, type InputQuery, type InputRoute } from './input-route.ts';
import { lookupRoute } from './route.ts';
import { isLoopback6, isMulticast6 } from './source-selection.ts';
import { forwards6 } from '../sysctl.ts';
import { loopback, type View } from '../view.ts';

/**
 * ip6_rcv_core(), ip6_route_input() and the first check of ip6_forward(): IPv6 has no reverse path filter and knows no
 * martians but the loopback's, and where there is no route a machine that forwards nothing says so too.
 */
export function routeInput6(view: View, query: InputQuery): readonly InputRoute[] {
  const { source, destination, dev } = query;
  const outside = dev !== loopback(view)?.name;
  if (isMulticast6(source) || (outside && (isLoopback6(source) || isLoopback6(destination))))
    return [{ type: 'martian', reason: 'martian', result: null }];
  return lookupRoute(view, queryOf(query, 6)).map((result): InputRoute => {
    if (!result.found) return { type: 'error', result };
    if (result.route.type !== 'unicast') return { type: 'local', result };
    return forwards6(view, dev) ? { type: 'forward', result } : { type: 'not-forwarding', result };
  });
}
