import type { Protocol } from '../model/flow.ts';
import type { NamespaceId } from '../model/ids.ts';
import { isLinkLocal } from './route/source-selection.ts';

/** What is asked of a walk: a first packet, and where it begins. */
export type FlowStart = {
  readonly namespace: NamespaceId;
  readonly destination: string;
  readonly protocol: Protocol;
  /** null for icmp. */
  readonly port: number | null;
  /** Bound before: what the kernel remembers of connections from it counts too. Absent: a new port. */
  readonly sourcePort?: number;
  /** SO_MARK. */
  readonly mark?: number;
  /** Bytes at layer 3 of the first packet, not to be fragmented. */
  readonly size?: number;
  /** Bytes at layer 3 that later packets have to pass with, whole; absent: what both ends would send at most. */
  readonly largest?: number;
} & (
  | {
      readonly from: 'namespace';
      /** Bound before; absent: the kernel chooses. */
      readonly source?: string;
      /** SO_BINDTODEVICE. */
      readonly device?: string;
    }
  /** It comes in by a device of the namespace from where nobody can see. */
  | { readonly from: 'outside'; readonly source: string; readonly device: string }
);

/** The destination as a program is told it: a link-local address with its interface. */
export const addressAsked = (start: FlowStart): string =>
  start.from === 'namespace' && start.device !== undefined && isLinkLocal(start.destination)
    ? `${start.destination}%${start.device}`
    : start.destination;

/** The interface that the sender's socket is bound to; a link-local address says its own. */
export const deviceAsked = ({ from, device, destination }: FlowStart): { readonly device?: string } =>
  from === 'outside' || device === undefined || isLinkLocal(destination) ? {} : { device };
