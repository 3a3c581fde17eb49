import type { Protocol } from './flow.ts';
import type { NamespaceId } from './ids.ts';
import type { TunnelKind } from './link.ts';

/** Protocols of IP that carry a whole packet, or a frame: 4, 41 and 47. */
export type CarrierProtocol = 'ipip' | 'ipv6' | 'gre';

/** What is on the wire now. Addresses change under NAT; a flow does not. */
export interface Packet {
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  readonly protocol: Protocol | CarrierProtocol;
  /** ICMP echo: 0, and `icmp` tells request from reply. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** `S` for the first packet of a TCP connection, `SA` for its answer, `A` for data later, `R` for a refusal. */
  readonly tcpFlags?: 'S' | 'SA' | 'A' | 'R';
  /** The largest segment that the sender of a SYN wants to be sent, in bytes of payload; absent before it is routed. */
  readonly mss?: number;
  /** What a SYN or its answer says of its sender; absent: not known. */
  readonly tcpOptions?: TcpOptions;
  /** Its sender can be told of congestion, and says so in the SYN or the answer to it (RFC 3168). */
  readonly congestion?: true;
  /** SO_MARK or what a rule set; local to the machine, never on the wire. */
  readonly mark: number;
  /** skb->priority, by which queues sort; absent: what the kernel makes of `tos` on its way, which is 0 for most. */
  readonly priority?: number;
  /** A rule gave it to the socket that listens there, wherever it was going (TPROXY); local to the machine too. */
  readonly claimed?: {
    readonly address: string;
    readonly port: number;
    /** The rule that did; absent of what an earlier packet of the connection is known for. */
    readonly by?: {
      readonly chain: string;
      readonly rule: { readonly text: string; readonly number: number; readonly handle?: number } | null;
    };
  } | null;
  /** The type-of-service byte, or traffic class; absent: 0. */
  readonly tos?: number;
  readonly ttl: number;
  /** Bytes at layer 3. */
  readonly size: number;
  readonly dontFragment: boolean;
  /** A question for a neighbour, or an answer, and no packet of IP at all: source and destination are its sender and target. */
  readonly arp?: ArpMessage;
  readonly tunnel?: Carried;
  /** null, or absent: its checksum is right, or it has none that anybody asks for. */
  readonly checksum?: Checksum | null;
}

/** What a tunnel's own packet carries, and says of it. */
export interface Carried {
  readonly kind: TunnelKind;
  /** The tunnel's number (VNI), or GRE's key; null: none. */
  readonly id: number | null;
  /** It has a checksum of its own. */
  readonly summed: boolean;
  /** A whole frame of Ethernet, or a packet of this family. */
  readonly inside: 'frame' | 4 | 6;
  /** Of GRE: it counts its packets (`oseq`). */
  readonly counted?: true;
  /** Of WireGuard: the public keys of who sealed it, and for whom. */
  readonly sealed?: { readonly by: string; readonly for: string };
}

/** Beside the size of its segments, which every SYN of the kernel's says (RFC 2018, RFC 7323). */
export interface TcpOptions {
  readonly sack: boolean;
  readonly timestamps: boolean;
  readonly scaling: boolean;
  /** Kinds that a rule on the way has made nothing of (`reset tcp option`, TCPOPTSTRIP). */
  readonly removed?: readonly number[];
}

/** TCP's and UDP's packets have ports. */
export const hasPorts = <P extends { readonly protocol: string }>(
  packet: P,
): packet is P & { readonly protocol: 'tcp' | 'udp' } =>
  packet.protocol === 'tcp' || packet.protocol === 'udp';

/** RFC 826, over Ethernet. */
export interface ArpMessage {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string | null;
  /** null: it is what is asked. */
  readonly targetMac: string | null;
}

/** A checksum of TCP or UDP that the sender's kernel has left to a device, which is to finish it as it sends (CHECKSUM_PARTIAL). */
export interface Checksum {
  /** It is that of the packet within a tunnel's. */
  readonly inner?: true;
  /** The devices that the packet left by so far: any of them may have finished it. */
  readonly through: readonly DevicePlace[];
  /** A program took it unfinished: it is wrong from here on. Who left it so, and where it was taken. */
  readonly broken?: { readonly by: DevicePlace; readonly at: DevicePlace };
}

/** An interface by its name, and where it is. */
export interface DevicePlace {
  readonly namespace: NamespaceId;
  readonly dev: string;
}
