import type { NamespaceId } from '../../model/ids.ts';
import { sameAddress } from '../../model/ip.ts';
import { linkAt, type Link, type LinkKind, type TunnelKind } from '../../model/link.ts';
import { remember } from '../../model/remember.ts';
import type { FdbEntry } from '../../model/route.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import type { Wireguard } from '../../model/wireguard.ts';
import { linksOf, type PlacedLink } from '../link/wires.ts';

type Vxlan = Extract<LinkKind, { type: 'vxlan' }>;
type OtherTunnel = Extract<LinkKind, { type: 'tunnel' }>;

/** An interface that puts what leaves by it into packets, and where those are routed. */
export interface TunnelEnd extends PlacedLink {
  readonly kind: Vxlan | OtherTunnel;
  readonly word: TunnelKind;
  /** null: in a namespace that cannot be seen. */
  readonly underlay: NamespaceId | null;
  /** The number (VNI) or key that it sends with; null: none. */
  readonly id: number | null;
  /** The number or key that it takes. */
  readonly takes: number | null;
  /** The UDP port that it sends to and listens at; null: its packets have none, or each peer has its own. */
  readonly port: number | null;
}

/** A vxlan interface, which finds the machine behind which a hardware address is in a table. */
export type VxlanEnd = TunnelEnd & { readonly kind: Vxlan };

/** vxlan alone has a table of remotes (its FDB); other tunnels are told one end, or peers. */
export const isVxlan = (end: TunnelEnd): end is VxlanEnd => end.kind.type === 'vxlan';

/** Where a frame in a tunnel is sent. */
export interface Remote {
  readonly address: string;
  readonly port: number | null;
  readonly id: number | null;
  /** The device that its packets have to leave by. */
  readonly device: string | null;
  /** Of WireGuard: the public key of who can open it. */
  readonly peer?: string;
}

const NOBODY = '00:00:00:00:00:00';

/** Kinds that are followed to their other end; of the rest it is said that they are not. */
const FOLLOWED: ReadonlySet<TunnelKind> = new Set([
  ...(['vxlan', 'geneve', 'ipip', 'sit', 'gre', 'gretap'] as const),
  ...(['ip6tnl', 'ip6gre', 'ip6gretap', 'wireguard'] as const),
]);

/** Those that carry frames of Ethernet, with hardware addresses that have to be asked for. */
const CARRIES_FRAMES: ReadonlySet<TunnelKind> = new Set(['vxlan', 'geneve', 'gretap', 'ip6gretap']);

/** Whether what goes in is a frame; else it is a packet without hardware addresses. */
export const carriesFrames = ({ word }: TunnelEnd): boolean => CARRIES_FRAMES.has(word);

/** The namespace in which a tunnel's own packets are routed: where it was made, wherever it was moved; null: not in sight. */
export const underlayOf = ({ namespace, link }: PlacedLink): NamespaceId | null =>
  link.underlay === undefined ? namespace : link.underlay;

/** What is known of a WireGuard interface; null: nothing, or it is another kind of tunnel. */
export const wireguardOf = ({ kind }: Pick<TunnelEnd, 'kind'>): Wireguard | null =>
  kind.type === 'tunnel' && kind.wireguard?.state === 'known' ? kind.wireguard.value : null;

const asEnd = (namespace: NamespaceId, link: Link): TunnelEnd | null => {
  const { kind } = link;
  const placed = { namespace, link, underlay: underlayOf({ namespace, link }) };
  if (kind.type === 'vxlan')
    return { ...placed, kind, word: 'vxlan', id: kind.id, takes: kind.id, port: kind.port };
  if (kind.type !== 'tunnel' || !FOLLOWED.has(kind.kind)) return null;
  const id = kind.id ?? null;
  const port = wireguardOf({ kind })?.port ?? kind.port ?? null;
  return { ...placed, kind, word: kind.kind, id, takes: kind.takes === undefined ? id : kind.takes, port };
};

/** Every tunnel that is followed, of the namespaces that have been looked at. */
export const tunnelEnds = remember((snapshot: Snapshot): readonly TunnelEnd[] =>
  snapshot.namespaces.flatMap(({ id }) =>
    (linksOf(snapshot, id) ?? []).flatMap((link) => asEnd(id, link) ?? []),
  ),
);

/** An interface as the end of a tunnel that is followed; undefined: it is none. */
export const tunnelEnd = (snapshot: Snapshot, { namespace, link }: PlacedLink): TunnelEnd | undefined =>
  tunnelEnds(snapshot).find((end) => end.namespace === namespace && end.link.index === link.index);

/** The device below: `dev` of ip-link(8), in the namespace of the tunnel's packets. */
const lowerOf = (snapshot: Snapshot, { link, underlay }: TunnelEnd): Link | undefined =>
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

