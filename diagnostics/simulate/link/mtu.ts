import { sameAddress } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { Packet } from '../../model/packet.ts';
import { finished } from './checksum.ts';
import { ended, withSteps, type Journey, type Next } from '../journey.ts';
import type { Route, RouteException } from '../../model/route.ts';
import { confKey6, sysctlNumber } from '../sysctl.ts';
import { linkByName, type View } from '../view.ts';

/** Ethernet's VLAN header: is_skb_forwardable() lets a frame be that much larger than the MTU of who gets it. */
const VLAN_HEADER = 4;
/** IP_MAX_MTU of include/net/ip.h, IPV6_MIN_MTU of include/linux/ipv6.h. */
const LARGEST = 0xfff0;
/** IPV6_MIN_MTU: every link of IPv6 carries this many bytes whole (RFC 8200, 5). */
export const SMALLEST_6 = 1280;
/** Header bytes of IP and TCP, without options. */
export const TCP_OVERHEAD: Readonly<Record<4 | 6, number>> = { 4: 40, 6: 60 };

/** Where a packet leaves, as far as its size goes. */
export interface SizedRoute {
  readonly family: 4 | 6;
  readonly route: Route | null;
  readonly dev: string;
  readonly destination: string;
}

/** What the kernel learnt about one destination, of the route that leads there. */
export const exceptionFor = (route: Route | null, destination: string): RouteException | undefined =>
  route?.exceptions?.find((learnt) => sameAddress(learnt.destination, destination));

const deviceMtu = (view: View, family: 4 | 6, dev: string): number => {
  const own = linkByName(view, dev)?.mtu ?? LARGEST;
  return family === 4 ? own : sysctlNumber(view, confKey6(dev, 'mtu'), own);
};

/** What sends from here goes by: ip_dst_mtu_maybe_forward() of include/net/ip.h and its IPv6 twin, not forwarding. */
export const ownMtu = (view: View, { family, route, dev, destination }: SizedRoute): number =>
  Math.min(
    exceptionFor(route, destination)?.mtu ?? route?.mtu ?? deviceMtu(view, family, dev),
    family === 4 ? LARGEST : Infinity,
  );

/** What a router goes by: it does not believe what it was told itself, unless it is made to; IPv6's ignores routes too. */
export const forwardMtu = (view: View, { family, route, dev, destination }: SizedRoute): number => {
  if (family === 6) return Math.max(deviceMtu(view, family, dev), SMALLEST_6);
  const learnt =
    sysctlNumber(view, 'net/ipv4/ip_forward_use_pmtu', 0) === 0
      ? undefined
      : exceptionFor(route, destination)?.mtu;
  return Math.min(learnt ?? route?.mtu ?? deviceMtu(view, family, dev), LARGEST);
};

/** Whether a device takes a frame of so many bytes of layer 3 that comes from another one (is_skb_forwardable()). */
export const takesFrame = (mtu: number, { size }: Packet): boolean => size <= mtu + VLAN_HEADER;

/** tcp_advertise_mss(): the largest segment that a SYN by this route asks for (ipv4_default_advmss(), ip6_default_advmss()). */
export const advertisedMss = (view: View, sized: SizedRoute): number => {
  const { family, route } = sized;
  if (route?.advertisedMss !== undefined) return route.advertisedMss;
  const fits = ownMtu(view, sized) - TCP_OVERHEAD[family];
  if (family === 6) return Math.min(Math.max(fits, SMALLEST_6 - TCP_OVERHEAD[6]), 0xffff);
  const least = sysctlNumber(view, 'net/ipv4/route/min_adv_mss', 256);
  return Math.min(Math.max(fits, least), 0xffff - TCP_OVERHEAD[4]);
};

/** ip_fragment(), ip6_fragment(): in pieces, none larger than the MTU; what is decided of the first holds for all. */
export const fragmented = (journey: Journey, dev: string, mtu: number): Journey => {
  const { size } = journey.packet;
  const step = withSteps(journey, { kind: 'size', dev, mtu, size, passed: true, fate: 'fragmented' });
  return { ...step, packet: { ...finished(step.packet), size: mtu } };
};

/** Layer 2 tells nobody: a wire's other end, or a bridge's port, has a smaller MTU than who sends. */
export const frameDropped = (journey: Journey, { name, mtu }: Link): Next =>
  ended(
    withSteps(journey, {
      kind: 'size',
      dev: name,
      mtu,
      size: journey.packet.size,
      passed: false,
      fate: 'silent',
    }),
    'too-big',
  );
