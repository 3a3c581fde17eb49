import type { Packet } from '../../model/packet.ts';
import type { Claim, PacketType, ZoneDirections } from '../../model/rule-action.ts';
import type { Step } from '../../model/trace.ts';

/** What connection tracking in one namespace knows of the packet's connection. */
export interface Connection {
  readonly state: 'new' | 'established' | 'related' | 'invalid' | 'untracked';
  readonly direction: 'original' | 'reply';
  /** The connection's destination (source) was rewritten in this namespace. */
  readonly dnat: boolean;
  readonly snat: boolean;
  /** Addresses of the first packet as it came, before any translation. */
  readonly original: {
    readonly source: string;
    readonly destination: string;
    readonly sourcePort: number;
    readonly destinationPort: number;
  };
  /** What an answer looks like; absent: the inverse of the packet as it is now (the first one, before NAT is settled). */
  readonly reply?: Connection['original'];
  /** Of its first packet: where conntrack has it from and to, where a rule has rewritten it since without a word; else null, or absent. */
  readonly seenAs?: Connection['original'] | null;
  readonly mark: number;
  /** A rule gave it a helper (`ct helper set`, CT --helper). */
  readonly helped?: true;
  /** Bits that rules have set (`ct label`); absent: none; null: not known. */
  readonly labels?: readonly number[] | null;
  /** Where the packet is the first answer: how large the first packet was. */
  readonly asked?: number;
  /** Absent: the zone that everything is in. */
  readonly zone?: Zone;
}

/** struct nf_conntrack_zone: in the directions that are not meant, the connection is in zone 0. */
export interface Zone {
  readonly id: number;
  readonly directions: ZoneDirections;
}

/**
 * What happens at the NAT priorities of a hook: the first packet of a connection consults the nat chains, later ones get
 * the translation that was decided then (reversed for replies). What a machine says to itself crosses the loopback with its NAT
 * decided: prerouting and input `apply`.
 */
export type NatPlan =
  | { readonly type: 'consult' }
  | {
      readonly type: 'apply';
      readonly source?: { readonly address: string; readonly port: number };
      readonly destination?: { readonly address: string; readonly port: number };
    };

/** The process that made a packet; null: not known. */
export interface Sender {
  readonly uid: number | null;
  readonly gid: number | null;
}

/** A socket as rules see it. */
export interface SocketSeen {
  /** IP_TRANSPARENT; null: not known. */
  readonly transparent: boolean | null;
  /** It is bound to every address. */
  readonly wildcard: boolean;
  /** SO_MARK; null: not known. */
  readonly mark: number | null;
}

/** The sockets of the namespace that a packet is in. */
export interface SocketLookup {
  /** The one that a packet, as it is now, would come to, or comes from; null: none; undefined: not known. */
  readonly of: (packet: Packet, connection: Connection) => SocketSeen | null | undefined;
  /** The one that listens there, and that TPROXY would give the packet to (socket null: none); null: not known. */
  readonly claimer: (
    packet: Packet,
    connection: Connection,
    claim: Pick<Claim, 'address' | 'port'>,
  ) => {
    readonly place: { readonly address: string; readonly port: number };
    readonly socket: SocketSeen | null;
  } | null;
}

/** An element of a set that a rule of this very walk has changed. */
export interface Filling {
  readonly set: string;
  /** Of the values that it stands for; null: which element it is, is not known. */
  readonly element: string | null;
  readonly now: 'in' | 'out' | 'open';
  /** How often it was put in. */
  readonly times: number;
}

/** What rules have made of a frame; what is absent is as it was. */
export interface ChangedFrame {
  readonly source?: string;
  readonly destination?: string;
  readonly packetType?: PacketType;
  /** A question of ARP was answered with this address. */
  readonly arpAnswer?: string;
}

/** An interface, as rules ask for it. */
export interface DeviceSeen {
  /** Of its hardware (ARPHRD_*); null: not known. */
  readonly type: number | null;
  /** What made it (`veth`); null: nothing that has a name; undefined: not known. */
  readonly kind: string | null | undefined;
  /** The bridge that it is a port of. */
  readonly bridge: string | null;
}

