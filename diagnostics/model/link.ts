import type { NamespaceId } from './ids.ts';
import { groupBy, remember } from './remember.ts';

/** An address on an interface, as `ip address` shows it. */
export interface Address {
  readonly family: 4 | 6;
  readonly address: string;
  /** Prefix length in bits. */
  readonly length: number;
  readonly scope: string;
  /** The far end of a point-to-point address (`ip address add … peer …`). */
  readonly peer?: string;
  readonly broadcast?: string;
  /** `tentative`, `dadfailed`, `deprecated`, `secondary`, `noprefixroute` … */
  readonly flags: readonly string[];
}

/** What the kernel module behind an interface does with a packet. `other` keeps the kernel's own word. */
export type LinkKind =
  | { readonly type: 'loopback' }
  | { readonly type: 'physical' }
  | { readonly type: 'veth' }
  | { readonly type: 'bridge'; readonly vlanFiltering: boolean; readonly stp: boolean }
  | { readonly type: 'macvlan'; readonly mode: string }
  | {
      readonly type: 'vxlan';
      readonly id: number;
      readonly local?: string;
      readonly remote?: string;
      readonly port: number;
      readonly learning: boolean;
    }
  | { readonly type: 'tun'; readonly mode: 'tun' | 'tap' }
  | { readonly type: 'other'; readonly kind: string };

/** Bridge port state, see `BR_STATE_*` in include/uapi/linux/if_bridge.h. */
export type PortState = 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';

/** How a bridge treats an interface that is attached to it (`bridge -d link`). */
export interface BridgePort {
  readonly state: PortState;
  readonly hairpin: boolean;
  readonly isolated: boolean;
  readonly learning: boolean;
  readonly flood: boolean;
}

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly kind: LinkKind;
  /** Lower case, colons; null for interfaces without a hardware address (tun). */
  readonly mac: string | null;
  /** Bytes of layer 3. */
  readonly mtu: number;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** The kernel sees a carrier (IFF_LOWER_UP); false where a veth's peer is down or gone. */
  readonly carrier: boolean;
  readonly flags: readonly string[];
  /** ifindex of the bridge (or other master) in the same namespace. */
  readonly master?: number;
  /** Present on a bridge's ports. */
  readonly port?: BridgePort;
  /**
   * The other end of a veth, or the lower device of a macvlan/vxlan: its ifindex, and the namespace it lies in.
   * `namespace` is null where the kernel says "elsewhere" and no namespace that we can see is that one.
   */
  readonly peer?: { readonly namespace: NamespaceId | null; readonly index: number };
  readonly addresses: readonly Address[];
}

const byIndex = remember((links: readonly Link[]) => new Map(links.map((link) => [link.index, link])));
const byName = remember((links: readonly Link[]) => new Map(links.map((link) => [link.name, link])));
const byMaster = remember((links: readonly Link[]) => groupBy(links, ({ master }) => master));

/** The interface of a namespace with this ifindex. */
export const linkAt = (links: readonly Link[], index: number): Link | undefined => byIndex(links).get(index);

/** The interface of a namespace with this name. */
export const linkNamed = (links: readonly Link[], name: string): Link | undefined => byName(links).get(name);

/** The interfaces attached to a bridge or another master of the same namespace. */
export const portsOf = (links: readonly Link[], master: Link): readonly Link[] =>
  byMaster(links).get(master.index) ?? [];
