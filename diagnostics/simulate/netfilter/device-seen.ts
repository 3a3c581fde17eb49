import type { Link, LinkKind, TunnelKind } from '../../model/link.ts';
import { linkByIndex, linkByName, type View } from '../view.ts';
import type { DeviceSeen } from './types.ts';

/** ARPHRD_* of include/uapi/linux/if_arp.h. */
const ETHERNET = 1;
const LOOPBACK = 772;
/** Neither has a header of its own before the packet's (ARPHRD_NONE). */
const NONE = 0xfffe;

const TUNNEL_TYPES: Readonly<Partial<Record<TunnelKind, number>>> = {
  ipip: 768,
  vti: 768,
  ip6tnl: 769,
  vti6: 769,
  sit: 776,
  gre: 778,
  ip6gre: 823,
  xfrm: NONE,
  wireguard: NONE,
};

/** What rules can ask of an interface (nft_meta_get_eval()); null: there is none of this name. */
export function deviceSeen(view: View, name: string): DeviceSeen | null {
  const link = linkByName(view, name);
  if (!link) return null;
  const master = link.master === undefined ? undefined : linkByIndex(view, link.master);
  return {
    type: hardwareType(link),
    kind: kindName(link.kind),
    bridge: master?.kind.type === 'bridge' ? master.name : null,
  };
}

/** dev->type; null: not known. */
function hardwareType({ kind, mac }: Link): number | null {
  switch (kind.type) {
    case 'loopback':
      return LOOPBACK;
    case 'tunnel':
      return TUNNEL_TYPES[kind.kind] ?? ETHERNET;
    case 'tun':
      return kind.mode === 'tap' ? ETHERNET : NONE;
    // What else there is of devices without Ethernet (ppp, can …) has no such address.
    case 'physical':
    case 'ipvlan':
    case 'other':
      return mac === null ? null : ETHERNET;
    default:
      return ETHERNET;
  }
}

/** rtnl_link_ops->kind, which drivers of hardware do not have; undefined: not known. */
function kindName(kind: LinkKind): string | null | undefined {
  switch (kind.type) {
    case 'loopback':
    case 'physical':
      return null;
    case 'tunnel':
    case 'other':
      return kind.kind;
    case 'macvlan':
      return kind.tap ? 'macvtap' : 'macvlan';
    case 'ipvlan':
      return kind.tap ? 'ipvtap' : 'ipvlan';
    case 'openvswitch':
      return undefined;
    default:
      return kind.type;
  }
}