/** A packet at a hook, and what rules there can see. */
export interface HookInput {
  readonly packet: Packet;
  readonly inDev: string | null;
  readonly outDev: string | null;
  /** Bridge ports behind inDev/outDev, for frames that br_netfilter hands over. */
  readonly physicalIn?: string;
  readonly physicalOut?: string;
  readonly etherSource?: string;
  readonly etherDestination?: string;
  /** What an earlier rule made of whose the frame counts as. */
  readonly packetType?: PacketType;
  /** Of a frame that comes in by a port of a bridge: the bridge's hardware address, and the port's; null: not known. */
  readonly bridgeMac?: string | null;
  readonly portMac?: string | null;
  readonly connection: Connection;
  readonly nat: NatPlan;
  /** What rules of this namespace have put into sets before, for this flow. */
  readonly filled?: readonly Filling[];
  /**
   * As the local routing table says; null where that is not known. With `dev`, an address of another interface is
   * `unicast` (inet_dev_addr_type()).
   */
  readonly addressType: (
    address: string,
    dev?: string,
  ) => 'local' | 'broadcast' | 'multicast' | 'anycast' | 'unicast' | null;
  /**
   * The address MASQUERADE takes (output device), or REDIRECT in prerouting (input device); null: the device has none.
   * MASQUERADE asks for the one that is in the next hop's subnet, if any; an interface without an address of scope global
   * (IPv4's loopback) lends that of the first interface that has one (inet_select_addr()).
   */
  readonly deviceAddress: (dev: string, destination: string) => string | null;
  /** Whether the route to an address, with the packet's other end as its source, leaves by `dev`; null or no function: not known. */
  readonly leavesBy?: (address: string, other: string, dev: string, mark: number) => boolean | null;
  /** The group of an interface; null or no function: not known. */
  readonly groupOf?: (dev: string) => number | null;
  /** Other things that rules ask of an interface; null or no function: not known. */
  readonly deviceSeen?: (dev: string) => DeviceSeen | null;
  /** The port of a VRF that the packet came in by, where `inDev` is the VRF. */
  readonly vrfPort?: string;
  /** The realm of the route it takes; null or no function: not known. */
  readonly realm?: () => number | null;
  /** The tag of the frame; absent: none. */
  readonly vlan?: number;
  /** Where the packet goes next; absent: not known, or nowhere. */
  readonly nextHop?: string;
  /** The device of the route to an address, with the packet's other end as its source; '': none. No function: not known. */
  readonly routeDevice?: (address: string, other: string, mark: number) => string;
  /** Who made the packet: null where no process did (forwarded, or the kernel's own); absent: not known. */
  readonly sender?: Sender | null;
  /** What conntrack makes of a packet that rules have rewritten, or put into a zone, before it saw it. */
  readonly recognise?: (
    packet: Packet,
    zone: Zone | undefined,
  ) => { readonly connection: Connection; readonly nat: NatPlan };
  /** How many connections the namespace follows; absent: not known. */
  readonly connectionCount?: number;
  /** Absent: not known. */
  readonly sockets?: SocketLookup;
  /** The TCP segment that fits the routes there and back (nft_rt, xt_TCPMSS); null or no function: not known. */
  readonly routeMss?: () => number | null;
  /** `bridge`: the frame is at the bridge's own hooks, where only tables of family bridge look at it. Default `ip`. */
  readonly layer?: 'ip' | 'bridge' | 'netdev' | 'arp';
}

/** One possible outcome of a hook. Several, where a match is `maybe` and the branches differ. */
export interface HookOutcome {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'stolen';
  /** Of reject: iptables' word for the answer (`icmp-port-unreachable`, `tcp-reset` …). */
  readonly answer?: string;
  readonly packet: Packet;
  /** As it is after the hook: dnat, snat, mark, untracked. */
  readonly connection: Connection;
  /** The packet as conntrack saw it first, where rules had rewritten it before. */
  readonly trackedAs?: Packet;
  /** What made the kernel look for a route again: NAT, or a chain of type `route`. */
  readonly rerouted?: true;
  /** What was put into sets so far. */
  readonly filled?: readonly Filling[];
  readonly frame?: ChangedFrame;
  /** `filter` and `translate` steps worth showing: the decision of each base chain that has rules. */
  readonly steps: readonly Step[];
  readonly certain: boolean;
  readonly doubts: readonly string[];
  /** Those of the doubts where chance decides: of several connections some come to this outcome. */
  readonly chances: readonly string[];
  /** Those of the doubts that no other outcome covers: what is not modelled may do anything. */
  readonly unmodelled: readonly string[];
}
