import type { NamespaceId } from '../../../model/ids.ts';
import type { Link } from '../../../model/link.ts';
import { ipvlansOf, keptApart, type IpvlanChild } from '../ipvlan.ts';
import type { Fault } from '../station.ts';
import { notUp, type Flood, type Place, type Wave } from './flood.ts';

/**
 * ipvlan_xmit_mode_l2(): a broadcast goes to the others on the device, whatever their flag, and out by it; the host below never hears
 * it. Answers come back only in mode bridge: “private” throws them away, “vepa” sends them out. In the modes L3 and L3S there are none.
 */
export function fromIpvlan(flood: Flood, namespace: NamespaceId, link: Link, wave: Wave): void {
  const { kind, peer } = link;
  if (kind.type !== 'ipvlan' || kind.mode !== 'l2') return;
  const children = peer?.namespace ? ipvlansOf(flood.snapshot, peer.namespace, peer.index) : [];
  const lower = flood.below(link, wave);
  if (!lower) return;
  for (const child of children) {
    if (child.namespace === namespace && child.link.index === link.index) continue;
    const apart = kind.flag === undefined ? null : keptApart(lower, child, 'siblings');
    toIpvlan(flood, child, { ...wave, fault: wave.fault ?? apart });
  }
  const fault = wave.fault ?? keptApart(lower, { link, kind }, 'host-and-child');
  flood.station(lower.namespace, lower.link, { ...wave, fault });
}

/** ipvlan_handle_frame(): all on the device hear what comes in by the wire; those of the modes L3 and L3S do not answer (NOARP). */
export function ipvlansHear(flood: Flood, { namespace, link }: Place, wave: Wave): void {
  for (const child of ipvlansOf(flood.snapshot, namespace, link.index)) toIpvlan(flood, child, wave);
}

/** What a device's own stack sends leaves by the wire; what stands on the device never hears it. */
export function ipvlansMiss(flood: Flood, lower: Place, wave: Wave): void {
  for (const child of ipvlansOf(flood.snapshot, lower.namespace, lower.link.index))
    toIpvlan(flood, child, { ...wave, fault: keptApart(lower, child, 'host-and-child') });
}

function toIpvlan(flood: Flood, child: IpvlanChild, wave: Wave): void {
  const fault: Fault | null = wave.fault ?? notUp(child.namespace, child.link);
  flood.upper(child.namespace, child.link, { ...wave, fault });
}
