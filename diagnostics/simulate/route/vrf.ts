import { linkAt, linkNamed, type Link, type LinkKind } from '../../model/link.ts';
import type { Packet } from '../../model/packet.ts';
import { sysctlNumber } from '../sysctl.ts';
import type { View } from '../view.ts';

/** A device that gives the devices that belong to it a routing table of their own. */
export type Vrf = Link & { readonly kind: Extract<LinkKind, { type: 'vrf' }> };

/** A VRF's own device, not one of its ports. */
export const isVrf = (link: Link | undefined): link is Vrf => link?.kind.type === 'vrf';

/** The VRF that a device belongs to, or is (l3mdev_master_ifindex_rcu() of net/l3mdev/l3mdev.c); null: none. */
export function vrfOf({ links }: Pick<View, 'links'>, dev: string | null): Vrf | null {
  const link = dev === null ? undefined : linkNamed(links, dev);
  if (isVrf(link)) return link;
  const master = link?.master === undefined ? undefined : linkAt(links, link.master);
  return isVrf(master) ? master : null;
}

/** The VRF that a device belongs to, and is not itself. */
export const vrfAbove = (view: Pick<View, 'links'>, dev: string | null): Vrf | null => {
  const vrf = vrfOf(view, dev);
  return vrf?.name === dev ? null : vrf;
};

/** The device that the IP stack calls a packet's own once it is in (vrf_l3_rcv() of drivers/net/vrf.c): the VRF, where there is one. */
export const inputDevice = (
  view: Pick<View, 'links'>,
  dev: string,
): { readonly inDev: string; readonly vrfPort?: string } => {
  const vrf = vrfOf(view, dev);
  return vrf && vrf.name !== dev ? { inDev: vrf.name, vrfPort: dev } : { inDev: dev };
};

const LOCAL_TABLE = 255;

/** The table that says which addresses are this machine's, for what comes in by a device (inet_addr_type_dev_table()). */
export const localTable = (view: Pick<View, 'links'>, dev: string | null): number =>
  vrfOf(view, dev)?.kind.table ?? LOCAL_TABLE;

/** Whether a socket that is bound to no device gets what comes in by a VRF; the kernel's own answers to pings do not ask. */
export const takesFromVrfs = (view: View, { protocol }: Pick<Packet, 'protocol'>): boolean =>
  protocol === 'tcp' || protocol === 'udp' ? sysctlNumber(view, acceptKey(protocol), 0) !== 0 : true;

/** Whether sockets outside VRFs take what comes in by one: tcp_l3mdev_accept, udp_l3mdev_accept (Documentation/networking/vrf.rst). */
export const acceptKey = (protocol: 'tcp' | 'udp'): string => `net/ipv4/${protocol}_l3mdev_accept`;
