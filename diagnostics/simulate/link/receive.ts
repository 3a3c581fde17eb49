import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import {
  atBridgeHook,
  bridgeCallsIptables,
  bridgeFrame,
  staysInBridge,
  tagged as withTag,
} from './bridge.ts';
import { atDevice } from './device-hook.ts';
import { atHook } from '../netfilter/hooks.ts';
import { ipInput, routePrerouted } from '../ip/input.ts';
import {
  ended,
  enter,
  withSteps,
  blocked,
  moving,
  type Frame,
  type Journey,
  type Next,
  type Place,
} from '../journey.ts';
import { resolveNeighbour } from '../neighbour/neighbour.ts';
import { routeInput } from '../route/route-input.ts';
import { atTrafficControl } from './traffic-control.ts';
import { transmit } from './transmit.ts';
import { ipvlansOf, ipvlanWith } from './ipvlan.ts';
import { childrenOf, childTaking } from './macvlan.ts';
import { admitted, bridgeDisposition, isLockedOut, leavesAs } from './bridge-port.ts';
import { isOwnPort, switchOf } from './openvswitch/own-port.ts';
import { switchFrame } from './openvswitch/switch.ts';
import { unseenLinks } from '../tunnel/tunnels.ts';
import { bridgeMacs, isInactive, uppersOf } from './wires.ts';
import { linkByIndex, type View } from '../view.ts';

/** A frame comes in by a device: __netif_receive_skb_core(), with a bridge's or macvlan's receive handler. */
export function receiveFrame(
  snapshot: Snapshot,
  view: View,
  before: Journey,
  index: number,
  frame: Frame,
): readonly Next[] {
  const link = linkByIndex(view, index);
  if (!link) {
    const lost = enter(before, view.id, null);
    return [blocked(lost, `the other end of the wire was not found in ${view.label}`, [])];
  }
  const entered = enter(before, view.id, link.name);
  if (!link.up)
    return [ended(withSteps(entered, { kind: 'receive', dev: link.name, problem: 'down' }), 'link-down')];
  const bridge = link.master === undefined ? undefined : linkByIndex(view, link.master);
  const ovs = switchOf(bridge);
  if (bridge && ovs && !isOwnPort(link)) {
    const taken = withSteps(entered, { kind: 'receive', dev: link.name });
    const into = (journey: Journey): readonly Next[] =>
      switchFrame(snapshot, view, journey, { bridge, ovs, inPort: link, frame }, transmit);
    // A program's packet socket takes the frame before the device's own rules do (ptype_all).
    return ovs.userspace
      ? into(taken)
      : atTrafficControl(view, taken, { side: 'ingress', link, frame }, (seen) =>
          atDevice(view, seen, { hook: 'ingress', dev: link.name, frame }, into),
        );
  }
  return atTrafficControl(view, entered, { side: 'ingress', link, frame }, (seen) =>
    atDevice(view, seen, { hook: 'ingress', dev: link.name, frame }, (journey) =>
      receiveUp(snapshot, view, journey, link, frame),
    ),
  );
}

