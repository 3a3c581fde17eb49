import type { HostId, NamespaceId } from './ids.ts';

/** `icmp`: an echo request, ICMPv6's where the address is one of IPv6. */
export type Protocol = 'tcp' | 'udp' | 'icmp';

/** An end of a question after it was looked up. */
export type Endpoint =
  | {
      readonly type: 'namespace';
      readonly host: HostId;
      readonly namespace: NamespaceId;
      readonly container?: string;
    }
  /** `device`: the interface that a link-local address is of (`fe80::1%eth0`). */
  | { readonly type: 'address'; readonly address: string; readonly device?: string }
  | { readonly type: 'name'; readonly name: string }
  | {
      readonly type: 'stopped-container';
      readonly host: HostId;
      readonly container: string;
      /** Key of its engine, where that is not the docker client's. */
      readonly engine?: string;
    }
  | { readonly type: 'outside'; readonly host: HostId; readonly address?: string; readonly device?: string };

/** A question: can FROM reach TO in this way? `fromText` and `toText` are what the user wrote. */
export interface Flow {
  readonly fromText: string;
  readonly toText: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: Protocol;
  /** null for icmp. */
  readonly port: number | null;
  /** The interface, or VRF, of FROM that what it sends is bound to; absent: none. */
  readonly device?: string;
  /** Bytes at layer 3 that packets have to pass with, whole; absent: what both ends would send at most. */
  readonly size?: number;
}
