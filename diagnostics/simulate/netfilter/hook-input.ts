import { familyOf } from '../../model/ip.ts';
import type { Journey } from '../journey.ts';
import { bridgePortOf } from '../link/bridge-calls.ts';
import { ownMtu, TCP_OVERHEAD } from '../link/mtu.ts';
import { routeFromHere } from '../route/from-here.ts';
import type { Found } from '../route/input-route.ts';
import { addressType, type RouteResult } from '../route/route.ts';
import { realmsAt } from '../route/realm.ts';
import { addressesOf, selectAddress } from '../route/source-address.ts';
import { addressScope, isUsable, selectSource } from '../route/source-selection.ts';
import { vrfOf } from '../route/vrf.ts';
import { linkByIndex, linkByName, loopback, type View } from '../view.ts';
import { deviceSeen } from './device-seen.ts';
import type { HookPlace } from './hook-place.ts';
import type { HookInput, Sender } from './types.ts';

/** What rules can ask about the place where they meet a packet: its devices, its routes, who made it. */
export const placeInput = (
  view: View,
  journey: Journey,
  place: HookPlace,
): Omit<HookInput, 'packet' | 'nat' | 'connection'> => {
  const { inDev, outDev, vrfPort, physicalOut, frame, layer, towards } = place;
  const ether = frame ? { ...frame, destination: frame.group ?? frame.destination } : journey.ether;
  const packetType = frame ? frame.packetType : journey.toMany;
  const physicalIn = place.physicalIn ?? (layer ? null : bridgePortOf(view, journey));
  return {
    inDev,
    outDev,
    ...(vrfPort === undefined ? {} : { vrfPort }),
    ...(physicalIn === null ? {} : { physicalIn }),
    ...(physicalOut === undefined ? {} : { physicalOut }),
    ...(ether?.source ? { etherSource: ether.source } : {}),
    ...(ether?.destination ? { etherDestination: ether.destination } : {}),
    ...(packetType ? { packetType } : {}),
    ...(layer === 'bridge' ? macsAt(view, inDev) : {}),
    ...(frame?.vlan === undefined ? {} : { vlan: frame.vlan }),
    ...(towards ? { nextHop: towards } : {}),
    addressType: (address, dev) => addressType(view, address, dev),
    deviceAddress: (dev, destination) => deviceAddress(view, place, dev, destination),
    groupOf: (dev) => groupOf(view, dev),
    deviceSeen: (dev) => deviceSeen(view, dev),
    routeDevice: (address, other, mark) => routeDevice(view, journey, { address, other, mark }),
    ...senderOf(journey, place),
    ...connectionsIn(view),
    realm: () => realmsAt(view, journey.packet, place),
    routeMss: () => routeMss(view, journey, place),
    leavesBy: (address, other, dev, mark) => leavesBy(view, journey, { address, other, dev, mark }),
  };
};

/** Of the bridge whose port a frame comes in by, and of that port. */
const macsAt = (view: View, dev: string | null): Pick<HookInput, 'bridgeMac' | 'portMac'> => {
  const port = dev === null ? undefined : linkByName(view, dev);
  const bridge = port?.master === undefined ? undefined : linkByIndex(view, port.master);
  return { portMac: port?.mac ?? null, bridgeMac: bridge?.mac ?? null };
};

/** Most interfaces are in group 0, which is not written down. */
const groupOf = (view: View, dev: string): number | null => {
  const link = linkByName(view, dev);
  return link?.group === undefined ? 0 : link.group;
};

/** Who made the packet: known where it is sent (skb->sk), and nobody where it was only passed on. */
function senderOf({ hops, sender }: Journey, place: HookPlace): { readonly sender?: Sender | null } {
  const sent = place.hook === 'output' || (place.hook === 'postrouting' && place.inDev === null);
  const passedOn = place.hook === 'forward' || hops.length > 1 || place.physicalIn !== undefined;
  if (passedOn || (place.hook === 'postrouting' && place.inDev !== null)) return { sender: null };
  return sent && sender !== undefined ? { sender } : {};
}

