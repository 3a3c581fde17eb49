import type { NamespaceId } from '../model/ids.ts';
import { linkAt, portsOf, type Link } from '../model/link.ts';
import type { FdbEntry } from '../model/route.ts';
import type { Packet } from '../model/packet.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import { groupBy, remember } from '../model/remember.ts';
import type { Disposition, Step } from '../model/trace.ts';
import { macvlansOn } from './macvlan.ts';

/** Why a frame gets no further at a place of layer 2. */
export interface Fault {
  readonly namespace: NamespaceId;
  readonly inDev: string | null;
  readonly step: Step;
  readonly disposition: Disposition;
  /** The message of neighbour discovery that was lost there; absent: the packet itself would be. */
  readonly packet?: Packet;
}

/** A bridge that a frame goes through; null: its own IP stack, at that end. */
export interface Crossing {
  readonly namespace: NamespaceId;
  readonly bridge: string;
  readonly inPort: string | null;
  readonly outPort: string | null;
}

/** An interface with an IP stack behind it that a frame would come to. */
export interface Station {
  readonly namespace: NamespaceId;
  readonly link: Link;
  /** Hardware addresses that it takes as its own: a bridge also takes its ports'. */
  readonly macs: readonly string[];
  /** What stops the frame on the way; null where it arrives. */
  readonly fault: Fault | null;
  /** The bridges on the way there, in order. */
  readonly crossed: readonly Crossing[];
}

/** Everybody on the other side of a device, seen as a broadcast would spread. */
export interface Segment {
  readonly stations: readonly Station[];
  readonly missing: readonly MissingFact[];
  /** Physical devices by which the segment goes on where nobody here can see. */
  readonly exits: readonly { readonly namespace: NamespaceId; readonly dev: string }[];
  /** Parts of it that are not modelled, or that lead to namespaces out of sight; in words. */
  readonly unknowns: readonly string[];
}

export const linksOf = (snapshot: Snapshot, id: NamespaceId): readonly Link[] | null => {
  const links = findNamespace(snapshot, id)?.facts.links;
  return links?.state === 'known' ? links.value : null;
};

export const fdbOf = (snapshot: Snapshot, id: NamespaceId): readonly FdbEntry[] => {
  const fdb = findNamespace(snapshot, id)?.facts.fdb;
  return fdb?.state === 'known' ? fdb.value : [];
};

const macsOfBridges = remember((links: readonly Link[]) =>
  remember((bridge: Link): readonly string[] => [
    ...new Set([bridge, ...portsOf(links, bridge)].flatMap(({ mac }) => (mac === null ? [] : [mac]))),
  ]),
);

/** What a bridge takes for its own IP stack: its own hardware address and its ports' (BR_FDB_LOCAL). */
export const bridgeMacs = (links: readonly Link[], bridge: Link): readonly string[] =>
  macsOfBridges(links)(bridge);

/** Why a frame that is to leave by a device does not. */
export const transmitProblem = (link: Link): 'down' | 'no-carrier' | null =>
  !link.up ? 'down' : !link.carrier ? 'no-carrier' : null;

/** Why a bridge does not send a frame out by a port (should_deliver() of net/bridge/br_forward.c). */
export function egressProblem(
  inPort: Link | null,
  outPort: Link,
): 'port-not-forwarding' | 'isolated' | 'hairpin-off' | null {
  if (inPort?.index === outPort.index && outPort.port?.hairpin !== true) return 'hairpin-off';
  if (outPort.port && outPort.port.state !== 'forwarding') return 'port-not-forwarding';
  if (inPort?.port?.isolated === true && outPort.port?.isolated === true) return 'isolated';
  return null;
}

class Exploration implements Segment {
  readonly stations: Station[] = [];
  readonly missing: MissingFact[] = [];
  readonly exits: { namespace: NamespaceId; dev: string }[] = [];
  readonly unknowns: string[] = [];
  private readonly seen = new Set<string>();
  private readonly snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  transmit(namespace: NamespaceId, link: Link, before: Fault | null, crossed: readonly Crossing[]): void {
    const problem = transmitProblem(link);
    const fault =
      before ??
      (problem
        ? {
            namespace,
            inDev: null,
            step: { kind: 'transmit', dev: link.name, problem },
            disposition: 'link-down',
          }
        : null);
    switch (link.kind.type) {
      case 'loopback':
        return;
      case 'veth': {
        if (!link.peer?.namespace) {
          if (!fault) this.unknowns.push(`the other end of ${link.name} is in a namespace out of sight`);
          return;
        }
        this.arrive(link.peer.namespace, link.peer.index, fault, crossed);
        return;
      }
      case 'bridge':
        this.spread(namespace, link, null, fault, crossed);
        return;
      case 'macvlan': {
        const { peer } = link;
        if (!peer?.namespace) {
          this.unknowns.push(`the lower device of ${link.name} is in a namespace out of sight`);
          return;
        }
        const lower = linkAt(linksOf(this.snapshot, peer.namespace) ?? [], peer.index);
        if (!lower) {
          this.missing.push({ namespace: peer.namespace, fact: 'links' });
          return;
        }
        if (link.kind.mode === 'bridge')
          for (const child of macvlansOn(this.snapshot, peer.namespace, lower.index))
            if (
              child.link !== link &&
              child.link.kind.type === 'macvlan' &&
              child.link.kind.mode === 'bridge'
            )
              this.station(child.namespace, child.link, fault, crossed);
        this.transmit(peer.namespace, lower, fault, crossed);
        return;
      }
      case 'physical':
      case 'tun':
        if (!fault) this.exits.push({ namespace, dev: link.name });
        return;
      case 'vxlan':
        this.unknowns.push(`the tunnel ${link.name} is not followed`);
        return;
      case 'other':
        this.unknowns.push(`${link.name} is of the kind ${link.kind.kind}, which is not modelled`);
    }
  }

