import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import { groupBy, remember } from '../../model/remember.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { Exploration } from './broadcast/explore.ts';
import type { Segment, Station } from './station.ts';

const explored = remember<Snapshot, Map<NamespaceId, Map<number, Segment>>>(() => new Map());

/** Who hears a broadcast that leaves by this device, and who would if nothing stopped it on the way. */
export function segmentOf(snapshot: Snapshot, namespace: NamespaceId, link: Link): Segment {
  const known = explored(snapshot);
  let segments = known.get(namespace);
  if (!segments) known.set(namespace, (segments = new Map()));
  let segment = segments.get(link.index);
  if (!segment) {
    const exploration = new Exploration(snapshot);
    exploration.begin(namespace, link);
    segments.set(link.index, (segment = exploration));
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
