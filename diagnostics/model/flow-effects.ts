import type { Protocol } from './flow.ts';

/** A flow beside the one that was asked about. */
export interface OtherFlow {
  /** As `namespaceLabel` says it; `outside@eth0` for who comes in by that interface. */
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly protocol: Protocol;
  /** null for icmp. */
  readonly port: number | null;
  /** `to` has other addresses, at which the same is not so. */
  readonly onlyThere?: true;
}

/** What a fix does to other flows: each was walked there and back, on the facts before and on those after it. */
export interface OtherFlows {
  readonly opens: readonly OtherFlow[];
  readonly closes: readonly OtherFlow[];
  /** Flows of which both answers are certain. */
  readonly compared: number;
  /** Flows of which one is not. */
  readonly unclear: number;
  /** Flows that were not looked at, for there are too many. */
  readonly leftOut: number;
  /** Namespaces without whose facts some flows could not be walked. */
  readonly unread: readonly string[];
  /** All of it in words, a line each. */
  readonly text: readonly string[];
}

/** What the fixes of a diagnosis do to other flows, by cause and remedy; null where nothing can be said of one. */
export type OtherFlowsOf = (cause: number, remedy: number) => OtherFlows | null;
