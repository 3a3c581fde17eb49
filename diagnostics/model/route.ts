/** Route types of rtnetlink(7) that decide a packet's fate. */
export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw';

/** The source's realm above the destination's, sixteen bits each (ip-route(8)); unknown: a name that is not known here. */
export type Realms = number | 'unknown';

/** One way that a route offers (rtnetlink(7), RTA_GATEWAY and RTA_MULTIPATH). */
export interface NextHop {
  /** Gateway; absent where the destination itself is on the link. */
  readonly via?: string;
  /** Interface name. */
  readonly dev?: string;
  /** How packets are wrapped that leave by it (lwtunnel), as `ip route` takes it behind `encap`: `ip id 100 dst 192.0.2.1`. */
  readonly encapsulation?: string;
  /** Realms that it gives packets, which rules of a firewall may ask for. */
  readonly realms?: Realms;
  /** Relative weight of a multipath next hop, 1 and up. */
  readonly weight: number;
  /** `onlink`, `linkdown`, `dead`, `pervasive`. */
  readonly flags: readonly string[];
}

/** What a router told about one destination (`ip route show cache`): a next hop exception of the kernel's. */
export interface RouteException {
  readonly destination: string;
  /** The gateway of an ICMP redirect; absent where it is the route's own. */
  readonly via?: string;
  /** Bytes of layer 3 that the way takes, learnt from “fragmentation needed” or “packet too big”. */
  readonly mtu?: number;
}

/** An entry of a routing table, as ip-route(8) shows it. */
export interface Route {
  readonly family: 4 | 6;
  /** 255 local, 254 main, 253 default, or a user's number. */
  readonly table: number;
  readonly type: RouteType;
  readonly destination: { readonly address: string; readonly length: number };
  /** Only for packets from here (`from`; IPv6); absent: from anywhere. */
  readonly from?: { readonly address: string; readonly length: number };
  readonly nextHops: readonly NextHop[];
  /** Lower wins among equal prefixes. */
  readonly metric: number;
  readonly preferredSource?: string;
  readonly scope: string;
  readonly protocol: string;
  /** TOS/DSCP selector; 0 matches every packet. */
  readonly tos: number;
  /** Bytes of layer 3 (`mtu`), where the route says another size than its device. */
  readonly mtu?: number;
  /** The largest TCP segment that is asked for (`advmss`), in bytes of layer 4's payload. */
  readonly advertisedMss?: number;
  /** Its time is up: the kernel looks past it, lists it, and takes no other in its place until it has cleaned up. */
  readonly expired?: true;
  /** Hops that packets by this route have to live (`hoplimit`), where it is not the usual. */
  readonly hopLimit?: number;
  /** Absent: none. */
  readonly exceptions?: readonly RouteException[];
  /** As `ip route` prints it: what a user can paste. */
  readonly text: string;
}

/** What a policy rule does with a packet that fits it (ip-rule(8)). */
export type RuleAction =
  | { readonly type: 'lookup'; readonly table: number }
  /** In the table of the packet's VRF (`l3mdev`); the rule is for no packet without one. */
  | { readonly type: 'vrf' }
  | { readonly type: 'blackhole' | 'unreachable' | 'prohibit' | 'nop' }
  | { readonly type: 'goto'; readonly priority: number };

/** A routing policy rule (`ip rule`), see ip-rule(8). */
export interface RoutingRule {
  readonly family: 4 | 6;
  readonly priority: number;
  readonly not: boolean;
  readonly from?: { readonly address: string; readonly length: number };
  readonly to?: { readonly address: string; readonly length: number };
  readonly iif?: string;
  readonly oif?: string;
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly protocol?: number;
  readonly sourcePorts?: readonly [number, number];
  readonly destinationPorts?: readonly [number, number];
  /** Users that packets are sent by, from – to; what is forwarded counts as root's. */
  readonly users?: readonly [number, number];
  /** TOS that packets have to carry; those of a walk carry none. */
  readonly tos?: number;
  readonly suppressPrefixLength?: number;
  /** Realms that it gives packets, which rules of a firewall may ask for. */
  readonly realms?: Realms;
  /** Selectors that were read and are not modelled (tun_id, suppress_ifgroup …): they make the rule a `maybe`. */
  readonly unmodelled: readonly string[];
  readonly action: RuleAction;
  readonly text: string;
}

/** Neighbour states of ip-neighbour(8). */
export type NeighbourState =
  'permanent' | 'noarp' | 'reachable' | 'stale' | 'delay' | 'probe' | 'incomplete' | 'failed' | 'none';

/**
 * An entry of the neighbour table: whose hardware address a next hop has (ip-neighbour(8)). `proxy`: the machine answers for
 * that address.
 */
export interface Neighbour {
  readonly address: string;
  readonly dev: string;
  readonly mac?: string;
  readonly state: NeighbourState;
  readonly proxy: boolean;
}

/** A bridge forwarding entry (`bridge fdb`). */
export interface FdbEntry {
  readonly mac: string;
  /** The port (or tunnel) the entry belongs to. */
  readonly dev: string;
  readonly master?: string;
  readonly vlan?: number;
  /** Remote tunnel endpoint, of a vxlan. */
  readonly remote?: string;
  /** Where they differ from the tunnel's own: its UDP port, its VNI, the device its packets leave by. */
  readonly remotePort?: number;
  readonly remoteId?: number;
  readonly remoteDev?: string;
  /** The same by its number, where that is in another namespace, of the tunnel's packets. */
  readonly remoteIndex?: number;
  /** `permanent` (the bridge's own), `static`, or learned. */
  readonly state: 'permanent' | 'static' | 'learned';
}
