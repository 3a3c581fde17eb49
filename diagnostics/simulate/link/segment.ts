import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import { groupBy, remember } from '../../model/remember.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { Exploration } from './broadcast/explore.ts';
import type { Cast } from './broadcast/flood.ts';
import type { Segment, Station } from './station.ts';

const explored = remember<Snapshot, Map<NamespaceId, Map<string, Segment>>>(() => new Map());

/** Who hears a broadcast that leaves by this device, and who would if nothing stopped it on the way. */
export function segmentOf(
  snapshot: Snapshot,
  namespace: NamespaceId,
  link: Link,
  cast: Cast = 'broadcast',
): Segment {
  const known = explored(snapshot);
  let segments = known.get(namespace);
  if (!segments) known.set(namespace, (segments = new Map()));
  const key = `${cast} ${link.index}`;
  let segment = segments.get(key);
  if (!segment) {
    const exploration = new Exploration(snapshot, cast);
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
