import type { NamespaceId } from './ids.ts';
import type { IpsecDirection, IpsecPolicy } from './ipsec.ts';
import type { MacvlanMode, TunnelKind } from './link.ts';
import type { DevicePlace, Packet } from './packet.ts';
import type { Backend, Hook, TableFamily } from './ruleset.ts';
import type { Route } from './route.ts';
import type { MissingFact } from './snapshot.ts';
import type { ListeningSocket } from './socket.ts';
import type { Queue, TrafficFilter } from './traffic-control.ts';

/** What became of a packet; a closed list, explained in ARCHITECTURE.md. */
export type Disposition =
  | 'delivered'
  | 'refused'
  | 'rejected'
  | 'dropped'
  | 'no-route'
  | 'blackhole'
  | 'prohibited'
  | 'not-forwarded'
  | 'neighbour-unresolved'
  | 'link-down'
  | 'filtered-source'
  | 'too-big'
  | 'ttl-expired'
  | 'loop'
  | 'name-unresolved'
  | 'exits-machine'
  | 'unknown';

/** The rule (or policy) of one base chain's run that decided. */
export interface RuleReference {
  readonly backend: Backend;
  readonly family: TableFamily;
  readonly table: string;
  readonly hook: Hook;
  /** The base chain's name. */
  readonly baseChain: string;
  /** The chain the deciding rule is in. */
  readonly chain: string;
  /** null: no rule decided, the base chain's policy did. */
  readonly rule: { readonly text: string; readonly number: number; readonly handle?: number } | null;
}

