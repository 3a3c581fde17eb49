import { portsOf, type Link } from '../../../model/link.ts';
import { LOCAL_PORT, type OvsPort } from '../../../model/openvswitch.ts';
import type { Admission } from '../bridge-port.ts';

/** The ports of an Open vSwitch bridge, its own interface among them. */
export const switchPorts = (links: readonly Link[], bridge: Link): readonly Link[] => [
  bridge,
  ...portsOf(links, bridge),
];

/** A port by what a flow calls it. */
export const portNamed = (links: readonly Link[], bridge: Link, name: string): Link | undefined =>
  switchPorts(links, bridge).find(
    (link) =>
      link.name === name ||
      (link === bridge && (name === 'LOCAL' || name === String(LOCAL_PORT))) ||
      (link.ovs?.number !== null && link.ovs?.number !== undefined && String(link.ovs.number) === name),
  );

const carries = ({ tag, mode, trunks }: OvsPort, vlan: number): boolean =>
  mode === 'access'
    ? vlan === (tag ?? 0)
    : trunks.length === 0 || trunks.includes(vlan) || (mode !== 'trunk' && vlan === tag);

/** input_vid_to_vlan() and input_vid_is_valid(): the VLAN that a frame is in as it comes in by a port. */
export function comesIn({ ovs }: Link, tag: number | null): Exclude<Admission, string> | 'refused' {
  if (!ovs) return 'refused';
  const id = tag ?? 0;
  if (ovs.mode === 'access') return id === 0 ? { vlan: ovs.tag ?? 0 } : 'refused';
  const vlan = id === 0 && ovs.mode !== 'trunk' ? (ovs.tag ?? 0) : id;
  return carries(ovs, vlan) ? { vlan } : 'refused';
}

/** output_vlan_to_vid(): the tag that a frame of a VLAN leaves a port with. */
export function goesOut({ ovs }: Link, vlan: number): { readonly tag: number | null } | 'refused' {
  if (!ovs || !carries(ovs, vlan)) return 'refused';
  const bare = ovs.mode === 'access' || vlan === 0 || (ovs.mode === 'native-untagged' && vlan === ovs.tag);
  return { tag: bare ? null : vlan };
}

/** What a step says of the tag that a frame came with. */
export const cameTagged = (tag: number | null): { readonly tag?: number } => (tag === null ? {} : { tag });
