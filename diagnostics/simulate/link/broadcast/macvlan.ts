import type { NamespaceId } from '../../../model/ids.ts';
import type { Link } from '../../../model/link.ts';
import { apart, childrenOf, heardBySiblings, heardFromOutside, lowerHears, type Child } from '../macvlan.ts';
import type { Fault } from '../station.ts';
import { notUp, type Flood, type Place, type Wave } from './flood.ts';

/** macvlan_queue_xmit(): its siblings of mode bridge hear it at once; its own host does not. */
export function fromChild(flood: Flood, namespace: NamespaceId, link: Link, wave: Wave): void {
  const { peer } = link;
  const children = peer?.namespace ? childrenOf(flood.snapshot, peer.namespace, peer.index) : [];
  const own = children.find((child) => child.namespace === namespace && child.link.index === link.index);
  if (own)
    for (const child of children)
      if (child !== own && heardBySiblings(own, child)) toChild(flood, child, wave);
  const lower = flood.below(link, wave);
  if (!lower || !own || !peer?.namespace) return;
  const lost = (problem: 'host-and-child' | 'siblings', child: Child): Wave => ({
    ...wave,
    fault: wave.fault ?? apart(lower, child.link.name, child.kind.mode, problem),
  });
  for (const child of children)
    if (child !== own && !heardBySiblings(own, child))
      toChild(flood, child, lost('siblings', own.kind.mode === 'bridge' ? child : own));
  flood.station(lower.namespace, lower.link, lost('host-and-child', own));
}

/** macvlan_handle_frame(): the children of a lower device, and what of it the device's own stack hears. */
export function fromWire(flood: Flood, lower: Place, children: readonly Child[], wave: Wave): void {
  const sender = children.find(({ link }) => link.mac === wave.source);
  const shut = (child: Child, problem: 'host-and-child' | 'siblings' | 'source'): Wave => ({
    ...wave,
    fault: wave.fault ?? apart(lower, child.link.name, child.kind.mode, problem),
  });
  for (const child of children) {
    if (heardFromOutside(children, child, wave.source)) toChild(flood, child, wave);
    else if (child.kind.mode === 'source') toChild(flood, child, shut(child, 'source'));
    else if (sender && child !== sender && sender.kind.mode !== 'bridge')
      toChild(flood, child, shut(sender, 'siblings'));
  }
  const heard = lowerHears(children, wave.source);
  flood.upper(lower.namespace, lower.link, heard || !sender ? wave : shut(sender, 'host-and-child'));
}

/** Up from an interface that stands on the lower device, unless that one is down. */
export function toChild(flood: Flood, child: Child, wave: Wave): void {
  const fault: Fault | null = wave.fault ?? notUp(child.namespace, child.link);
  flood.upper(child.namespace, child.link, { ...wave, fault });
}
