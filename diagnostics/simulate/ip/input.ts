import type { Packet } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { atHook } from '../netfilter/hooks.ts';
import { atIpsec } from './ipsec.ts';
import { BEYOND_SCOPE, ICMP, type IcmpError } from './icmp-numbers.ts';
import { ended, moving, withSteps, type Ending, type Journey, type Next } from '../journey.ts';
import { ipvlansOf, ipvlanWith, type IpvlanChild } from '../link/ipvlan.ts';
import { receiveLocal } from './local-input.ts';
import { isUnwanted, leftToMany } from './for-many.ts';
import { forwardMtu, fragmented } from '../link/mtu.ts';
import { protocolNumber } from './packets.ts';
import { passedOn } from './passed-on.ts';
import { routingEnd, severalOf, withSeveral, type Several } from './routed.ts';
import type { RouteError } from '../route/route.ts';
import type { InputRoute, SourceReason } from '../route/input-route.ts';
import { routeInput, sourceFailure } from '../route/route-input.ts';
import { sendOut } from './send.ts';
import { ipv6Off } from './ipv6-off.ts';
import { isLinkLocal } from '../route/source-selection.ts';
import { inputDevice, vrfAbove } from '../route/vrf.ts';
import { confKey, confKey6, confMax, confOwn, decidingKey } from '../sysctl.ts';
import { linkByName, type View } from '../view.ts';

/** ip_rcv(), ip6_rcv_core(): only what is for this machine's hardware address; then PREROUTING and routing. */
export function ipInput(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  at: { readonly dev: string; readonly mine: boolean },
): readonly Next[] {
  const { dev } = at;
  if (!at.mine)
    return [
      ended(withSteps(journey, { kind: 'receive', dev, problem: 'not-for-this-mac' }), 'filtered-source'),
    ];
  const link = linkByName(view, dev);
  if (journey.packet.family === 6 && link && ipv6Off(view.sysctls, link) !== null)
    return [ended(withSteps(journey, { kind: 'receive', dev, problem: 'ipv6-off' }), 'dropped')];
  if (journey.packet.family === 6 && isUnwanted(view, journey, dev)) return [leftToMany(journey, dev)];
  const received = withSteps(journey, { kind: 'receive', dev });
  return atHook(view, received, { hook: 'prerouting', inDev: dev, outDev: null }, (after) =>
    routePrerouted(snapshot, view, after, dev),
  );
}

/** ip_rcv_finish() on: PREROUTING is behind the packet. */
export function routePrerouted(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  dev: string,
): readonly Next[] {
  if (journey.packet.family === 4 && isUnwanted(view, journey, dev)) return [leftToMany(journey, dev)];
  const handed = handedTo(snapshot, view, journey.packet.destination, dev);
  if (handed)
    return atHook(view, journey, { hook: 'input', inDev: dev, outDev: null }, (after) => [
      moving(after, { type: 'handed', namespace: handed.namespace, link: handed.link.index }),
    ]);
  const vrf = vrfAbove(view, dev);
  // vrf_ip_rcv(), vrf_ip6_rcv() of drivers/net/vrf.c: through PREROUTING once more, as what came in by the VRF.
  return vrf && !isLinkLocal(journey.packet.destination)
    ? atHook(view, journey, { hook: 'prerouting', inDev: vrf.name, vrfPort: dev, outDev: null }, (after) =>
        routeInside(snapshot, view, after, dev),
      )
    : routeInside(snapshot, view, journey, dev);
}

/** ipvlan_l3_rcv(): the ipvlan interface of mode L3S on this device that has the address. */
const handedTo = (snapshot: Snapshot, view: View, address: string, dev: string): IpvlanChild | null => {
  const children = ipvlansOf(snapshot, view.id, linkByName(view, dev)?.index ?? -1);
  return children[0]?.kind.mode === 'l3s' ? ipvlanWith(children, address) : null;
};

const routeInside = (snapshot: Snapshot, view: View, before: Journey, dev: string): readonly Next[] => {
  const { packet } = before;
  const routes = routeInput(view, {
    source: packet.source,
    destination: packet.destination,
    dev,
    mark: packet.mark,
    protocol: protocolNumber(packet.protocol, packet.family),
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
  });
  return routes.flatMap((route) => {
    const journey = routeStep(before, route, severalOf(snapshot, view, before, 'input', routes.length));
    switch (route.type) {
      case 'local':
      case 'broadcast':
        return receiveLocal(snapshot, view, sourcePassed(view, journey, dev), dev);
      case 'martian':
        return [ended(sourceFailed(view, journey, dev, route.reason), 'filtered-source')];
      case 'not-forwarding': {
        // Without forwarding the kernel keeps silent, whatever the route says (ip_error()).
        const step = forwardStep(before, dev, false);
        return [ended(withSteps(journey, step), 'not-forwarded')];
      }
      case 'error':
        return [ended(journey, routingEnd(route.result.error), errorAnswer(packet, route.result.error))];
      case 'forward':
        return atIpsec(
          view,
          sourcePassed(view, journey, dev),
          { direction: 'fwd', inDev: dev, outDev: route.result.hop.dev ?? null },
          (allowed) => forwardPacket(snapshot, view, allowed, dev, route),
        );
    }
  });
};

