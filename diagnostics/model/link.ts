import type { Fact } from './fact.ts';
import type { NamespaceId } from './ids.ts';
import type { OvsBridge, OvsPort } from './openvswitch.ts';
import { groupBy, remember } from './remember.ts';
import type { Wireguard } from './wireguard.ts';

/** An address on an interface, as `ip address` shows it. */
export interface Address {
  readonly family: 4 | 6;
  readonly address: string;
  /** Prefix length in bits. */
  readonly length: number;
  readonly scope: string;
  /** The far end of a point-to-point address (`ip address add … peer …`). */
  readonly peer?: string;
  readonly broadcast?: string;
  /** `tentative`, `dadfailed`, `deprecated`, `secondary`, `noprefixroute` … */
  readonly flags: readonly string[];
}

/** MACVLAN_MODE_* of include/uapi/linux/if_link.h. */
export type MacvlanMode = 'private' | 'vepa' | 'bridge' | 'passthru' | 'source';

/** Devices that put a packet into another one, without Ethernet in between or with it. */
export type TunnelKind =
  | 'vxlan'
  | 'geneve'
  | 'ipip'
  | 'sit'
  | 'gre'
  | 'gretap'
  | 'erspan'
  | 'ip6tnl'
  | 'ip6gre'
  | 'ip6gretap'
  | 'vti'
  | 'vti6'
  | 'xfrm'
  | 'wireguard';

/** A checksum (`csum`), and a sequence number (`seq`), in GRE's header. */
export type GreOption = 'sum' | 'count';

/** What the kernel module behind an interface does with a packet. `other` keeps the kernel's own word. */
export type LinkKind =
  | { readonly type: 'loopback' }
  | { readonly type: 'physical' }
  | { readonly type: 'veth' }
  | {
      readonly type: 'bridge';
      readonly vlanFiltering: boolean;
      readonly stp: boolean;
      /** Families whose groups it sends only to those who have joined them: it keeps account of that, and somebody asks for it (a querier). */
      readonly snoops?: readonly (4 | 6)[];
      /** It remembers nobody's port (`ageing_time 0`): what is for one goes to all, except where the table was written by hand. */
      readonly forgets?: true;
      /** Its own stack gets all groups (`mcast_router 2`). */
      readonly routesGroups?: true;
      /** Open vSwitch passes its frames, not the kernel's bridge. */
      readonly openvswitch?: OvsBridge;
    }
  | {
      readonly type: 'macvlan';
      readonly mode: MacvlanMode;
      /** Of mode `source`: the hardware addresses it listens to. */
      readonly sources?: readonly string[];
      /** macvtap: a program reads what arrives. */
      readonly tap?: true;
    }
  | {
      readonly type: 'ipvlan';
      readonly mode: 'l2' | 'l3' | 'l3s';
      /** What becomes of packets between two on one device; absent: they are handed over (`bridge`). */
      readonly flag?: 'private' | 'vepa';
      readonly tap?: true;
    }
  | { readonly type: 'vlan'; readonly id: number; readonly protocol: string }
  | {
      readonly type: 'vxlan';
      readonly id: number;
      readonly local?: string;
      readonly remote?: string;
      readonly port: number;
      readonly learning: boolean;
      /** Answers questions for neighbours from its own table, and sends them no further. */
      readonly proxy?: true;
      /** Where to is said by each packet's route, or by a program (`external`). */
      readonly external?: true;
      /** Whether its packets may not be fragmented: never, or where what is in them may not; absent: they may. */
      readonly df?: 'set' | 'inherit';
      /** Over which families its packets have a checksum of UDP; absent: not known, and taken as the kernel's defaults. */
      readonly checksums?: readonly (4 | 6)[];
      /** Hops that its packets live; absent: as many as any packet that is sent from there. */
      readonly ttl?: number;
    }
  | {
      readonly type: 'tunnel';
      readonly kind: Exclude<TunnelKind, 'vxlan'>;
      readonly local?: string;
      readonly remote?: string;
      /** VNI of geneve, the key that GRE sends with. */
      readonly id?: number;
      /** The key that GRE takes, where it is another one; null: it takes packets without a key. */
      readonly takes?: number | null;
      /** UDP port, of geneve. */
      readonly port?: number;
      readonly external?: true;
      /** The only family that it carries (ipip, sit, ip6tnl); absent: both. */
      readonly carries?: 4 | 6;
      /** Hops that its packets live; absent: as many as what is in them. */
      readonly ttl?: number;
      /** Its packets may be fragmented where what is in them may (`nopmtudisc`). */
      readonly fragments?: true;
      /** What is in them may not be fragmented, and they may all the same (`ignore-df`). */
      readonly ignoresDf?: true;
      /** Of geneve: whether its packets may not be fragmented; absent: they may. */
      readonly df?: 'set' | 'inherit';
      /** Of geneve: over which families its packets have a checksum of UDP; absent: not known, and taken as the kernel's defaults. */
      readonly checksums?: readonly (4 | 6)[];
      /** Of GRE: what its header has beside the key. */
      readonly sends?: readonly GreOption[];
      /** Of GRE: what it wants of others' headers. */
      readonly wants?: readonly GreOption[];
      /** Over IPv6: without the option that limits tunnels in tunnels, which takes eight bytes (`encaplimit none`). */
      readonly unlimited?: true;
      /** The mark by which its packets are routed. */
      readonly mark?: number;
      /** What it does that is not modelled (fou, gue, isatap, 6rd …), in the words of ip-link(8). */
      readonly unmodelled?: readonly string[];
      /** Of WireGuard. */
      readonly wireguard?: Fact<Wireguard>;
    }
  | {
      readonly type: 'bond';
      readonly mode: string;
      readonly active?: string;
      /** Those that wait take frames too (`all_slaves_active`). */
      readonly allTake?: true;
    }
  | { readonly type: 'team' }
  | { readonly type: 'vrf'; readonly table: number }
  | { readonly type: 'dummy' }
  | { readonly type: 'ifb' }
  | { readonly type: 'openvswitch' }
  | { readonly type: 'tun'; readonly mode: 'tun' | 'tap' }
  | { readonly type: 'other'; readonly kind: string };

