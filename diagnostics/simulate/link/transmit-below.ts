import { linkAt, type Link } from '../../model/link.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { namespaceLabel } from '../../model/namespace.ts';
import { findNamespace, type Snapshot } from '../../model/snapshot.ts';
import {
  blocked,
  ended,
  enter,
  moving,
  withDoubts,
  withForks,
  withSteps,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import { openNamespace, type View } from '../view.ts';
import { ipvlansOf, ipvlanStep, ipvlanWith } from './ipvlan.ts';
import { childrenOf, siblingTaking, type Child } from './macvlan.ts';
import { frameDropped, takesFrame } from './mtu.ts';
import type { Transmit } from './transmitter.ts';
import { arriveAt, crossing } from './crossing.ts';
import { linksOf, sendersOf } from './wires.ts';

/** A frame that leaves by a device which stands on others. */
export interface Leaving {
  readonly snapshot: Snapshot;
  readonly view: View;
  readonly link: Link;
  readonly frame: Frame;
  /** Sends by the device below. */
  readonly transmit: Transmit;
}

/** bond_start_xmit(): by the active slave; where several share the load, which one is not known and makes no difference here. */
export const throughSlave = (at: Leaving, journey: Journey): readonly Next[] => {
  const { snapshot, view, link: bond, frame, transmit } = at;
  const [slave] = sendersOf(view.links, bond);
  if (!slave)
    return [
      ended(withSteps(journey, { kind: 'transmit', dev: bond.name, problem: 'no-carrier' }), 'link-down'),
    ];
  return transmit(snapshot, view, withSteps(journey, { kind: 'transmit', dev: bond.name }), slave, frame);
};

/** team_xmit(): which port a runner chooses, teamd knows; each of those that may be is followed. */
export const throughTeam = (at: Leaving, journey: Journey): readonly Next[] => {
  const { snapshot, view, link: team, frame, transmit } = at;
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
export const throughMacvlan = (at: Leaving, journey: Journey): readonly Next[] => {
  const { snapshot, view, link, frame } = at;
  const { peer } = link;
  const siblings = peer?.namespace ? childrenOf(snapshot, peer.namespace, peer.index) : [];
  const taking = siblingTaking(siblings, link, frame);
  if (!peer?.namespace || !taking) return throughLower(at, journey);
  const { sibling } = taking;
  if (!taking.certain) return throughLower(at, withDoubts(journey, [unjoinedText(snapshot, sibling, frame)]));
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  const lower = linkAt(linksOf(snapshot, peer.namespace) ?? [], peer.index);
  if (lower && !takesFrame(lower.mtu, sent.packet)) {
    const there = peer.namespace === view.id ? sent : enter(sent, peer.namespace, lower.name);
    return [frameDropped(there, lower)];
  }
  // What is for many is handed to each of them (macvlan_broadcast()); the rest as if it had just come in by the lower device.
  const { namespace, index } =
    frame.group === undefined
      ? { ...peer, namespace: peer.namespace }
      : { ...sibling, index: sibling.link.index };
  return [moving(crossing(view, sent, namespace), { type: 'arrival', namespace, link: index, frame })];
};

const unjoinedText = (snapshot: Snapshot, { namespace, link }: Child, { group = '' }: Frame): string => {
  const place = findNamespace(snapshot, namespace);
  const label = place ? namespaceLabel(place) : namespace;
  return `${link.name} of ${label} has not joined the group ${group}: it takes its frames only where the kernel gives it the hash of another group`;
};

/**
 * ipvlan_xmit_mode_l2() and _l3() of drivers/net/ipvlan: to another one on the device, by its address; else out by the device. In the
 * modes L3 and L3S the namespace of the device routes it and runs its rules.
 */
export const throughIpvlan = (at: Leaving, journey: Journey): readonly Next[] => {
  const { snapshot, view, link, frame } = at;
  const { kind, peer } = link;
  if (kind.type !== 'ipvlan' || !peer?.namespace) return throughLower(at, journey);
  const opened = openNamespace(snapshot, peer.namespace);
  const below = opened.state === 'open' ? linkAt(opened.view.links, peer.index) : undefined;
  if (!below) return throughLower(at, journey);
  const sent = withSteps(journey, { kind: 'transmit', dev: link.name });
  const to = (namespace: NamespaceId, { index }: Link): Next =>
    arriveAt(view, sent, { namespace, link: index }, frame);
  const near = kind.mode !== 'l2' || frame.destination === link.mac;
  if (near && kind.flag !== 'vepa') {
    const sibling = ipvlanWith(ipvlansOf(snapshot, peer.namespace, peer.index), journey.packet.destination);
    if (sibling && kind.flag === 'private')
      return [ended(withSteps(sent, ipvlanStep(below.name, { link, kind }, 'siblings')), 'dropped')];
    if (sibling) return [to(sibling.namespace, sibling.link)];
    if (kind.mode === 'l2') return [to(peer.namespace, below)];
  }
  if (kind.mode === 'l2') return throughLower(at, journey);
  return [
    moving(crossing(view, sent, peer.namespace), {
      type: 'again',
      namespace: peer.namespace,
      device: below.name,
    }),
  ];
};

/** By the device that this one stands on, in its namespace. */
export const throughLower = (at: Leaving, journey: Journey): readonly Next[] => {
  const { snapshot, view, link, frame, transmit } = at;
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
