import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Packet } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Frame, Place } from '../journey.ts';
import { withTag } from './bridge-port.ts';
import { ipvlansOf, ipvlanWith } from './ipvlan.ts';
import { childrenOf, childTaking } from './macvlan.ts';
import { uppersOf } from './wires.ts';
import { EVERYBODY } from './group-address.ts';

type Arrival = Extract<Place, { type: 'arrival' }>;

/** The device standing on another one that takes a frame which came in by that: of its VLAN, a macvlan or an ipvlan; null: none. */
export function takenAbove(
  snapshot: Snapshot,
  namespace: NamespaceId,
  link: Link,
  frame: Frame,
  packet: Packet,
): Arrival | null {
  const tagged = uppersOf(snapshot, namespace, link.index).find(
    ({ link: upper }) => upper.kind.type === 'vlan' && upper.kind.id === frame.vlan,
  );
  const upper = tagged ?? childTaking(childrenOf(snapshot, namespace, link.index), frame);
  if (upper && upper.link !== link)
    return {
      type: 'arrival',
      namespace: upper.namespace,
      link: upper.link.index,
      frame: tagged ? withTag(frame, null) : frame,
    };
  return ipvlanAbove(snapshot, namespace, link, frame, packet);
}

/**
 * Whether a bridge listens to a frame for what stands on it: an address of its own on a device above makes the bridge take all
 * (dev_uc_add(), __dev_set_rx_mode() of net/core/dev_addr_lists.c: a bridge does not sort unicast addresses out itself).
 */
export const isHeardAbove = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  bridge: Link,
  { destination }: Frame,
): boolean =>
  destination !== null &&
  uppersOf(snapshot, namespace, bridge.index).some(({ link }) => link.up && link.mac === destination);

/** ipvlan_handle_mode_l2() and _l3() of drivers/net/ipvlan: by its address a packet is for the one on the device that has it. */
const ipvlanAbove = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  { index }: Link,
  frame: Frame,
  { destination }: Packet,
): Arrival | null => {
  const children = ipvlansOf(snapshot, namespace, index);
  if (
    children.length === 0 ||
    children[0]?.kind.mode === 'l3s' ||
    (frame.group ?? frame.destination) === EVERYBODY
  )
    return null;
  const child = ipvlanWith(children, destination);
  return child && { type: 'arrival', namespace: child.namespace, link: child.link.index, frame };
};