/** Bridge port state, see `BR_STATE_*` in include/uapi/linux/if_bridge.h. */
export type PortState = 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';

/** How a bridge treats an interface that is attached to it (`bridge -d link`). */
export interface BridgePort {
  readonly state: PortState;
  readonly hairpin: boolean;
  readonly isolated: boolean;
  readonly learning: boolean;
  /** Whether frames for hardware addresses that the bridge does not know leave by it too. */
  readonly flood: boolean;
  /** Only frames from hardware addresses that the bridge's table has on this port come in (802.1X). */
  readonly locked?: boolean;
  /** False: broadcasts do not leave by it. */
  readonly broadcastFlood?: false;
  /** False: multicasts do not leave by it, the questions of IPv6 for neighbours among them. */
  readonly multicastFlood?: false;
  /** The bridge answers questions for the neighbours behind it (`proxy_arp`), and floods nothing to it. */
  readonly proxyArp?: true;
}

/** A group that was joined (`bridge mdb`); without a VLAN: in whichever there is. */
export interface JoinedGroup {
  readonly address: string;
  readonly vlan?: number;
}

/** How a bond uses an interface that belongs to it (`bond_slave` of ip-link(8)). */
export interface BondSlave {
  /** What comes in by it is thrown away, and nothing is sent by it (`state BACKUP`). */
  readonly backup: boolean;
  /** The bond takes it for alive (`mii_status`): by its carrier, or by whom it hears from. */
  readonly alive: boolean;
}

/** A VLAN of a bridge port, or of the bridge itself (`bridge vlan`), where the bridge filters by VLAN. */
export interface PortVlan {
  readonly id: number;
  /** Frames without a tag belong to it as they come in. */
  readonly pvid: boolean;
  /** Its frames leave without a tag. */
  readonly untagged: boolean;
}

/** A network interface (ip-link(8)), with what its kind adds. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly kind: LinkKind;
  /** Lower case, colons; null for interfaces without a hardware address (tun). */
  readonly mac: string | null;
  /** Bytes of layer 3. */
  readonly mtu: number;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** The kernel sees a carrier (IFF_LOWER_UP); false where a veth's peer is down or gone. */
  readonly carrier: boolean;
  readonly flags: readonly string[];
  /** ifindex of the bridge (or other master) in the same namespace. */
  readonly master?: number;
  /** Present on a bridge's ports. */
  readonly port?: BridgePort;
  /** Of ports of a bridge that sends groups only to those who have joined them, and of that bridge itself: which were joined there. */
  readonly joined?: {
    readonly groups: readonly JoinedGroup[];
    /** Somebody there gets all groups: a router of multicasts, or who asks for groups. */
    readonly router?: true;
  };
  /** Of an interface that belongs to a bond. */
  readonly slave?: BondSlave;
  /** Of ports of a bridge that filters by VLAN, and of that bridge. */
  readonly vlans?: readonly PortVlan[];
  /** Of ports of an Open vSwitch bridge, and of that bridge itself. */
  readonly ovs?: OvsPort;
  /** Open vSwitch may take what comes in here: why nobody can tell what it does with it. */
  readonly taken?: string;
  /**
   * The other end of a veth, or the lower device of a macvlan/vxlan/vlan: its ifindex, and the namespace it lies in.
   * `namespace` is null where the kernel says "elsewhere" and no namespace that we can see is that one.
   */
  readonly peer?: { readonly namespace: NamespaceId | null; readonly index: number };
  /**
   * The namespace in which a tunnel's own packets are routed, where it is not the interface's (a tunnel stays with the namespace
   * it was made in); null where that one cannot be seen.
   */
  readonly underlay?: NamespaceId | null;
  /** Where it is not in group 0 (`default`); null: in one whose number is not known. */
  readonly group?: number | null;
  /** It takes every frame, whoever it is for: something stands on it, or captures. */
  readonly promiscuous?: true;
  /** Programs that look at frames here and may do anything with them: `xdp` … */
  readonly programs?: readonly string[];
  readonly addresses: readonly Address[];
}

const byIndex = remember((links: readonly Link[]) => new Map(links.map((link) => [link.index, link])));
const byName = remember((links: readonly Link[]) => new Map(links.map((link) => [link.name, link])));
const byMaster = remember((links: readonly Link[]) => groupBy(links, ({ master }) => master));

/** The interface of a namespace with this ifindex. */
export const linkAt = (links: readonly Link[], index: number): Link | undefined => byIndex(links).get(index);

/** The interface of a namespace with this name. */
export const linkNamed = (links: readonly Link[], name: string): Link | undefined => byName(links).get(name);

/** The interfaces attached to a bridge or another master of the same namespace. */
export const portsOf = (links: readonly Link[], master: Link): readonly Link[] =>
  byMaster(links).get(master.index) ?? [];
