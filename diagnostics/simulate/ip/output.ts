import { prefixContains } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { Route } from '../../model/route.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { atHook } from '../netfilter/hooks.ts';
import { atIpsec, changedAtIpsec } from './ipsec.ts';
import {
  blocked,
  ended,
  withSteps,
  type FrameAt,
  type Journey,
  type Next,
  type OutputRequest,
} from '../journey.ts';
import { advertisedMss, fragmented, ownMtu } from '../link/mtu.ts';
import { transmit } from '../link/transmit.ts';
import { protocolNumber } from './packets.ts';
import type { RouteError } from '../route/route.ts';
import { introduced } from './introduced.ts';
import { routeStep, routingEnd, severalOf } from './routed.ts';
import { routeOutput, routesFor, type OutputQuery, type OutputRoute } from '../route/route-output.ts';
import { meetPrograms, programsOfSender } from './socket-programs.ts';
import { sendOut } from './send.ts';
import { isLinkLocal, isMulticast6 } from '../route/source-selection.ts';
import { vrfAbove } from '../route/vrf.ts';
import { confKey6, sysctlNumber } from '../sysctl.ts';
import { linkByIndex, type View } from '../view.ts';

const queryOf = (journey: Journey, request: OutputRequest): OutputQuery => ({
  destination: journey.packet.destination,
  source: request.source,
  device: request.device,
  mark: journey.packet.mark,
  protocol: protocolNumber(journey.packet.protocol, journey.packet.family),
  sourcePort: journey.packet.sourcePort,
  destinationPort: journey.packet.destinationPort,
  // What the kernel sends itself is root's.
  user: journey.sender === undefined ? null : (journey.sender?.uid ?? (journey.sender === null ? 0 : null)),
  anySource: request.foreignSource,
});

/** What an address alone does not tell. */
const unfollowedDestination = ({ packet }: Journey, { device }: OutputRequest): string | null => {
  const { destination } = packet;
  if (isMulticast6(destination)) return `the multicast address ${destination} is not followed`;
  return isLinkLocal(destination) && device === null
    ? `the link-local address ${destination} means something only together with an interface`
    : null;
};

/** A packet is made here: routed, through OUTPUT, and on its way. */
export function makePacket(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  request: OutputRequest,
): readonly Next[] {
  const unfollowed = unfollowedDestination(journey, request);
  if (unfollowed !== null)
    return [blocked(withSteps(journey, { kind: 'send', packet: journey.packet }), unfollowed, [])];
  const query = queryOf(journey, request);
  const routes = routesFor(view, query, request.lookup);
  return routes.flatMap((found) => {
    const sent: Journey = found.ok
      ? {
          ...journey,
          packet: offering(view, living(view, { ...journey.packet, source: found.source }, found), found),
        }
      : journey;
    const called =
      request.lookup === 'send' ? sent : meetPrograms(view, sent, 'call', programsOfSender(view, sent));
    const routed = routeStep(
      withSteps(called, { kind: 'send', packet: sent.packet }),
      'output',
      found,
      severalOf(snapshot, view, called, 'output', routes.length),
    );
    if (!found.ok) return [ended(routed, routingEnd(found.error), { localError: found.error })];
    if (request.straight) return sentStraight(snapshot, view, routed, request.straight);
    const refused = refusedBroadcast(journey, request, found);
    if (refused) return [ended(routed, routingEnd(refused), { localError: refused })];
    // __mkroute_output(): it goes out by the device to whoever wants it, past any gateway of the route.
    if (isMulticast4(journey.packet.destination))
      return [blocked(routed, `the multicast address ${journey.packet.destination} is not followed`, [])];
    const leaves = { direction: 'out', inDev: null } as const;
    const forbidden = journey.expected ? {} : { refused: { localError: 'prohibited' } as const };
    return atIpsec(view, routed, { ...leaves, outDev: found.dev, ...forbidden }, (allowed) =>
      sizeChecked(view, allowed, found, (fitting) =>
        atOutput(view, fitting, found, (after) =>
          rerouted(snapshot, view, after, found, request).flatMap((next) =>
            next.ok
              ? changedAtIpsec(view, fitting, next.journey, { ...leaves, outDev: next.dev }, (passed) =>
                  sizeChecked(view, passed, next, (leaving) =>
                    sendOut(snapshot, view, leaving, {
                      dev: next.dev,
                      via: next.via,
                      local: next.local,
                      route: next.route,
                      forwarded: false,
                    }),
                  ),
                )
              : [
                  ended(next.journey, routingEnd(next.error), {
                    localError: next.error,
                    afterConnect: true,
                  }),
                ],
          ),
        ),
      ),
    );
  });
}

/** The end of nf_send_reset() and of nf_send_reset6(). */
const sentStraight = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { link: index, frame }: FrameAt,
): readonly Next[] => {
  const link = linkByIndex(view, index);
  return link
    ? transmit(snapshot, view, journey, link, frame)
    : [blocked(journey, `a device of ${view.label} was not found`, [])];
};

