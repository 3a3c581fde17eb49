import { linkAt, type Link } from '../model/link.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { bridgeFrame } from './bridge.ts';
import { atDevice } from './device-hook.ts';
import {
  blocked,
  ended,
  enter,
  leaveBy,
  moving,
  withDoubts,
  withSteps,
  type Frame,
  type Journey,
  type Next,
} from './journey.ts';
import { macvlanOf } from './macvlan.ts';
import { frameDropped, takesFrame } from './mtu.ts';
import { linksOf, transmitProblem } from './segment.ts';
import type { View } from './view.ts';

/** dev_queue_xmit(): the frame leaves by a device, whatever that device is. */
export function transmit(
  snapshot: Snapshot,
  view: View,
  before: Journey,
  link: Link,
  frame: Frame,
): readonly Next[] {
  const problem = transmitProblem(link);
  if (problem) return [ended(withSteps(before, { kind: 'transmit', dev: link.name, problem }), 'link-down')];
  return atDevice(view, before, { hook: 'egress', dev: link.name, frame }, (leaving) =>
    transmitUp(snapshot, view, leaving, link, frame),
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
    return [ended(withSteps(leaveBy(before, link.name), { kind: 'exit', dev: link.name }), 'exits-machine')];
  if (link.kind.type === 'bridge')
    return bridgeFrame(snapshot, view, before, { bridge: link, inPort: null, frame }, transmit);
  const journey = leaveBy(before, link.name);
  switch (link.kind.type) {
    case 'veth':
      return throughWire(snapshot, view, journey, link, frame);
    case 'macvlan':
      return throughMacvlan(snapshot, view, journey, link, frame);
    case 'physical':
    case 'tun':
      return [
        ended(
          withSteps(journey, { kind: 'transmit', dev: link.name }, { kind: 'exit', dev: link.name }),
          'exits-machine',
        ),
      ];
    case 'vxlan':
      return [blocked(journey, `the tunnel ${link.name} of ${view.label} is not followed`, [])];
    case 'other':
      if (link.kind.kind === 'dummy')
        return [ended(withSteps(journey, { kind: 'transmit', dev: link.name }), 'blackhole')];
      return [
        blocked(journey, `${link.name} of ${view.label} is of the kind ${link.kind.kind}: not modelled`, []),
      ];
    case 'loopback':
      return [blocked(journey, `a frame was to leave by ${link.name}`, [])];
  }
};

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
        [],
      ),
    ];
  const far = linkAt(linksOf(snapshot, peer.namespace) ?? [], peer.index);
  if (far && !takesFrame(far.mtu, journey.packet))
    return [frameDropped(enter(journey, peer.namespace, far.name), far)];
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  const unmarked: Journey =
    peer.namespace === view.id ? sent : { ...sent, packet: { ...sent.packet, mark: 0 } };
  return [moving(unmarked, { type: 'arrival', namespace: peer.namespace, link: peer.index, frame })];
};

/** macvlan_queue_xmit(): to a sibling directly (mode bridge), else out by the lower device; never to its own host. */
const throughMacvlan = (
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
  const lowerLinks = linksOf(snapshot, peer.namespace);
  if (!lowerLinks)
    return [
      blocked(journey, `the device below ${link.name} was not looked at yet`, [
        { namespace: peer.namespace, fact: 'links' },
      ]),
    ];
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  if (link.kind.type === 'macvlan' && link.kind.mode === 'bridge') {
    const sibling = macvlanOf(snapshot, peer.namespace, peer.index, frame.destination, link);
    if (sibling && !takesFrame(sibling.link.mtu, sent.packet))
      return [frameDropped(enter(sent, sibling.namespace, sibling.link.name), sibling.link)];
    if (sibling)
      return [
        moving(
          { ...sent, packet: { ...sent.packet, mark: sibling.namespace === view.id ? sent.packet.mark : 0 } },
          { type: 'arrival', namespace: sibling.namespace, link: sibling.link.index, frame },
        ),
      ];
  }
  const lower = linkAt(lowerLinks, peer.index);
  if (!lower) return [blocked(sent, `the device below ${link.name} was not found`, [])];
  const problem = transmitProblem(lower);
  if (problem) return [ended(withSteps(sent, { kind: 'transmit', dev: lower.name, problem }), 'link-down')];
  if (lower.kind.type === 'veth' && lower.peer?.namespace)
    return [
      moving(sent, { type: 'arrival', namespace: lower.peer.namespace, link: lower.peer.index, frame }),
    ];
  if (lower.kind.type === 'physical')
    return [ended(withSteps(sent, { kind: 'exit', dev: lower.name }), 'exits-machine')];
  return [blocked(withDoubts(sent, []), `a macvlan on ${lower.name} is not followed`, [])];
};