/** Only an entry that names a device is bound to it (vxlan_xmit_one()): what was learned, or written without, goes by any route. */
export const remoteOf = (
  snapshot: Snapshot,
  end: TunnelEnd,
  { remote, remotePort, remoteId, remoteDev, remoteIndex }: FdbEntry,
): Remote => ({
  address: remote ?? '',
  port: remotePort ?? end.port,
  id: remoteId ?? end.id,
  device:
    remoteDev ??
    (remoteIndex === undefined || end.underlay === null
      ? null
      : (linkAt(linksOf(snapshot, end.underlay) ?? [], remoteIndex)?.name ?? null)),
});

/** The one other end that a tunnel was made for. */
export const fixedRemote = (snapshot: Snapshot, end: TunnelEnd, address = end.kind.remote): Remote | null =>
  address === undefined
    ? null
    : { address, port: end.port, id: end.id, device: lowerOf(snapshot, end)?.name ?? null };

/** Whether many are meant: 224.0.0.0/4, ff00::/8. */
export const isGroup = (address: string): boolean =>
  /^(?:22[4-9]|23\d)\./.test(address) || /^ff/i.test(address);

/** What stands at the address of a remote. */
export interface FarSide {
  /** The interface that takes what is sent there. */
  readonly match: TunnelEnd | null;
  /** Other tunnels there, of the same kind, which do not. */
  readonly others: readonly TunnelEnd[];
  /** Somebody in sight has the address. */
  readonly owned: boolean;
}

/** Whether an interface of the namespace has the address; false, too, where its interfaces are not known. */
export const hasAddress = (snapshot: Snapshot, id: NamespaceId, address: string): boolean =>
  linksOf(snapshot, id)?.some(({ addresses }) =>
    addresses.some((own) => sameAddress(own.address, address)),
  ) ?? false;

/** Whether an address may be the one that an end sends from. */
export const sendsFrom = (snapshot: Snapshot, { kind, underlay }: TunnelEnd, address: string): boolean =>
  kind.local !== undefined
    ? sameAddress(kind.local, address)
    : underlay === null || hasAddress(snapshot, underlay, address);

/** Whether an end listens to packets that another one sends, by their addresses: its own local and remote. */
const listensTo = (snapshot: Snapshot, end: TunnelEnd, from: TunnelEnd, at: string): boolean => {
  if (isVxlan(end)) return true;
  const { local, remote } = end.kind;
  return (
    (local === undefined || sameAddress(local, at)) &&
    (remote === undefined || sendsFrom(snapshot, from, remote))
  );
};

/** Kinds that receive each other's packets. */
const sameKind = (one: TunnelEnd, other: TunnelEnd): boolean => one.word === other.word;

/** Who would take what an end of a tunnel sends there, as far as namespaces are in sight. */
export function farSide(snapshot: Snapshot, remote: Remote, from: TunnelEnd): FarSide {
  const owners = new Set(
    snapshot.namespaces.filter(({ id }) => hasAddress(snapshot, id, remote.address)).map(({ id }) => id),
  );
  const there = tunnelEnds(snapshot).filter(
    (end) => end.underlay !== null && owners.has(end.underlay) && sameKind(end, from),
  );
  const match = there.find((end) => takesFrom(snapshot, end, remote, from)) ?? null;
  return { match, others: there.filter((end) => end !== match), owned: owners.size > 0 };
}

const takesFrom = (snapshot: Snapshot, end: TunnelEnd, remote: Remote, from: TunnelEnd): boolean => {
  const own = wireguardOf(end);
  if (own) return own.publicKey === remote.peer && own.port === remote.port;
  return (
    end.port === remote.port &&
    (end.kind.external === true ||
      (end.takes === remote.id && listensTo(snapshot, end, from, remote.address)))
  );
};

/** Tunnels that would be its other end, had it the right number, port or address: those that mean it first. */
export function likelyPeers(snapshot: Snapshot, end: TunnelEnd): readonly TunnelEnd[] {
  const peers = wireguardOf(end)?.peers;
  const all = tunnelEnds(snapshot).filter(
    (other) =>
      !(other.namespace === end.namespace && other.link.index === end.link.index) &&
      sameKind(other, end) &&
      other.underlay !== end.underlay &&
      (peers ? isPeer(peers, other) : other.takes === end.id),
  );
  if (isVxlan(end)) return all;
  const meaning = all.filter(
    ({ kind }) => kind.remote !== undefined && sendsFrom(snapshot, end, kind.remote),
  );
  return meaning.length > 0 ? meaning : all;
}

const isPeer = (peers: Wireguard['peers'], other: TunnelEnd): boolean =>
  peers.some(({ publicKey }) => publicKey === wireguardOf(other)?.publicKey);

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