/** Past the device's own rules. */
const receiveUp = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] => {
  const tagged = uppersOf(snapshot, view.id, link.index).find(
    ({ link: upper }) => upper.kind.type === 'vlan' && upper.kind.id === frame.vlan,
  );
  const child = childTaking(childrenOf(snapshot, view.id, link.index), frame);
  const upper = tagged ?? child;
  if (upper && upper.link !== link)
    return [
      moving(withSteps(journey, { kind: 'receive', dev: link.name }), {
        type: 'arrival',
        namespace: upper.namespace,
        link: upper.link.index,
        frame: tagged ? withTag(frame, null) : frame,
      }),
    ];
  const below = ipvlanBelow(snapshot, view.id, link, journey, frame);
  if (below) return [moving(withSteps(journey, { kind: 'receive', dev: link.name }), below)];
  const master = link.master === undefined || isOwnPort(link) ? undefined : linkByIndex(view, link.master);
  if (link.taken !== undefined) return [blocked(journey, link.taken, [])];
  if (!master || master.kind.type === 'vrf') {
    // Everything that comes in by the lower device of a macvlan of mode passthru is for it.
    const all = link.kind.type === 'macvlan' && link.kind.mode === 'passthru';
    const mine = all || frame.destination === null || frame.destination === link.mac;
    const unseen = mine && !link.promiscuous ? [] : unseenLinks(snapshot);
    if (unseen.length > 0)
      return [blocked(journey, `what stands on ${link.name} of ${view.label} is not known yet`, unseen)];
    if (frame.vlan !== undefined && frame.vlan !== 0)
      return [
        ended(
          withSteps(journey, { kind: 'receive', dev: link.name, problem: 'no-such-vlan' }),
          'filtered-source',
        ),
      ];
    return ipInput(snapshot, view, journey, {
      dev: link.name,
      mine,
    });
  }
  if (isInactive(link, master))
    return [
      ended(withSteps(journey, { kind: 'receive', dev: link.name, problem: 'waits' }), 'filtered-source'),
    ];
  if (master.kind.type === 'bond' || master.kind.type === 'team')
    return [
      moving(withSteps(journey, { kind: 'receive', dev: link.name }), {
        type: 'arrival',
        namespace: view.id,
        link: master.index,
        frame,
      }),
    ];
  if (master.kind.type === 'openvswitch' || master.kind.type === 'other')
    return [
      blocked(
        journey,
        `${link.name} of ${view.label} belongs to ${master.name}${master.kind.type === 'openvswitch' || /^ovs/.test(master.name) ? ' (Open vSwitch): ovs-appctl ofproto/trace shows what it does with the packet' : ': not modelled'}`,
        [],
      ),
    ];
  if (master.kind.type !== 'bridge')
    return [blocked(journey, `${link.name} of ${view.label} belongs to ${master.name}: not modelled`, [])];
  return bridgeInput(snapshot, view, journey, { bridge: master, inPort: link, frame });
};

/** ipvlan_handle_mode_l2() and _l3() of drivers/net/ipvlan: by its address a packet is for the one on the device that has it. */
const ipvlanBelow = (
  snapshot: Snapshot,
  namespace: string,
  { index }: Link,
  { packet }: Journey,
  frame: Frame,
): Extract<Place, { type: 'arrival' }> | null => {
  const children = ipvlansOf(snapshot, namespace, index);
  if (children.length === 0 || children[0]?.kind.mode === 'l3s' || frame.destination === BROADCAST)
    return null;
  const child = ipvlanWith(children, packet.destination);
  return child && { type: 'arrival', namespace: child.namespace, link: child.link.index, frame };
};

const BROADCAST = 'ff:ff:ff:ff:ff:ff';

interface PortFrame {
  readonly bridge: Link;
  readonly inPort: Link;
  readonly frame: Frame;
}

