import { linkAt, type Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { bridgeFrame } from './bridge.ts';
import { withTag } from './bridge-port.ts';
import { leftBy, thrownAway } from './checksum.ts';
import { atDevice } from './device-hook.ts';
import {
  blocked,
  ended,
  enter,
  leaveBy,
  moving,
  withSteps,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import { frameDropped, takesFrame } from './mtu.ts';
import { isOwnPort, switchOf } from './openvswitch/own-port.ts';
import { switchFrame } from './openvswitch/switch.ts';
import { atTrafficControl } from './traffic-control.ts';
import { throughIpvlan, throughLower, throughMacvlan, throughSlave, throughTeam } from './transmit-below.ts';
import { tunnelEnd, unseenLinks, unseenUser } from '../tunnel/tunnels.ts';
import { linkByIndex, type View } from '../view.ts';
import { arriveAt } from './crossing.ts';
import { linksOf, transmitProblem } from './wires.ts';

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
  return atDevice(view, before, { hook: 'egress', dev: link.name, frame }, (allowed, changed) => {
    const sent = withTag(changed, changed.vlan ?? null);
    return atTrafficControl(view, allowed, { side: 'egress', link, frame: sent }, (leaving) =>
      transmitUp(snapshot, view, leaving, link, sent),
    );
  });
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
  const below = { snapshot, view, link, frame, transmit };
  switch (link.kind.type) {
    case 'veth':
      return throughWire(snapshot, view, journey, link, frame);
    case 'macvlan':
      return throughMacvlan(below, journey);
    case 'vlan':
      return throughLower({ ...below, frame: { ...frame, vlan: link.kind.id } }, journey);
    case 'bond':
      return throughSlave(below, journey);
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
      return throughTeam(below, journey);
    case 'ipvlan':
      return throughIpvlan(below, journey);
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
  return [arriveAt(view, sent, { namespace: peer.namespace, link: peer.index }, frame)];
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
