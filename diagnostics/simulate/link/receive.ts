import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { bridgeCallsIptables } from './bridge-calls.ts';
import { atBridgeHook, bridgeFrame, staysInBridge } from './bridge.ts';
import { atDevice } from './device-hook.ts';
import { atHook } from '../netfilter/hooks.ts';
import { ipInput, routePrerouted } from '../ip/input.ts';
import {
  cameBy,
  ended,
  enter,
  withSteps,
  blocked,
  moving,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import { resolveNeighbour } from '../neighbour/neighbour.ts';
import { routeInput } from '../route/route-input.ts';
import { atTrafficControl } from './traffic-control.ts';
import { transmit } from './transmit.ts';
import { isHeardAbove, takenAbove } from './taken-above.ts';
import { admitted, bridgeDisposition, isLockedOut, leavesAs, withTag } from './bridge-port.ts';
import { isOwnPort, switchOf } from './openvswitch/own-port.ts';
import { switchFrame } from './openvswitch/switch.ts';
import { unseenLinks } from '../tunnel/tunnels.ts';
import { isInactive } from './wires.ts';
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
    const into = (journey: Journey, changed: Frame): readonly Next[] =>
      switchFrame(snapshot, view, journey, { bridge, ovs, inPort: link, frame: changed }, transmit);
    // A program's packet socket takes the frame before the device's own rules do (ptype_all).
    return ovs.userspace
      ? into(taken, frame)
      : atTrafficControl(view, taken, { side: 'ingress', link, frame }, (seen) =>
          atDevice(view, seen, { hook: 'ingress', dev: link.name, frame }, into),
        );
  }
  return atTrafficControl(view, entered, { side: 'ingress', link, frame }, (seen) =>
    atDevice(view, seen, { hook: 'ingress', dev: link.name, frame }, (journey, changed) =>
      receiveUp(snapshot, view, journey, link, changed),
    ),
  );
}

/** Past the device's own rules. */
const receiveUp = (
  snapshot: Snapshot,
  view: View,
  before: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] => {
  const journey = cameBy(before, frame);
  const above = takenAbove(snapshot, view.id, link, frame, journey.packet);
  if (above) return [moving(withSteps(journey, { kind: 'receive', dev: link.name }), above)];
  const master = link.master === undefined || isOwnPort(link) ? undefined : linkByIndex(view, link.master);
  if (link.taken !== undefined) return [blocked(journey, link.taken, [])];
  if (!master || master.kind.type === 'vrf') {
    // Everything that comes in by the lower device of a macvlan of mode passthru is for it.
    const all = link.kind.type === 'macvlan' && link.kind.mode === 'passthru';
    const counts = frame.packetType === undefined ? undefined : frame.packetType !== 'otherhost';
    const mine = counts ?? (all || frame.destination === null || frame.destination === link.mac);
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
  const port = { inDev: inPort.name, outDev: null };
  return atBridgeHook(view, journey, { hook: 'prerouting', ...port, frame }, (passed, taken) => {
    const entered = cameBy(passed, taken);
    const stays = staysInBridge(view, bridge, taken) || isHeardAbove(snapshot, view.id, bridge, taken);
    // eth_type_trans() at the port; the bridge counts its own address as well (br_handle_frame()), not those of its other ports.
    const mine =
      taken.packetType === undefined
        ? taken.destination !== null && [bridge.mac, inPort.mac].includes(taken.destination)
        : taken.packetType !== 'otherhost';
    const onward = { bridge, inPort, frame: taken };
    const keep = (kept: Journey, input: (journey: Journey) => readonly Next[]): readonly Next[] =>
      atBridgeHook(
        view,
        withSteps(kept, { ...place, by: 'local' }),
        { hook: 'input', ...port, frame: taken },
        input,
      );
    if (!bridgeCallsIptables(view, entered.packet))
      return stays
        ? keep(entered, (after) => upFromBridge(snapshot, view, after, onward, { mine, vlan: entry.vlan }))
        : bridgeFrame(snapshot, view, entered, onward, transmit);
    // br_netfilter: PREROUTING before the bridge decides; the IP stack does not run it again.
    return atHook(
      view,
      entered,
      { hook: 'prerouting', inDev: bridge.name, outDev: null, physicalIn: inPort.name },
      (after) => {
        if (after.packet.destination !== entered.packet.destination)
          return redirected(snapshot, view, after, onward);
        return stays
          ? keep(after, (kept) => upPrerouted(snapshot, view, kept, onward, mine))
          : bridgeFrame(snapshot, view, after, onward, transmit);
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
  const above = takenAbove(snapshot, view.id, bridge, withTag(frame, tag.tag), journey.packet);
  if (above) return [moving(journey, above)];
  return ipInput(snapshot, view, journey, { dev: bridge.name, mine });
};

/** What stands on the bridge, or its own stack, once br_netfilter ran PREROUTING for it (ip_sabotage_in()). */
const upPrerouted = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { bridge, frame }: PortFrame,
  mine: boolean,
): readonly Next[] => {
  const above = takenAbove(snapshot, view.id, bridge, frame, journey.packet);
  if (above && above.namespace !== view.id) return [moving(journey, above)];
  // br_nf_pre_routing_finish() gives it back the type that it came in with, which ip_rcv() asks for.
  if (!above && !mine) return ipInput(snapshot, view, journey, { dev: bridge.name, mine });
  const dev = above ? linkByIndex(view, above.link)?.name : undefined;
  return routePrerouted(snapshot, view, journey, dev ?? bridge.name);
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