  arrive(namespace: NamespaceId, index: number, before: Fault | null, crossed: readonly Crossing[]): void {
    const key = `${namespace} ${index}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const links = linksOf(this.snapshot, namespace);
    if (!links) {
      this.missing.push({ namespace, fact: 'links' });
      return;
    }
    const link = linkAt(links, index);
    if (!link) return;
    const fault =
      before ??
      (link.up
        ? null
        : {
            namespace,
            inDev: link.name,
            step: { kind: 'receive', dev: link.name, problem: 'down' },
            disposition: 'link-down',
          });
    for (const child of macvlansOn(this.snapshot, namespace, link.index))
      this.station(child.namespace, child.link, fault, crossed);
    const master = link.master === undefined ? undefined : linkAt(links, link.master);
    if (!master) this.station(namespace, link, fault, crossed);
    else if (master.kind.type === 'bridge') this.spread(namespace, master, link, fault, crossed);
    else this.unknowns.push(`${link.name} belongs to ${master.name}, of a kind that is not modelled`);
  }

  private station(
    namespace: NamespaceId,
    link: Link,
    fault: Fault | null,
    crossed: readonly Crossing[],
  ): void {
    this.stations.push({ namespace, link, macs: link.mac === null ? [] : [link.mac], fault, crossed });
  }

  /** A frame in a bridge: from a port, or (null) from the bridge's own IP stack. */
  private spread(
    namespace: NamespaceId,
    bridge: Link,
    inPort: Link | null,
    before: Fault | null,
    crossed: readonly Crossing[],
  ): void {
    const links = linksOf(this.snapshot, namespace) ?? [];
    const place = { bridge: bridge.name, inPort: inPort?.name ?? null };
    const stop = (
      outPort: string | null,
      problem: 'port-not-forwarding' | 'isolated' | 'hairpin-off' | 'bridge-down',
    ): Fault => ({
      namespace,
      inDev: inPort?.name ?? null,
      step: { kind: 'bridge', ...place, outPort, by: 'flood', problem },
      disposition: problem === 'isolated' || problem === 'hairpin-off' ? 'filtered-source' : 'link-down',
    });
    const fault =
      before ??
      (!bridge.up
        ? stop(null, 'bridge-down')
        : inPort?.port && inPort.port.state !== 'forwarding'
          ? stop(null, 'port-not-forwarding')
          : null);
    const through = (outPort: string | null): readonly Crossing[] => [
      ...crossed,
      { namespace, bridge: bridge.name, inPort: inPort?.name ?? null, outPort },
    ];
    if (inPort)
      this.stations.push({
        namespace,
        link: bridge,
        macs: bridgeMacs(links, bridge),
        fault,
        crossed: through(null),
      });
    for (const port of portsOf(links, bridge)) {
      if (port === inPort && port.port?.hairpin !== true) continue;
      const problem = transmitProblem(port);
      const stopped = problem === null ? egressProblem(inPort, port) : null;
      // A port without carrier is out of service: its device says why better than its state.
      const lost = fault ?? (stopped ? stop(port.name, stopped) : null);
      this.transmit(namespace, port, lost, through(port.name));
    }
  }
}

const explored = remember<Snapshot, Map<NamespaceId, Map<number, Segment>>>(() => new Map());

/** Who hears a broadcast that leaves by this device, and who would if nothing stopped it on the way. */
export function segmentOf(snapshot: Snapshot, namespace: NamespaceId, link: Link): Segment {
  const known = explored(snapshot);
  let segments = known.get(namespace);
  if (!segments) known.set(namespace, (segments = new Map()));
  let segment = segments.get(link.index);
  if (!segment) {
    const exploration = new Exploration(snapshot);
    exploration.transmit(namespace, link, null, []);
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
