import type { NameAnswer } from './model/dns-answer.ts';
import type { Protocol } from './model/flow.ts';
import type { NamespaceId } from './model/ids.ts';
import type { ArrivalFate, ProbeOutcome } from './model/diagnosis.ts';
import type { MissingFact, Snapshot } from './model/snapshot.ts';

/** Where facts come from: a live machine or lab, or a snapshot file. */
export interface FactSource {
  /** Hosts, namespaces with their names, engines. All other facts are `unread`. */
  discover(signal?: AbortSignal): Promise<Snapshot>;
  /** The same snapshot with these facts known, absent or denied; never throws for a fact that cannot be read. */
  read(snapshot: Snapshot, missing: readonly MissingFact[], signal?: AbortSignal): Promise<Snapshot>;
  /** Asks the kernel itself; null for a snapshot file. */
  readonly probe: ((question: ProbeQuestion, signal?: AbortSignal) => Promise<RawProbe>) | null;
  /** Asks name servers, an answer to each ask in their order; absent for a snapshot file. */
  readonly resolve?: (question: NameQuestion, signal?: AbortSignal) => Promise<readonly NameAnswer[]>;
}

/** Names to ask of servers, all at the same time. */
export interface NameQuestion {
  readonly namespace: NamespaceId;
  readonly asks: readonly { readonly server: string; readonly name: string }[];
  /** Of the addresses wanted. */
  readonly families: readonly (4 | 6)[];
  /** TCP from the start (`use-vc`); else where an answer is too long for UDP. */
  readonly tcp: boolean;
  readonly timeoutMilliseconds: number;
}

/** A connection, datagram or echo that the kernel is asked to send from a namespace. */
export interface ProbeQuestion {
  readonly namespace: NamespaceId;
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number | null;
  readonly timeoutMilliseconds: number;
  /** Of icmp: bytes at layer 3, not to be fragmented; absent: a small one. */
  readonly size?: number;
  /** Of icmp: the address to speak from. */
  readonly source?: string;
  /** The interface, or VRF, that the socket is bound to; absent: none. */
  readonly device?: string;
  /** Of tcp and udp: what is looked at beside the sender's socket; absent: nothing is. */
  readonly watch?: ProbeWatch;
}

/** What a socket is not told: who sent an error, and whether a datagram that nobody answers arrived. */
export interface ProbeWatch {
  /** Whether errors are waited for from the start; else the probe is made again when there was one. */
  readonly expectsError: boolean;
  /** The addresses that the packet is for on its way: errors name the one that it had where they were made. */
  readonly destinations: readonly string[];
  /** Of udp: where a datagram has to arrive, and at which port there; null: not known, or not here. */
  readonly receiver: { readonly namespace: NamespaceId; readonly port: number } | null;
}

/** What came of one probe, before it is compared with what the walk foretold. */
export interface RawProbe {
  readonly outcome: ProbeOutcome;
  readonly milliseconds: number | null;
  readonly detail: string;
  /** With `too-big`: the size that was told, in bytes at layer 3. */
  readonly mtu?: number;
  /** The ICMP error that came back: whose address it has, and its words (RFC 792, RFC 4443). */
  readonly icmp?: { readonly from: string; readonly says: string };
  /** Of udp: an answer came from this address, which was not asked; a socket that expects the asked one does not get it. */
  readonly elsewhere?: string;
  /** The kernel found no address, or no port, to send from (EADDRNOTAVAIL). */
  readonly noSource?: true;
  /** The kernel found no port for a datagram's socket to send from (EADDRINUSE of bind(2)). */
  readonly noPort?: true;
  /** Of a datagram that nobody answered: what was seen where it has to arrive. */
  readonly arrival?: {
    readonly namespace: NamespaceId;
    readonly fate: ArrivalFate;
    readonly device: string | null;
  };
}
