import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Neighbour } from '../../model/route.ts';
import type { Packet } from '../../model/packet.ts';
import type { MissingFact } from '../../model/snapshot.ts';
import type { Disposition, Hop, Step } from '../../model/trace.ts';

/** Why a frame gets no further at a place of layer 2. */
export interface Fault {
  readonly namespace: NamespaceId;
  readonly inDev: string | null;
  readonly step: Step;
  readonly disposition: Disposition;
  /** The message of neighbour discovery that was lost there; absent: the packet itself would be. */
  readonly packet?: Packet;
  /** The way to that place, of a tunnel's packet; absent: the place alone. */
  readonly way?: readonly Hop[];
  /** The tunnels on the way, where the end of the last one does not take what is sent to it: if it gets that far. */
  readonly through?: readonly TunnelCrossing[];
}

/** A bridge that a frame goes through; null: its own IP stack, at that end. */
export interface BridgeCrossing {
  readonly type: 'bridge';
  readonly namespace: NamespaceId;
  readonly bridge: string;
  readonly inPort: string | null;
  readonly outPort: string | null;
  /** Of an Open vSwitch bridge: the VLAN tags that the frame comes in and leaves with. */
  readonly tags?: readonly [came: number | null, left: number | null];
}

/** A tunnel that a frame goes through. */
export interface TunnelCrossing {
  readonly type: 'tunnel';
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly remote: string;
  readonly far: { readonly namespace: NamespaceId; readonly link: Link };
}

/** What a frame passes between two interfaces: a bridge by its ports, or a tunnel. */
export type Crossing = BridgeCrossing | TunnelCrossing;

export const isBridge = (one: Crossing): one is BridgeCrossing => one.type === 'bridge';
export const isTunnel = (one: Crossing): one is TunnelCrossing => one.type === 'tunnel';

/** An interface with an IP stack behind it that a frame would come to. */
export interface Station {
  readonly namespace: NamespaceId;
  readonly link: Link;
  /** Hardware addresses that it takes as its own: a bridge also takes its ports'. */
  readonly macs: readonly string[];
  /** What stops the frame on the way; null where it arrives. */
  readonly fault: Fault | null;
  /** The bridges and tunnels on the way there, in order. */
  readonly crossed: readonly Crossing[];
}

/** A tunnel that answers questions for neighbours itself, from its table (`proxy` of ip-link(8)). */
export interface Proxy {
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly fault: Fault | null;
  readonly crossed: readonly Crossing[];
  readonly entries: readonly Neighbour[];
}

/** Everybody on the other side of a device, seen as a broadcast would spread. */
export interface Segment {
  readonly stations: readonly Station[];
  readonly proxies: readonly Proxy[];
  readonly missing: readonly MissingFact[];
  /** Physical devices by which the segment goes on where nobody here can see. */
  readonly exits: readonly { readonly namespace: NamespaceId; readonly dev: string }[];
  /** Parts of it that are not modelled, or that lead to namespaces out of sight; in words. */
  readonly unknowns: readonly string[];
}
