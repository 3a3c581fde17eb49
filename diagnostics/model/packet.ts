/** What is on the wire now. Addresses change under NAT; a flow does not. */
export interface Packet {
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** ICMP echo: 0, and `icmp` tells request from reply. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** `S` for the first packet of a TCP connection, `SA` for its answer, `A` for data later, `R` for a refusal. */
  readonly tcpFlags?: 'S' | 'SA' | 'A' | 'R';
  /** The largest segment that the sender of a SYN wants to be sent, in bytes of payload; absent before it is routed. */
  readonly mss?: number;
  /** SO_MARK or what a rule set; local to the machine, never on the wire. */
  readonly mark: number;
  /** The type-of-service byte, or traffic class; absent: 0. */
  readonly tos?: number;
  readonly ttl: number;
  /** Bytes at layer 3. */
  readonly size: number;
  readonly dontFragment: boolean;
  /** A question for a neighbour, or an answer, and no packet of IP at all: source and destination are its sender and target. */
  readonly arp?: ArpMessage;
  /** Of a packet that carries another one: the tunnel's number (VNI). */
  readonly tunnel?: { readonly kind: 'vxlan'; readonly id: number };
}

/** RFC 826, over Ethernet. */
export interface ArpMessage {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string | null;
  /** null: it is what is asked. */
  readonly targetMac: string | null;
}
