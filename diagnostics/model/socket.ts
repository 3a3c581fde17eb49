import type { SocketProgram } from './socket-program.ts';

/** A socket that can receive: a TCP listener or an unconnected UDP socket (`ss -lntupe`). */
export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  /** `0.0.0.0` or `::` for every address. */
  readonly address: string;
  readonly port: number;
  /** An IPv6 socket that refuses IPv4 (IPV6_V6ONLY). */
  readonly v6only: boolean;
  /** SO_BINDTODEVICE. */
  readonly device?: string;
  /** It may speak for addresses that are not this machine's (IP_TRANSPARENT), and be given their packets; absent: not known. */
  readonly transparent?: boolean;
  /** SO_MARK; absent: 0, or not known to who may not know. */
  readonly mark?: number;
  /** Numeric id of the user whose socket it is. */
  readonly owner?: number;
  readonly backlog?: { readonly used: number; readonly limit: number };
  /** Whose segments have to be signed (TCP_MD5SIG); absent: nobody's, or who looks may not know. Never the keys themselves. */
  readonly signed?: readonly { readonly address: string; readonly length: number }[];
  readonly process?: { readonly pid: number; readonly name: string };
  /** eBPF programs of the cgroup that it was made in, which meet its packets; absent: none, or nobody may look. */
  readonly programs?: readonly SocketProgram[];
  /** Of a program that takes connections only to open its own: where to. */
  readonly relaysTo?: RelayTarget;
}

/** The far side of a relay. */
export interface RelayTarget {
  readonly address: string;
  readonly port: number;
}

/** A conntrack entry (`conntrack -L`), addresses as seen in each direction. */
export interface ConntrackEntry {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly original: ConntrackTuple;
  readonly reply: ConntrackTuple;
  readonly mark: number;
  readonly text: string;
}

/** The ends of a connection in one direction (struct nf_conntrack_tuple). */
export interface ConntrackTuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}