/** How many connections the namespace follows, where it says so. */
const connectionsIn = ({ sysctls }: View): Pick<HookInput, 'connectionCount'> => {
  const count = sysctls['net/netfilter/nf_conntrack_count'];
  return count === undefined ? {} : { connectionCount: Number(count) };
};

/** xt_rpfilter and `fib saddr . iif oif`: whether the way to an end of the packet leaves by the device. */
const leavesBy = (
  view: View,
  { packet }: Journey,
  asked: { readonly address: string; readonly other: string; readonly dev: string; readonly mark: number },
): boolean => {
  const found = routeFromHere(view, {
    family: packet.family,
    destination: asked.address,
    source: asked.other,
    within: asked.dev,
    mark: asked.mark,
  });
  // fib_info_nh_uses_dev(): a VRF stands for all that belong to it.
  return (
    leadsElsewhere(found) &&
    found.route.nextHops.some(({ dev }) => dev === asked.dev || vrfOf(view, dev ?? null)?.name === asked.dev)
  );
};

/** nft_fib4_eval() and nft_fib6_eval() without an interface: the device of the route to an address, if it is one to elsewhere. */
const routeDevice = (
  view: View,
  { packet }: Journey,
  asked: { readonly address: string; readonly other: string; readonly mark: number },
): string => {
  const found = routeFromHere(view, {
    family: packet.family,
    destination: asked.address,
    source: asked.other,
    mark: asked.mark,
  });
  return leadsElsewhere(found) ? (found.hop.dev ?? '') : '';
};

/** What leads to this machine itself is no way there: RTN_LOCAL; RTF_LOCAL and RTF_ANYCAST of IPv6. */
const leadsElsewhere = (found: RouteResult | undefined): found is Found =>
  found?.found === true && found.route.type !== 'local' && found.route.type !== 'anycast';

/** nft_rt_get_eval() and xt_TCPMSS: the smaller of the ways on and back, as seen by whoever sends from here. */
const routeMss = (view: View, { packet }: Journey, { outDev }: HookPlace): number => {
  const mtuTo = (destination: string, device: string | null): number => {
    const found = routeFromHere(view, {
      family: packet.family,
      destination,
      source: null,
      outDev: device,
      mark: packet.mark,
    });
    return found?.found
      ? ownMtu(view, {
          family: packet.family,
          route: found.route,
          dev: found.hop.dev ?? '',
          destination,
        })
      : Infinity;
  };
  return (
    Math.min(mtuTo(packet.destination, outDev), mtuTo(packet.source, null)) - TCP_OVERHEAD[packet.family]
  );
};

/** What MASQUERADE (output device) and REDIRECT (input device, or loopback for what is made here) take. */
const deviceAddress = (view: View, place: HookPlace, dev: string, destination: string): string | null => {
  if (familyOf(destination) === 6) return deviceAddress6(view, place, dev, destination);
  if (place.hook === 'postrouting') return selectAddress(view, dev, place.towards ?? destination, 0);
  if (place.hook === 'output') return '127.0.0.1';
  const link = dev === loopback(view)?.name ? loopback(view) : linkByName(view, dev);
  return link ? (addressesOf(link, 4)[0]?.address ?? null) : null;
};

/** nf_nat_masquerade_ipv6() and nf_nat_redirect_ipv6(). */
const deviceAddress6 = (view: View, place: HookPlace, dev: string, destination: string): string | null => {
  if (place.hook === 'postrouting') return selectSource(view, dev, destination);
  if (place.hook === 'output') return '::1';
  const link = linkByName(view, dev);
  const scope = addressScope(destination);
  const usable = link ? addressesOf(link, 6).filter(isUsable) : [];
  return usable.find(({ address }) => addressScope(address) === scope)?.address ?? null;
};
