import { linkAt, type Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { bridgeFrame } from './bridge.ts';
import { leftBy, thrownAway } from './checksum.ts';
import { atDevice } from './device-hook.ts';
import {
  blocked,
  ended,
  enter,
  leaveBy,
  moving,
  withForks,
  withSteps,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import { ipvlansOf, ipvlanStep, ipvlanWith } from './ipvlan.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { childrenOf, siblingTaking } from './macvlan.ts';
import { frameDropped, takesFrame } from './mtu.ts';
import { isOwnPort, switchOf } from './openvswitch/own-port.ts';
import { switchFrame } from './openvswitch/switch.ts';
import { atTrafficControl } from './traffic-control.ts';
import { tunnelEnd, unseenLinks, unseenUser } from '../tunnel/tunnels.ts';
import { linkByIndex, openNamespace, type View } from '../view.ts';
import { linksOf, sendersOf, transmitProblem } from './wires.ts';
import { withoutLocal } from '../ip/packets.ts';

/** dev_queue_xmit(): the frame leaves by a device, whatever that device is. */
export function transmit(
  snapshot: Snapshot,
  view: View,
  begun: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] {
  const before = leftBy(begun, view.id, link);
  const problem = transmitProblem(link);
  if (problem) return [ended(withSteps(before, { kind: 'transmit', dev: link.name, problem }), 'link-down')];
  return atDevice(view, before, { hook: 'egress', dev: link.name, frame }, (allowed) =>
    atTrafficControl(view, allowed, { side: 'egress', link, frame }, (leaving) =>
      transmitUp(snapshot, view, leaving, link, frame),
    ),
  );
}

/** Past the device's own rules. */
const transmitUp = (
  snapshot: Snapshot,
  view: View,
  before: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] => {
  const { expected } = before;
  if (expected?.outsideDevice === link.name && expected.namespace === view.id)
    return exit(leaveBy(before, link.name), link);
  const bridge = link.kind.type === 'bridge' ? link : linkByIndex(view, link.master ?? 0);
  const ovs = switchOf(bridge);
  if (bridge && ovs && isOwnPort(link))
    return switchFrame(snapshot, view, before, { bridge, ovs, inPort: link, frame }, transmit);
  if (link.taken !== undefined && link.kind.type !== 'veth') return [blocked(before, link.taken, [])];
  if (link.kind.type === 'bridge')
    return bridgeFrame(snapshot, view, before, { bridge: link, inPort: null, frame }, transmit);
  const journey = leaveBy(before, link.name);
  switch (link.kind.type) {
    case 'veth':
      return throughWire(snapshot, view, journey, link, frame);
    case 'macvlan':
      return throughMacvlan(snapshot, view, journey, link, frame);
    case 'vlan':
      return throughLower(snapshot, view, journey, link, { ...frame, vlan: link.kind.id });
    case 'bond':
      return throughSlave(snapshot, view, journey, link, frame);
    case 'physical':
    case 'tun': {
      const unseen = unseenUser(snapshot, link);
      if (unseen.length > 0)
        return [blocked(journey, `who uses ${link.name} of ${view.label} is not known yet`, unseen)];
      return exit(withSteps(journey, { kind: 'transmit', dev: link.name }), link);
    }
    case 'vxlan':
      return [intoTunnel(view, journey, link, frame)];
    case 'dummy':
    case 'ifb':
      return [ended(withSteps(journey, { kind: 'transmit', dev: link.name }), 'blackhole')];
    case 'tunnel':
      return [
        tunnelEnd(snapshot, { namespace: view.id, link })
          ? intoTunnel(view, journey, link, frame)
          : blocked(journey, unmodelled(view, link), []),
      ];
    case 'team':
      return throughTeam(snapshot, view, journey, link, frame);
    case 'ipvlan':
      return throughIpvlan(snapshot, view, journey, link, frame);
    case 'vrf':
    case 'openvswitch':
      return link.ovs?.role === 'patch' || link.ovs?.role === 'internal' || link.peer
        ? throughWire(snapshot, view, journey, link, frame)
        : [blocked(journey, unmodelled(view, link), [])];
    case 'other':
      return [blocked(journey, unmodelled(view, link), [])];
    case 'loopback':
      return [blocked(journey, `a frame was to leave by ${link.name}`, [])];
  }
};

const intoTunnel = (view: View, journey: Journey, { name, index }: Link, frame: Frame): Next =>
  moving(withSteps(journey, { kind: 'transmit', dev: name }), {
    type: 'tunnel',
    namespace: view.id,
    link: index,
    frame,
  });

/** Whoever is out there verifies checksums too. */
const exit = (journey: Journey, { name }: Link): readonly Next[] =>
  thrownAway(journey, name) ?? [ended(withSteps(journey, { kind: 'exit', dev: name }), 'exits-machine')];

/** veth_xmit(): what goes in at one end comes out at the other; in another namespace the mark is gone. */
const throughWire = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] => {
  const { peer } = link;
  if (!peer?.namespace)
    return [
      blocked(
        journey,
        `the other end of ${link.name} of ${view.label} is in a namespace that cannot be seen`,
        link.ovs?.role === 'internal' ? unseenLinks(snapshot) : [],
      ),
    ];
  const far = linkAt(linksOf(snapshot, peer.namespace) ?? [], peer.index);
  if (far && !takesFrame(far.mtu, journey.packet))
    return [frameDropped(enter(journey, peer.namespace, far.name), far)];
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  const unmarked: Journey =
    peer.namespace === view.id ? sent : { ...sent, packet: withoutLocal(sent.packet) };
  return [moving(unmarked, { type: 'arrival', namespace: peer.namespace, link: peer.index, frame })];
};

/** What is not followed, with its name and what could settle it. */
const unmodelled = ({ label }: View, { name, kind, ovs }: Link): string => {
  switch (kind.type) {
    case 'tunnel':
      return `what becomes of a packet in the ${kind.kind} tunnel ${name} of ${label}${kind.remote === undefined ? '' : ` (to ${kind.remote})`} is not modelled`;
    case 'openvswitch':
      if (ovs?.role === 'tunnel' || ovs?.role === 'other' || ovs?.role === 'patch')
        return `where the port ${name} of Open vSwitch leads is not modelled`;
      return `${name} of ${label} belongs to Open vSwitch: ovs-appctl ofproto/trace shows what it does with the packet`;
    case 'other':
      return `${name} of ${label} is of the kind ${kind.kind}: not modelled`;
    default:
      return `${name} of ${label} is of the kind ${kind.type}: not modelled`;
  }
};

/** bond_start_xmit(): by the active slave; where several share the load, which one is not known and makes no difference here. */
const throughSlave = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  bond: Link,
  frame: Frame,
): readonly Next[] => {
  const [slave] = sendersOf(view.links, bond);
  if (!slave)
    return [
      ended(withSteps(journey, { kind: 'transmit', dev: bond.name, problem: 'no-carrier' }), 'link-down'),
    ];
  return transmit(snapshot, view, withSteps(journey, { kind: 'transmit', dev: bond.name }), slave, frame);
};

