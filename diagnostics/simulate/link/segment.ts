import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import { groupBy, remember } from '../../model/remember.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { Exploration } from './broadcast/explore.ts';
import type { Cast } from './group-address.ts';
import type { Segment, Station } from './station.ts';
import { linksOf } from './wires.ts';

const explored = remember<Snapshot, Map<NamespaceId, Map<string, Segment>>>(() => new Map());

/** Whether a bridge anywhere decides by groups: only then does it matter which one is meant. */
const heedsGroups = remember((snapshot: Snapshot): boolean =>
  snapshot.namespaces.some(({ id }) =>
    linksOf(snapshot, id)?.some(({ kind }) => kind.type === 'bridge' && kind.snoops !== undefined),
  ),
);

/** Who hears a broadcast (or what is sent to a group) that leaves by this device, and who would if nothing stopped it on the way. */
export function segmentOf(
  snapshot: Snapshot,
  namespace: NamespaceId,
  link: Link,
  cast: Cast = 'broadcast',
  group: string | null = null,
): Segment {
  const known = explored(snapshot);
  let segments = known.get(namespace);
  if (!segments) known.set(namespace, (segments = new Map()));
  const heeded = group !== null && heedsGroups(snapshot) ? group : null;
  const key = `${cast} ${heeded ?? ''} ${link.index}`;
  let segment = segments.get(key);
  if (!segment) {
    const exploration = new Exploration(snapshot, cast, heeded);
    exploration.begin(namespace, link);
    segments.set(key, (segment = exploration));
  }
  return segment;
}

const byMac = remember(
  ({ stations }: Segment): ReadonlyMap<string, readonly Station[]> =>
    new Map(
      [
        ...groupBy(
          stations.flatMap((station) => station.macs.map((mac) => ({ mac, station }))),
          ({ mac }) => mac,
        ),
      ].map(([mac, found]) => [mac, found.map(({ station }) => station)]),
    ),
);

/** Those on a segment that take a frame to this hardware address. */
export const stationsWith = (segment: Segment, mac: string): readonly Station[] =>
  byMac(segment).get(mac) ?? [];
