import type { NamespaceId } from '../../model/ids.ts';
import { sameAddress } from '../../model/ip.ts';
import type { Link, LinkKind } from '../../model/link.ts';
import { remember } from '../../model/remember.ts';
import type { FdbEntry } from '../../model/route.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import { linksOf, type PlacedLink } from '../link/wires.ts';

type Vxlan = Extract<LinkKind, { type: 'vxlan' }>;

/** A vxlan interface, and where its packets are routed. */
export interface TunnelEnd extends PlacedLink {
  readonly kind: Vxlan;
  /** null: in a namespace that cannot be seen. */
  readonly underlay: NamespaceId | null;
}

/** Where a frame in a tunnel is sent. */
export interface Remote {
  readonly address: string;
  readonly port: number;
  readonly id: number;
  /** The device that its packets have to leave by. */
  readonly device: string | null;
}

const NOBODY = '00:00:00:00:00:00';

export const underlayOf = ({ namespace, link }: PlacedLink): NamespaceId | null =>
  link.underlay === undefined ? namespace : link.underlay;

const collect = (snapshot: Snapshot): readonly TunnelEnd[] =>
  snapshot.namespaces.flatMap(({ id }) =>
    (linksOf(snapshot, id) ?? []).flatMap((link) =>
      link.kind.type === 'vxlan'
        ? [{ namespace: id, link, kind: link.kind, underlay: underlayOf({ namespace: id, link }) }]
        : [],
    ),
  );

/** Every vxlan interface whose namespace has been looked at. */
export const tunnelEnds = remember(collect);

export const tunnelEnd = (snapshot: Snapshot, { namespace, link }: PlacedLink): TunnelEnd | undefined =>
  tunnelEnds(snapshot).find((end) => end.namespace === namespace && end.link.index === link.index);

/** The device below: `dev` of ip-link(8), in the namespace of the tunnel's packets. */
export const lowerOf = (snapshot: Snapshot, { link, underlay }: TunnelEnd): Link | undefined =>
  link.peer === undefined || underlay === null
    ? undefined
    : linksOf(snapshot, underlay)?.find(({ index }) => index === link.peer?.index);

/** The entries by which a tunnel knows where a hardware address is; without one, those for whatever it does not know. */
export const entriesFor = (
  fdb: readonly FdbEntry[],
  { name }: Link,
  destination: string | null,
): { readonly entries: readonly FdbEntry[]; readonly own: boolean } => {
  const of = (mac: string): readonly FdbEntry[] =>
    fdb.filter((entry) => entry.dev === name && entry.mac === mac && entry.remote !== undefined);
  const own = destination === null ? [] : of(destination);
  return own.length > 0 ? { entries: own, own: true } : { entries: of(NOBODY), own: false };
};

export const remoteOf = (
  snapshot: Snapshot,
  end: TunnelEnd,
  { remote, remotePort, remoteId, remoteDev }: FdbEntry,
): Remote => ({
  address: remote ?? '',
  port: remotePort ?? end.kind.port,
  id: remoteId ?? end.kind.id,
  device: remoteDev ?? lowerOf(snapshot, end)?.name ?? null,
});

/** Whether many are meant: 224.0.0.0/4, ff00::/8. */
export const isGroup = (address: string): boolean =>
  /^(?:22[4-9]|23\d)\./.test(address) || /^ff/i.test(address);

/** What stands at the address of a remote. */
export interface FarSide {
  /** The interface that takes what is sent there. */
  readonly match: TunnelEnd | null;
  /** Other tunnels there, which do not. */
  readonly others: readonly TunnelEnd[];
  /** Somebody in sight has the address. */
  readonly owned: boolean;
}

export function farSide(snapshot: Snapshot, remote: Remote): FarSide {
  const owners = new Set(
    snapshot.namespaces
      .filter(({ id }) =>
        linksOf(snapshot, id)?.some(({ addresses }) =>
          addresses.some((own) => sameAddress(own.address, remote.address)),
        ),
      )
      .map(({ id }) => id),
  );
  const there = tunnelEnds(snapshot).filter(({ underlay }) => underlay !== null && owners.has(underlay));
  const takes = ({ kind }: TunnelEnd): boolean =>
    kind.port === remote.port && (kind.id === remote.id || kind.external === true);
  const match = there.find(takes) ?? null;
  return { match, others: there.filter((end) => end !== match), owned: owners.size > 0 };
}

/** Tunnels that would be its other end, had it the right number, port or address. */
export const likelyPeers = (snapshot: Snapshot, end: TunnelEnd): readonly TunnelEnd[] =>
  tunnelEnds(snapshot).filter(
    (other) =>
      !(other.namespace === end.namespace && other.link.index === end.link.index) &&
      other.kind.id === end.kind.id &&
      other.underlay !== end.underlay,
  );

/** Namespaces that nobody has looked at: a tunnel's other end may be in one of them. */
export const unseenLinks = (snapshot: Snapshot): readonly MissingFact[] =>
  snapshot.namespaces
    .filter(({ facts }) => facts.links.state === 'unread')
    .map(({ id }) => ({ namespace: id, fact: 'links' }));

/** A tap that takes every frame may be a port of a switch that runs in a namespace which nobody has looked at. */
export const unseenUser = (
  snapshot: Snapshot,
  { kind, promiscuous, master }: Link,
): readonly MissingFact[] =>
  kind.type === 'tun' && kind.mode === 'tap' && promiscuous && master === undefined
    ? unseenLinks(snapshot)
    : [];