/** team_xmit(): which port a runner chooses, teamd knows; each of those that may be is followed. */
const throughTeam = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  team: Link,
  frame: Frame,
): readonly Next[] => {
  const ports = sendersOf(view.links, team);
  const [port] = ports;
  const sent = withSteps(journey, {
    kind: 'transmit',
    dev: team.name,
    ...(port ? {} : { problem: 'no-carrier' }),
  });
  if (!port) return [ended(sent, 'link-down')];
  const unknown = `which port of ${team.name} of ${view.label} sends is known to teamd alone`;
  const chosen = ports.length > 1 ? withForks(sent, [unknown]) : sent;
  return ports.flatMap((one) => transmit(snapshot, view, chosen, one, frame));
};

/** macvlan_queue_xmit(): to a sibling by way of the lower device (mode bridge), else out by it; never to its own host. */
const throughMacvlan = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] => {
  const { peer } = link;
  const siblings = peer?.namespace ? childrenOf(snapshot, peer.namespace, peer.index) : [];
  if (!peer?.namespace || !siblingTaking(siblings, link, frame.destination))
    return throughLower(snapshot, view, journey, link, frame);
  // dev_forward_skb(): as if it had just come in by the lower device.
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  const lower = linkAt(linksOf(snapshot, peer.namespace) ?? [], peer.index);
  if (lower && !takesFrame(lower.mtu, sent.packet)) {
    const there = peer.namespace === view.id ? sent : enter(sent, peer.namespace, lower.name);
    return [frameDropped(there, lower)];
  }
  const unmarked: Journey =
    peer.namespace === view.id ? sent : { ...sent, packet: withoutLocal(sent.packet) };
  return [moving(unmarked, { type: 'arrival', namespace: peer.namespace, link: peer.index, frame })];
};

/**
 * ipvlan_xmit_mode_l2() and _l3() of drivers/net/ipvlan: to another one on the device, by its address; else out by the device. In the
 * modes L3 and L3S the namespace of the device routes it and runs its rules.
 */
const throughIpvlan = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] => {
  const { kind, peer } = link;
  if (kind.type !== 'ipvlan' || !peer?.namespace) return throughLower(snapshot, view, journey, link, frame);
  const opened = openNamespace(snapshot, peer.namespace);
  const below = opened.state === 'open' ? linkAt(opened.view.links, peer.index) : undefined;
  if (!below) return throughLower(snapshot, view, journey, link, frame);
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  const to = (namespace: NamespaceId, { index }: Link): Next => {
    const crossed = namespace === view.id ? sent : { ...sent, packet: withoutLocal(sent.packet) };
    return moving(crossed, { type: 'arrival', namespace, link: index, frame });
  };
  const near = kind.mode !== 'l2' || frame.destination === link.mac;
  if (near && kind.flag !== 'vepa') {
    const sibling = ipvlanWith(ipvlansOf(snapshot, peer.namespace, peer.index), journey.packet.destination);
    if (sibling && kind.flag === 'private')
      return [ended(withSteps(sent, ipvlanStep(below.name, { link, kind }, 'siblings')), 'dropped')];
    if (sibling) return [to(sibling.namespace, sibling.link)];
    if (kind.mode === 'l2') return [to(peer.namespace, below)];
  }
  if (kind.mode === 'l2') return throughLower(snapshot, view, journey, link, frame);
  const unmarked: Journey =
    peer.namespace === view.id ? sent : { ...sent, packet: withoutLocal(sent.packet) };
  return [moving(unmarked, { type: 'again', namespace: peer.namespace, device: below.name })];
};

/** By the device that this one stands on, in its namespace. */
const throughLower = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] => {
  const { peer } = link;
  if (!peer?.namespace)
    return [
      blocked(
        journey,
        `the device below ${link.name} of ${view.label} is in a namespace that cannot be seen`,
        [],
      ),
    ];
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  const opened = openNamespace(snapshot, peer.namespace);
  if (opened.state === 'closed') return [blocked(sent, opened.reason, opened.missing)];
  const lower = linkAt(opened.view.links, peer.index);
  if (!lower) return [blocked(sent, `the device below ${link.name} was not found`, [])];
  const below = peer.namespace === view.id ? sent : enter(sent, peer.namespace, null);
  return transmit(snapshot, opened.view, below, lower, frame);
};