/** One thing that happened to the packet, and what decided it. */
export type Step =
  | { readonly kind: 'send'; readonly packet: Packet }
  | {
      readonly kind: 'route';
      /** `output`: sent from here; `input`: arrived here; `reroute`: looked up again after NAT or a mark changed. */
      readonly lookup: 'output' | 'input' | 'reroute';
      readonly destination: string;
      readonly source: string;
      /** null: nothing matched. */
      readonly route: Route | null;
      readonly via?: string;
      readonly dev?: string;
      /** The `ip rule` that led to the route, where it is not one of the three every machine has. */
      readonly rule?: string;
    }
  | {
      readonly kind: 'filter';
      readonly verdict: 'accept' | 'drop' | 'reject';
      readonly decidedBy: RuleReference;
      /** Of `reject`: iptables' word for the answer. */
      readonly answer?: string;
      /** TPROXY drops what no transparent socket takes: where such a one would have to listen. */
      readonly unclaimed?: { readonly address: string; readonly port: number };
      /** A rule of this hook has given the packet to a transparent socket (TPROXY); with the mark that the packet then has. */
      readonly claimed?: {
        readonly address: string;
        readonly port: number;
        readonly mark: number;
        readonly by: RuleReference;
      };
    }
  | {
      readonly kind: 'translate';
      readonly what: 'source' | 'destination';
      readonly before: string;
      readonly after: string;
      /** null: an earlier translation, applied or undone by conntrack. */
      readonly decidedBy: RuleReference | null;
    }
  | {
      readonly kind: 'neighbour';
      readonly address: string;
      readonly dev: string;
      readonly mac: string | null;
      /** `table`: an entry was there; `owner`: the owner on the segment would answer; `nobody`: none would. */
      readonly by: 'table' | 'owner' | 'nobody';
      readonly owner?: NamespaceId;
      /** Somebody has the address and does not answer for it; why, in words. */
      readonly silence?: string;
    }
  | { readonly kind: 'transmit'; readonly dev: string; readonly problem?: 'down' | 'no-carrier' }
  | {
      readonly kind: 'receive';
      readonly dev: string;
      /** `waits`: of a bond, in reserve. */
      readonly problem?:
        | 'down'
        | 'not-for-this-mac'
        | 'ipv6-off'
        | 'no-such-vlan'
        | 'waits'
        /** Its frame was for everybody, or for a group. */
        | 'for-many';
    }
  | {
      readonly kind: 'bridge';
      readonly bridge: string;
      readonly inPort: string | null;
      readonly outPort: string | null;
      readonly by: 'fdb' | 'flood' | 'local';
      /** The VLAN tag that the frame came with, where that matters. */
      readonly tag?: number;
      readonly problem?:
        | 'port-not-forwarding'
        | 'isolated'
        | 'hairpin-off'
        | 'bridge-down'
        | 'no-port-leads-there'
        /** The port's VLANs do not let it in or out. */
        | 'vlan'
        /** A locked port does not know the sender. */
        | 'locked'
        /** Nobody told the bridge where the address is, and it may not try this port. */
        | 'not-flooded'
        /** Broadcasts do not leave by this port. */
        | 'not-broadcast'
        /** Nor do multicasts. */
        | 'not-multicast'
        /** The bridge keeps account of groups, and nobody behind this port (null: in its own stack) has joined this one. */
        | 'not-joined';
      /** Of `not-joined`. */
      readonly group?: string;
    }
  /** The flow of an Open vSwitch bridge that decided. */
  | {
      readonly kind: 'flow';
      readonly bridge: string;
      readonly inPort: string;
      /** Of `elsewhere`: where the frame went instead. */
      readonly outPort: string | null;
      readonly table: number;
      /** As `ovs-ofctl dump-flows` prints it; null: no flow of the table matched, which drops the frame. */
      readonly flow: string | null;
      readonly verdict: 'dropped' | 'elsewhere';
    }
  /** Two that stand on one lower device and never meet there. */
  | {
      readonly kind: 'macvlan';
      /** Absent: macvlan itself. */
      readonly driver?: 'ipvlan';
      readonly lower: string;
      /** The interface whose mode (of ipvlan: its flag) keeps them apart. */
      readonly dev: string;
      readonly mode: MacvlanMode;
      readonly problem: 'host-and-child' | 'siblings' | 'source';
    }
  /** A frame is put into a packet of a tunnel, or taken out of one. */
  | {
      readonly kind: 'tunnel';
      readonly dev: string;
      readonly tunnel: TunnelKind;
      readonly id: number | null;
      /** Where to, or where from; null: the tunnel knows nobody. */
      readonly remote: string | null;
      /** The hardware address that was looked up, where the answer was in the table. */
      readonly mac?: string;
      readonly problem?:
        /** Nobody is known for this hardware address. */
        | 'no-entry'
        /** At the other end there is a tunnel with another number. */
        | 'other-id'
        /** At the other end there is a tunnel on another port. */
        | 'other-port'
        /** A fixed entry says that the sender is elsewhere, or the tunnel was made for another one. */
        | 'sender-elsewhere'
        /** The frame's sender has the hardware address of the tunnel that it comes out of. */
        | 'own-mac'
        /** The two ends do not agree on what is in the header (GRE's checksum and counter), or on what is carried. */
        | 'other-options'
        /** It carries the other family only. */
        | 'other-family'
        /** WireGuard: no peer is allowed the destination; the peer's address is not known. */
        | 'no-peer'
        | 'no-endpoint'
        /** WireGuard: nobody there has the key that it was sealed for, or knows the one it was sealed by. */
        | 'unknown-key'
        /** WireGuard: the peer may not send from this source. */
        | 'source-not-allowed';
    }
  | {
      readonly kind: 'forward';
      readonly dev: string;
      readonly sysctl: string;
      readonly enabled: boolean;
      /** TPROXY gave the packet to a socket here, and its route leads elsewhere: the kernel drops it. */
      readonly claimed?: { readonly address: string; readonly port: number };
    }
  | {
      readonly kind: 'source-check';
      readonly dev: string;
      readonly source: string;
      readonly passed: boolean;
      readonly reason?: 'rp-filter-strict' | 'rp-filter-loose' | 'martian';
      readonly sysctl?: string;
    }
  /** The namespace follows as many connections as it may: one more is not begun. */
  | { readonly kind: 'track'; readonly count: number; readonly limit: number }
  /** Conntrack follows the connection in another zone than the one in which it looks for this packet: it is a stranger to it. */
  | { readonly kind: 'zone'; readonly asked: number; readonly followed: number }
  /** IPsec keeps the packet from going on. */
  | {
      readonly kind: 'ipsec';
      readonly direction: IpsecDirection;
      /** null: what becomes of packets that no policy speaks of. */
      readonly policy: IpsecPolicy | null;
      readonly problem:
        | 'blocked'
        /** It would have to be protected, and is not. */
        | 'unprotected'
        /** It would have to be protected, and there is no association to do it by. */
        | 'no-state';
    }
  /** Traffic control throws the packet away: a queue, or a filter before it. */
  | {
      readonly kind: 'traffic-control';
      readonly dev: string;
      readonly side: 'ingress' | 'egress';
      readonly queue?: Queue;
      readonly filter?: TrafficFilter;
    }
  /** Whoever verifies the checksum finds it wrong, and throws the packet away. */
  | {
      readonly kind: 'checksum';
      readonly dev: string;
      /** The device that was to finish it. */
      readonly by: DevicePlace;
      /** Where a program took it unfinished. */
      readonly at: DevicePlace;
    }
  | { readonly kind: 'ttl'; readonly passed: boolean }
  | {
      readonly kind: 'size';
      /** The device (or the other end of its wire) whose MTU is meant. */
      readonly dev: string;
      /** Bytes of layer 3. */
      readonly mtu: number;
      readonly size: number;
      /** Cut into pieces of at most the MTU, it goes on. */
      readonly passed: boolean;
      /** `told`: who made it hears of it, here or by ICMP; `silent`: layer 2 drops it without a word. */
      readonly fate: 'fragmented' | 'told' | 'silent';
    }
  | {
      readonly kind: 'deliver';
      /** null: nothing takes it (tcp, udp), or the ICMP responder does. */
      readonly socket: ListeningSocket | null;
      readonly accepted: boolean;
      /** The socket only keeps the port for an engine: nobody fetches what arrives there. */
      readonly held?: true;
    }
  | { readonly kind: 'exit'; readonly dev: string }
  /** Something here is not modelled or not known; in words for a user. */
  | { readonly kind: 'doubt'; readonly text: string };

/** What happened in one namespace. */
export interface Hop {
  readonly namespace: NamespaceId;
  /** The packet as it entered this namespace (or was made in it). */
  readonly packet: Packet;
  readonly inDev: string | null;
  readonly outDev: string | null;
  readonly steps: readonly Step[];
}

/** The way of one packet. The last step of the last hop says why it ended. */
export interface Trace {
  readonly hops: readonly Hop[];
  readonly disposition: Disposition;
  /** False where the way depends on something that is not modelled or not known; `doubts` says on what. */
  readonly certain: boolean;
  readonly doubts: readonly string[];
  /** Facts that were needed and not read; not empty only with disposition `unknown`, or where they might change it. */
  readonly missing: readonly MissingFact[];
}