/**
 * __ip_local_out(): OUTPUT. What leaves by a device of a VRF goes through OUTPUT and POSTROUTING of the VRF before, and its connection
 * is looked for anew (vrf_ip_out_direct(), vrf_finish_direct() of drivers/net/vrf.c).
 */
const atOutput = (
  view: View,
  journey: Journey,
  { dev: outDev, via }: Extract<OutputRoute, { ok: true }>,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] => {
  const towards = via ?? journey.packet.destination;
  const out = (before: Journey): readonly Next[] =>
    atHook(view, before, { hook: 'output', inDev: null, outDev, towards }, then);
  const vrf = vrfAbove(view, outDev);
  if (!vrf || journey.packet.destination === LIMITED_BROADCAST || isLinkLocal(journey.packet.destination))
    return out(journey);
  const by = { inDev: null, outDev: vrf.name } as const;
  return atHook(view, journey, { hook: 'output', ...by }, (made) =>
    atHook(view, made, { hook: 'postrouting', ...by }, (sent) => out({ ...sent, current: null })),
  );
};

/**
 * Programs speak to everybody only where they say so: tcp_v4_connect() has ENETUNREACH for a broadcast or multicast address, a datagram's
 * connect() and ping(8) without SO_BROADCAST have EACCES.
 */
const refusedBroadcast = (
  { packet }: Journey,
  { lookup }: OutputRequest,
  found: Extract<OutputRoute, { ok: true }>,
): RouteError | null => {
  if (isMulticast4(packet.destination) && packet.protocol === 'tcp') return 'network-unreachable';
  const toAll = found.route?.type === 'broadcast' || packet.destination === LIMITED_BROADCAST;
  if (!toAll || lookup === 'send') return null;
  return packet.protocol === 'tcp' ? 'network-unreachable' : 'prohibited';
};

const LIMITED_BROADCAST = '255.255.255.255';

const isMulticast4 = (address: string): boolean =>
  prefixContains({ address: '224.0.0.0', length: 4 }, address);

/** ip4_dst_hoplimit(), ip6_dst_hoplimit(): a route may say how many hops its packets live; IPv6's devices do. */
const living = (view: View, packet: Packet, { route, dev }: Leaving): Packet => {
  const usual = packet.family === 4 ? packet.ttl : sysctlNumber(view, confKey6(dev, 'hop_limit'), packet.ttl);
  return { ...packet, ttl: route?.hopLimit ?? usual };
};

/** A SYN and its answer say how large the segments may be that come back, and what else their sender can do. */
const offering = (view: View, packet: Packet, { route, dev }: Leaving): Packet =>
  packet.tcpFlags === 'S' || packet.tcpFlags === 'SA'
    ? { ...introduced(view, packet), mss: advertisedMss(view, { ...packet, route, dev }) }
    : packet;

interface Leaving {
  readonly route: Route | null;
  readonly dev: string;
}

/**
 * __ip_append_data(), ip_finish_output(): what is larger than the way is known to take fails in the system call (EMSGSIZE), or
 * leaves in pieces where that is allowed.
 */
const sizeChecked = (
  view: View,
  journey: Journey,
  { route, dev }: Leaving,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] => {
  const { packet } = journey;
  const { size } = packet;
  const mtu = ownMtu(view, { ...packet, route, dev });
  if (size <= mtu) return then(journey);
  if (!packet.dontFragment) return then(fragmented(journey, dev, mtu));
  const failed = withSteps(journey, { kind: 'size', dev, mtu, size, passed: false, fate: 'told' });
  return [ended(failed, 'too-big', { localError: 'too-big' })];
};

type Rerouted =
  | {
      readonly ok: true;
      readonly journey: Journey;
      readonly dev: string;
      readonly via: string | null;
      readonly local: boolean;
      readonly route: Route | null;
    }
  | { readonly ok: false; readonly journey: Journey; readonly error: RouteError };

/** ip_route_me_harder(): after NAT, or a chain of type `route`, changed in OUTPUT what routes are chosen by. */
const rerouted = (
  snapshot: Snapshot,
  view: View,
  { rerouted: again, ...after }: Journey,
  found: OutputRoute & { readonly ok: true },
  request: OutputRequest,
): readonly Rerouted[] => {
  if (!again)
    return [
      {
        ok: true,
        journey: after,
        dev: found.dev,
        via: found.via,
        local: found.local,
        route: found.route,
      },
    ];
  const routes = routeOutput(view, {
    ...queryOf(after, request),
    source: after.packet.source,
    anySource: true,
  });
  return routes.map((next) => {
    const journey = routeStep(
      after,
      'reroute',
      next,
      severalOf(snapshot, view, after, 'output', routes.length),
    );
    return next.ok
      ? { ok: true, journey, dev: next.dev, via: next.via, local: next.local, route: next.route }
      : { ok: false, journey, error: next.error };
  });
};
