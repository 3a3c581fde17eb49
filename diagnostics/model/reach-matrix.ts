import type { WhyVerdict } from './diagnosis.ts';
import type { Protocol } from './flow.ts';
import type { HostId, NamespaceId } from './ids.ts';
import type { Disposition } from './trace.ts';

/** What everybody is asked: `{ tcp, 80 }`, or an echo without a port. */
export interface MatrixQuestion {
  readonly protocol: Protocol;
  /** null for icmp. */
  readonly port: number | null;
  /** Over which IP; absent: IPv4 where both ends have it, else IPv6. */
  readonly family?: 4 | 6;
}

/** Who sends and who is asked: a namespace by its most telling name. */
export interface MatrixEnd {
  /** As `hoplab why` takes it. */
  readonly name: string;
  readonly namespace: NamespaceId;
  readonly host: HostId;
  /** Those that others can ask it by: no loopback, and nothing link-local of IPv6. */
  readonly addresses: readonly string[];
}

/** What stops a packet, or its answer, in one line. */
export interface MatrixStop {
  /** `back`: the packet arrives, its answer is lost. */
  readonly direction: 'forward' | 'back';
  readonly disposition: Disposition;
  /** As `namespaceLabel` says it; null where there is no place (a question without an address). */
  readonly namespace: string | null;
  readonly text: string;
}

/** One question from one end to another. */
export interface MatrixPair extends MatrixQuestion {
  readonly from: string;
  readonly to: string;
  readonly verdict: WhyVerdict;
  /** The address that was asked; of several the one that tells most. */
  readonly address: string | null;
  /** null where the pair is reachable. */
  readonly stop: MatrixStop | null;
}

/** Who can reach whom, predicted on facts of one time: exactly what `hoplab matrix --json` prints. */
export interface ReachMatrix {
  readonly schema: 1;
  readonly questions: readonly MatrixQuestion[];
  readonly ends: readonly MatrixEnd[];
  /** By question, then by sender, then by receiver; an end is not asked about itself. */
  readonly pairs: readonly MatrixPair[];
  readonly notes: readonly string[];
  /** Milliseconds. */
  readonly timings: { readonly collect: number; readonly simulate: number };
}
