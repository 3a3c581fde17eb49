import type { NamespaceId } from '../../../model/ids.ts';
import type { Link } from '../../../model/link.ts';
import type { MissingFact, Snapshot } from '../../../model/snapshot.ts';
import type { Crossing, Fault, Proxy, Station } from '../station.ts';
import type { Cast } from '../group-address.ts';

/** A broadcast at one place of its way. */
export interface Wave {
  readonly fault: Fault | null;
  readonly crossed: readonly Crossing[];
  /** The sender's hardware address. */
  readonly source: string | null;
  /** The VLAN tag that it carries. */
  readonly vlan: number | null;
}

/** A device, and the namespace that it is in. */
export interface Place {
  readonly namespace: NamespaceId;
  readonly link: Link;
}

/** The broadcast that is followed: what was found so far, and how it goes on from a device. */
export interface Flood {
  readonly snapshot: Snapshot;
  readonly cast: Cast;
  /** The group that it is for, where bridges decide by that. */
  readonly group: string | null;
  readonly proxies: Proxy[];
  readonly missing: MissingFact[];
  readonly exits: { namespace: NamespaceId; dev: string }[];
  readonly unknowns: string[];
  /** Out by a device. */
  transmit(namespace: NamespaceId, link: Link, wave: Wave): void;
  /** In by a device. */
  arrive(namespace: NamespaceId, index: number, wave: Wave): void;
  /** Up from a device: to the bridge or bond that it belongs to, or to the IP stack. */
  upper(namespace: NamespaceId, link: Link, wave: Wave): void;
  /** Through a bridge: from a port, or (null) from the bridge's own IP stack. */
  through(namespace: NamespaceId, bridge: Link, inPort: Link | null, wave: Wave): void;
  /** Somebody hears it, or would. */
  hear(station: Station): void;
  /** To somebody's own stack. */
  station(namespace: NamespaceId, link: Link, wave: Wave): void;
  /** Out by the device that this one stands on; null where that is out of sight. */
  below(link: Link, wave: Wave): Place | null;
}

/** Why a device that is down takes nothing in; null where it is up. */
export const notUp = (namespace: NamespaceId, { up, name }: Link): Fault | null =>
  up
    ? null
    : {
        namespace,
        inDev: name,
        step: { kind: 'receive', dev: name, problem: 'down' },
        disposition: 'link-down',
      };