/** ip_error() of net/ipv4/route.c, ip6_pkt_drop() of net/ipv6/route.c: which routing errors a router tells the sender. */
const errorAnswer = ({ family }: Packet, error: RouteError): Omit<Ending, 'disposition' | 'namespace'> => {
  const said = (what: IcmpError): Omit<Ending, 'disposition' | 'namespace'> => ({
    answer: { kind: 'icmp', ...what, speaks: 'router' },
  });
  const { noRoute, addressUnreachable, prohibited } = ICMP[family];
  switch (error) {
    case 'network-unreachable':
      return said(noRoute);
    case 'host-unreachable':
      return said(family === 6 ? noRoute : addressUnreachable);
    case 'prohibited':
      return said(prohibited);
    case 'invalid':
    case 'no-source':
      return {};
  }
};

const routeStep = (journey: Journey, route: InputRoute, several: Several): Journey => {
  const { result } = route;
  const { packet } = journey;
  // Where a check refused the packet before any lookup, or forwarding is off and nothing matched, no route decided.
  if (!result && route.type !== 'error') return journey;
  const step = withSteps(journey, {
    kind: 'route',
    lookup: 'input',
    destination: packet.destination,
    source: packet.source,
    route: result?.route ?? null,
    ...(result?.found && result.hop.via !== undefined ? { via: result.hop.via } : {}),
    ...(result?.found && result.hop.dev !== undefined ? { dev: result.hop.dev } : {}),
    ...(result?.rule === undefined ? {} : { rule: result.rule }),
  });
  return withSeveral(step, several, result?.doubts ?? []);
};

const forwardStep = ({ packet }: Journey, dev: string, enabled: boolean) =>
  ({
    kind: 'forward',
    dev,
    sysctl: packet.family === 6 ? confKey6('all', 'forwarding') : confKey(dev, 'forwarding'),
    enabled,
    ...(enabled && packet.claimed ? { claimed: placeOfClaim(packet.claimed) } : {}),
  }) as const;

const placeOfClaim = ({ address, port }: NonNullable<Packet['claimed']>) => ({ address, port });

/** Worth showing only where a reverse path filter looked. */
const sourcePassed = (view: View, journey: Journey, dev: string): Journey =>
  journey.packet.family === 6 || confMax(view, dev, 'rp_filter') === 0
    ? journey
    : withSteps(journey, {
        kind: 'source-check',
        dev,
        source: journey.packet.source,
        passed: true,
        sysctl: decidingKey(view, dev, 'rp_filter'),
      });

const sourceFailed = (view: View, journey: Journey, dev: string, reason: SourceReason): Journey =>
  withSteps(journey, sourceFailure(view, dev, journey.packet.source, reason));

/** ip_forward() of net/ipv4/ip_forward.c and ip6_forward() of net/ipv6/ip6_output.c, their checks in their order. */
const forwardPacket = (
  snapshot: Snapshot,
  view: View,
  before: Journey,
  dev: string,
  { result }: Extract<InputRoute, { type: 'forward' }>,
): readonly Next[] => {
  const outDev = result.hop.dev ?? '';
  const { packet } = before;
  if (before.toMany) return [leftToMany(before, dev)];
  const enabled = packet.family === 6 || confOwn(view, dev, 'forwarding') !== 0;
  const journey = withSteps(before, forwardStep(before, dev, enabled));
  // What belongs to a socket here goes nowhere else (skb->sk).
  if (packet.claimed) return [ended(journey, 'dropped')];
  const { timeExceeded } = ICMP[packet.family];
  if (packet.ttl <= 1)
    return [
      ended(withSteps(journey, { kind: 'ttl', passed: false }), 'ttl-expired', {
        answer: { kind: 'icmp', ...timeExceeded, speaks: 'router' },
      }),
    ];
  // Back out by the device it came in by, it stays on the link that the source means something on.
  if (packet.family === 6 && outDev !== dev && isLinkLocal(packet.source))
    return [
      ended(journey, 'filtered-source', {
        answer: { kind: 'icmp', ...BEYOND_SCOPE, speaks: 'router' },
      }),
    ];
  // xfrm4_route_forward(), xfrm6_route_forward()
  return atIpsec(view, journey, { direction: 'out', inDev: dev, outDev }, (allowed) =>
    forwardAllowed(snapshot, view, allowed, dev, result),
  );
};

/** Past the policies of IPsec. */
const forwardAllowed = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  dev: string,
  result: Extract<InputRoute, { type: 'forward' }>['result'],
): readonly Next[] => {
  const { packet } = journey;
  const outDev = result.hop.dev ?? '';
  const mtu = forwardMtu(view, { ...packet, route: result.route, dev: outDev });
  const tooLarge = packet.size > mtu;
  if (tooLarge && (packet.dontFragment || packet.family === 6)) {
    const step = { kind: 'size', dev: outDev, mtu, size: packet.size, passed: false, fate: 'told' } as const;
    const answer = { kind: 'icmp', ...ICMP[packet.family].tooBig, speaks: 'router' } as const;
    return [ended(withSteps(journey, step), 'too-big', { answer })];
  }
  const hopped: Journey = { ...journey, packet: passedOn(packet) };
  const by = inputDevice(view, dev);
  const towards = result.hop.via ?? packet.destination;
  return atHook(view, hopped, { hook: 'forward', ...by, outDev, towards }, (after) =>
    sendOut(snapshot, view, tooLarge ? fragmented(after, outDev, mtu) : after, {
      dev: outDev,
      via: result.hop.via ?? null,
      local: false,
      route: result.route,
      forwarded: true,
      inDev: by.inDev,
    }),
  );
};
