import { familyOf } from '../../model/ip.ts';
import { linkByName, type View } from '../view.ts';
import { addressesOf, ownerLink } from './source-address.ts';
import { hasCustomRules, lookupRoute, type RouteQuery } from './route.ts';
import { routeInput6 } from './route-input6.ts';
import { queryOf, type Found, type InputQuery, type InputRoute, type SourceReason } from './input-route.ts';
import type { Step } from '../../model/trace.ts';
import { confEither, confMax, confOwn, decidingKey } from '../sysctl.ts';

const isMulticast = (address: string): boolean => {
  const first = Number(address.split('.')[0]);
  return first >= 224 && first <= 239;
};
const isZero = (address: string): boolean => address.startsWith('0.');
const isLoopback = (address: string): boolean => address.startsWith('127.');
const LIMITED_BROADCAST = '255.255.255.255';

/** Routes in the local table that no address put there (fib_has_custom_local_routes). */
const hasCustomLocalRoutes = (view: View): boolean =>
  view.routes.some((route) => route.family === 4 && route.type === 'local' && route.table !== 255);

/**
 * fib_validate_source() of net/ipv4/fib_frontend.c: is the source believable on this device? `outDev` is where the packet
 * is going (`lo` for this machine). Null: it is.
 */
function checkSource(view: View, query: InputQuery, outDev: string): SourceReason | null {
  const { dev, source } = query;
  const mode = confMax(view, dev, 'rp_filter');
  const acceptLocal = confEither(view, dev, 'accept_local');
  if (mode === 0 && (outDev !== dev || !confEither(view, dev, 'send_redirects'))) {
    if (acceptLocal) return null;
    if (!hasCustomLocalRoutes(view) && !hasCustomRules(view, 4))
      return ownerLink(view, source) ? 'martian' : null;
  }
  const strict: SourceReason = mode === 1 ? 'rp-filter-strict' : 'rp-filter-loose';
  const reverse: RouteQuery = {
    family: 4,
    destination: source,
    source: query.destination,
    inDev: outDev,
    outDev: null,
    within: dev,
    mark: confEither(view, dev, 'src_valid_mark') ? query.mark : 0,
    protocol: query.protocol ?? null,
    sourcePort: query.destinationPort ?? null,
    destinationPort: query.sourcePort ?? null,
  };
  const lastResort = mode === 0 ? null : strict;
  const back = lookupRoute(view, reverse)[0];
  if (!back?.found) return lastResort;
  const { type } = back.route;
  if (type !== 'unicast' && !(type === 'local' && acceptLocal)) return 'martian';
  // fib_info_nh_uses_dev(): any next hop of the route will do, not only the chosen one.
  if (back.route.nextHops.some((hop) => hop.dev === dev) || (type === 'local' && dev === 'lo')) return null;
  const link = linkByName(view, dev);
  if (!link || addressesOf(link, 4).length === 0) return lastResort;
  return mode === 1 ? strict : null;
}

/** ip_route_input_slow() of net/ipv4/route.c, its checks in their order. Several results where a hash decides. */
export function routeInput(view: View, query: InputQuery): readonly InputRoute[] {
  const { source, destination, dev } = query;
  if (familyOf(destination) === 6) return routeInput6(view, query);
  const martian = (reason: SourceReason, result: Found | null = null): InputRoute => ({
    type: 'martian',
    reason,
    result,
  });
  if (isMulticast(source) || source === LIMITED_BROADCAST) return [martian('martian')];
  if (destination === LIMITED_BROADCAST) return [{ type: 'broadcast', result: null }];
  if (isZero(source) || isZero(destination)) return [martian('martian')];
  if ((isLoopback(source) || isLoopback(destination)) && !confEither(view, dev, 'route_localnet'))
    return [martian('martian')];
  const forwarding = confOwn(view, dev, 'forwarding') !== 0;
  const results = lookupRoute(view, queryOf(query, 4));
  return results.map((result): InputRoute => {
    if (!result.found)
      return forwarding ? { type: 'error', result } : { type: 'not-forwarding', result: null };
    switch (result.route.type) {
      case 'local': {
        const reason = checkSource(view, query, 'lo');
        return reason ? martian(reason, result) : { type: 'local', result };
      }
      case 'broadcast': {
        if (confEither(view, dev, 'bc_forwarding')) return { type: 'forward', result };
        const reason = checkSource(view, query, 'lo');
        return reason ? martian(reason, result) : { type: 'broadcast', result };
      }
      case 'unicast': {
        if (!forwarding) return { type: 'not-forwarding', result };
        const reason = checkSource(view, query, result.hop.dev ?? '');
        return reason ? martian(reason, result) : { type: 'forward', result };
      }
      default:
        return forwarding ? martian('martian', result) : { type: 'not-forwarding', result };
    }
  });
}

/** The first of the possible results, for a check that needs one. */
export const validateRoute = (view: View, query: InputQuery): InputRoute =>
  routeInput(view, query)[0] ?? { type: 'martian', reason: 'martian', result: null };

/** How a refused source is told. */
export const sourceFailure = (view: View, dev: string, source: string, reason: SourceReason): Step => ({
  kind: 'source-check',
  dev,
  source,
  passed: false,
  reason,
  ...(reason === 'martian' ? {} : { sysctl: decidingKey(view, dev, 'rp_filter') }),
});