/** br_handle_frame() of net/bridge/br_input.c. */
const bridgeInput = (snapshot: Snapshot, view: View, before: Journey, at: PortFrame): readonly Next[] => {
  const { bridge, inPort, frame } = at;
  const journey = withSteps(before, { kind: 'receive', dev: inPort.name });
  const place = { kind: 'bridge' as const, bridge: bridge.name, inPort: inPort.name, outPort: null };
  if (!bridge.up)
    return [ended(withSteps(journey, { ...place, by: 'local', problem: 'bridge-down' }), 'link-down')];
  if (inPort.port && inPort.port.state !== 'forwarding')
    return [
      ended(withSteps(journey, { ...place, by: 'local', problem: 'port-not-forwarding' }), 'link-down'),
    ];
  const entry = admitted(bridge, inPort, frame.vlan ?? null);
  const refused =
    entry === 'refused' ? 'vlan' : isLockedOut(view.fdb, bridge, inPort, frame.source) ? 'locked' : null;
  if (refused || entry === 'refused')
    return [
      ended(
        withSteps(journey, { ...place, by: 'local', problem: refused ?? 'vlan' }),
        bridgeDisposition(refused ?? 'vlan'),
      ),
    ];
  const stays = staysInBridge(view, bridge, frame);
  const mine = frame.destination !== null && bridgeMacs(view.links, bridge).includes(frame.destination);
  const port = { inDev: inPort.name, outDev: null, frame };
  const keep = (kept: Journey, input: (journey: Journey) => readonly Next[]): readonly Next[] =>
    atBridgeHook(view, withSteps(kept, { ...place, by: 'local' }), { hook: 'input', ...port }, input);
  return atBridgeHook(view, journey, { hook: 'prerouting', ...port }, (entered) => {
    if (!bridgeCallsIptables(view, entered.packet))
      return stays
        ? keep(entered, (after) => upFromBridge(snapshot, view, after, at, { mine, vlan: entry.vlan }))
        : bridgeFrame(snapshot, view, entered, at, transmit);
    // br_netfilter: PREROUTING before the bridge decides; the IP stack does not run it again.
    return atHook(
      view,
      entered,
      { hook: 'prerouting', inDev: bridge.name, outDev: null, physicalIn: inPort.name },
      (after) => {
        if (after.packet.destination !== entered.packet.destination)
          return redirected(snapshot, view, after, at);
        return stays
          ? keep(after, (kept) => routePrerouted(snapshot, view, kept, bridge.name))
          : bridgeFrame(snapshot, view, after, at, transmit);
      },
    );
  });
};

/** br_pass_frame_up(): to the bridge's own stack, to a VLAN device or a macvlan on it. */
const upFromBridge = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { bridge, inPort, frame }: PortFrame,
  { mine, vlan }: { readonly mine: boolean; readonly vlan: number | null },
): readonly Next[] => {
  const tag = leavesAs(bridge, vlan, frame.vlan ?? null);
  if (tag === 'refused')
    return [
      ended(
        withSteps(journey, {
          kind: 'bridge',
          bridge: bridge.name,
          inPort: inPort.name,
          outPort: null,
          by: 'local',
          problem: 'vlan',
        }),
        'filtered-source',
      ),
    ];
  const upper = uppersOf(snapshot, view.id, bridge.index).find(
    ({ link }) => link.kind.type === 'vlan' && link.kind.id === tag.tag,
  );
  if (upper)
    return [
      moving(journey, {
        type: 'arrival',
        namespace: upper.namespace,
        link: upper.link.index,
        frame: withTag(frame, null),
      }),
    ];
  const below = ipvlanBelow(snapshot, view.id, bridge, journey, frame);
  if (below) return [moving(journey, below)];
  return ipInput(snapshot, view, journey, { dev: bridge.name, mine });
};

/**
 * br_nf_pre_routing_finish(): a bridged frame whose destination was rewritten is bridged on where the new destination is on
 * the same bridge, else it is taken by the IP stack.
 */
const redirected = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { bridge, inPort, frame }: PortFrame,
): readonly Next[] => {
  const { packet } = journey;
  const local = withSteps(journey, {
    kind: 'bridge',
    bridge: bridge.name,
    inPort: inPort.name,
    outPort: null,
    by: 'local',
  });
  const route = routeInput(view, {
    source: packet.source,
    destination: packet.destination,
    dev: bridge.name,
    mark: packet.mark,
  })[0];
  if (route?.type !== 'forward' || route.result.hop.dev !== bridge.name)
    return routePrerouted(snapshot, view, local, bridge.name);
  const towards = route.result.hop.via ?? packet.destination;
  const found = resolveNeighbour(snapshot, view, bridge, towards, journey);
  if (found.type !== 'resolved') return routePrerouted(snapshot, view, local, bridge.name);
  const stepped = withSteps(found.journey, {
    kind: 'neighbour',
    address: towards,
    dev: bridge.name,
    mac: found.mac,
    by: found.by,
    ...(found.owner === undefined ? {} : { owner: found.owner }),
  });
  const onward = { ...frame, destination: found.mac, fresh: found.fresh };
  return bridgeFrame(snapshot, view, stepped, { bridge, inPort, frame: onward }, transmit);
};
