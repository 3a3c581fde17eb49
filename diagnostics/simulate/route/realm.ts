import type { Realms } from '../../model/route.ts';
import type { Packet } from '../../model/packet.ts';
import { hasPorts } from '../../model/packet.ts';
import type { Hook } from '../../model/ruleset.ts';
import { protocolNumber } from '../ip/packets.ts';
import { confEither } from '../sysctl.ts';
import { loopback, type View } from '../view.ts';
import { routeFromHere } from './from-here.ts';
import { lookupRoute, type RouteResult } from './route.ts';

const UPPER = 0xffff0000;
const LOWER = 0xffff;
const BITS = 16;

/** Whether any route or rule gives packets a realm. */
export const givesRealms = ({ routes, rules }: View): boolean =>
  routes.some(({ nextHops }) => nextHops.some(({ realms }) => realms !== undefined)) ||
  rules.some(({ realms }) => realms !== undefined);

/** set_class_tag() of net/ipv4/route.c: what is not said yet is taken from elsewhere. */
const tagged = (own: Realms, other: Realms): Realms => {
  if (own === 'unknown' || other === 'unknown') return 'unknown';
  const lower = (own & LOWER) === 0 ? other & LOWER : own & LOWER;
  const upper = (own & UPPER) === 0 ? other & UPPER : own & UPPER;
  return (upper | lower) >>> 0;
};

/** rt_set_nexthop(): of the next hop, else of the rule that led there. */
const ofRoute = (found: RouteResult | undefined): Realms =>
  found?.found ? tagged(found.hop.realms ?? 0, found.ruleRealms ?? 0) : 0;

/** fib_combine_itag() of net/ipv4/fib_frontend.c: the realm of the way back is that of the source. */
const ofWayBack = (found: RouteResult | undefined): Realms => {
  if (!found?.found) return 0;
  const [own, rule] = [found.hop.realms ?? 0, found.ruleRealms ?? 0];
  if (own === 'unknown' || rule === 'unknown') return 'unknown';
  const upper = (own << BITS) >>> 0;
  return ((upper === 0 ? rule << BITS : upper) | (rule >>> BITS)) >>> 0;
};

/** skb_dst(skb)->tclassid of an IPv4 packet that is routed; null: not known. */
export function realmsAt(
  view: View,
  packet: Packet,
  {
    hook,
    inDev,
    outDev,
  }: { readonly hook: Hook; readonly inDev: string | null; readonly outDev: string | null },
): number | null {
  if (!givesRealms(view)) return 0;
  const realms = ofPacket(view, packet, { hook, inDev, outDev });
  return realms === 'unknown' ? null : realms;
}

function ofPacket(
  view: View,
  packet: Packet,
  {
    hook,
    inDev,
    outDev,
  }: { readonly hook: Hook; readonly inDev: string | null; readonly outDev: string | null },
): Realms {
  const lo = loopback(view)?.name ?? 'lo';
  const own = inDev === null || inDev === lo;
  const back = own
    ? 0
    : ofWayBack(
        routeFromHere(view, {
          family: 4,
          destination: packet.source,
          source: packet.destination,
          within: inDev,
          mark: confEither(view, inDev, 'src_valid_mark') ? packet.mark : 0,
        }),
      );
  // ip_route_input_slow(): of what is for this machine only the source has one.
  if (hook === 'input' && !own) return back;
  const ways = lookupRoute(view, {
    family: 4,
    destination: packet.destination,
    source: packet.source,
    inDev: own ? lo : inDev,
    outDev: null,
    mark: packet.mark,
    protocol: protocolNumber(packet.protocol, 4),
    sourcePort: hasPorts(packet) ? packet.sourcePort : null,
    destinationPort: hasPorts(packet) ? packet.destinationPort : null,
  });
  const taken = ways.filter((way) => way.found && (outDev === null || way.hop.dev === outDev));
  const [first = 0, ...others] = (taken.length > 0 ? taken : ways).map(ofRoute);
  return others.every((other) => other === first) ? tagged(first, back) : 'unknown';
}
