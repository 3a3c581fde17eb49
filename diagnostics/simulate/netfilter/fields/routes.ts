import { parseAddress } from '../../../model/ip.ts';
import type { Packet } from '../../../model/packet.ts';
import type { View } from '../state.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';

type End = 'source' | 'destination';

const otherEnd = ({ source, destination }: Packet, end: End): string =>
  end === 'source' ? destination : source;

const addressType =
  (end: End, side?: 'inDev' | 'outDev'): FieldReader =>
  ({ packet, scope: { input } }) => {
    const device = side && input[side];
    return known(device ? input.addressType(packet[end], device) : input.addressType(packet[end]));
  };

function routeByIncoming({ packet, scope: { input } }: View, end: End, mark: number): FieldValue {
  const { inDev, leavesBy } = input;
  if (inDev === null) return 'missing';
  // nft_fib_is_loopback(): the loopback is always a way back to itself.
  if (inDev === 'lo') return 'exists';
  const answer = leavesBy?.(packet[end], otherEnd(packet, end), inDev, mark) ?? null;
  return answer === null ? UNKNOWN : answer ? 'exists' : 'missing';
}

/** nft_fib4_eval() with an interface: that one, or none. */
function sameDevice(view: View, end: End, mark: number): FieldValue {
  const exists = routeByIncoming(view, end, mark);
  return exists === UNKNOWN ? UNKNOWN : exists === 'exists' ? (view.scope.input.inDev ?? '') : '';
}

/** nft_fib_is_loopback(): what comes by the loopback is looked for there. */
function deviceTo({ packet, scope: { input } }: View, end: End, mark: number): FieldValue {
  if (input.inDev === 'lo') return 'lo';
  return known(input.routeDevice?.(packet[end], otherEnd(packet, end), mark));
}

/** Before a packet is routed, it has no route (nft_rt_get_eval(), realm_mt()). */
const isRouted = ({ scope: { hook } }: View): boolean => hook !== 'prerouting' && hook !== 'ingress';

/** What stays here goes to its own address. */
function nextHop(view: View): FieldValue {
  const { hook, input } = view.scope;
  if (!isRouted(view)) return ABSENT;
  if (hook === 'input') return view.destination ?? ABSENT;
  return known(input.nextHop === undefined ? null : parseAddress(input.nextHop));
}

/** IPv6's routes are all of realm 0. */
const realm = (view: View): FieldValue =>
  !isRouted(view) ? ABSENT : view.packet.family === 6 ? 0 : known(view.scope.input.realm?.());

/** What the routing tables say of the packet (nft_fib_eval(), nft_rt_get_eval(), xt_addrtype, xt_rpfilter, xt_realm). */
export const ROUTE_FIELDS = {
  'saddr type': addressType('source'),
  'daddr type': addressType('destination'),
  'saddr type iif': addressType('source', 'inDev'),
  'saddr type oif': addressType('source', 'outDev'),
  'daddr type iif': addressType('destination', 'inDev'),
  'daddr type oif': addressType('destination', 'outDev'),
  'reverse route': (view) => routeByIncoming(view, 'source', 0),
  'reverse route with mark': (view) => routeByIncoming(view, 'source', view.packet.mark),
  'reverse device': (view) => sameDevice(view, 'source', 0),
  'reverse device with mark': (view) => sameDevice(view, 'source', view.packet.mark),
  'onward device': (view) => sameDevice(view, 'destination', 0),
  'onward device with mark': (view) => sameDevice(view, 'destination', view.packet.mark),
  'route to source': (view) => deviceTo(view, 'source', 0),
  'route to source with mark': (view) => deviceTo(view, 'source', view.packet.mark),
  'route to destination': (view) => deviceTo(view, 'destination', 0),
  'route to destination with mark': (view) => deviceTo(view, 'destination', view.packet.mark),
  'next hop': nextHop,
  'route mss': ({ scope }) => known(scope.input.routeMss?.()),
  realm,
} satisfies Record<string, FieldReader>;
