import type { NamespaceId } from '../../../model/ids.ts';
import { linkAt, type Link } from '../../../model/link.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../../../model/snapshot.ts';
import { openNamespace } from '../../view.ts';
import { bridgeDisposition } from '../bridge-port.ts';
import { cameTagged } from '../openvswitch/ports.ts';
import { switchOf } from '../openvswitch/own-port.ts';
import { apart, childrenOf } from '../macvlan.ts';
import type { Crossing, Fault, Proxy, Segment, Station } from '../station.ts';
import { arpFault } from '../traffic-control.ts';
import { isInactive, linksOf, sendersOf, transmitProblem, uppersOf } from '../wires.ts';
import { tunnelEnd, unseenUser } from '../../tunnel/tunnels.ts';
import { throughBridge } from './bridge.ts';
import type { Cast } from '../group-address.ts';
import { notUp, type Flood, type Place, type Wave } from './flood.ts';
import { fromIpvlan, ipvlansHear, ipvlansMiss } from './ipvlan.ts';
import { fromChild, fromWire, toChild } from './macvlan.ts';
import { bySwitchPort, throughSwitch } from './openvswitch.ts';
import { throughTunnel } from './tunnel.ts';

/** A switch that let a frame out with a tag. */
const leftTagged = (crossed: readonly Crossing[]): Fault | null => {
  const last = crossed.at(-1);
  if (last?.type !== 'bridge' || !last.tags) return null;
  const { namespace, bridge, inPort, outPort, tags } = last;
  return {
    namespace,
    inDev: inPort,
    step: { kind: 'bridge', bridge, inPort, outPort, by: 'flood', problem: 'vlan', ...cameTagged(tags[0]) },
    disposition: bridgeDisposition('vlan'),
  };
};

/** Follows a broadcast to everybody who hears it, and to those who would if nothing stopped it. */
export class Exploration implements Segment, Flood {
  readonly stations: Station[] = [];
  readonly proxies: Proxy[] = [];
  readonly missing: MissingFact[] = [];
  readonly exits: { namespace: NamespaceId; dev: string }[] = [];
  readonly unknowns: string[] = [];
  readonly snapshot: Snapshot;
  readonly cast: Cast;
  readonly group: string | null;
  /** Places that the wave came to; whether it came there whole. */
  private readonly seen = new Map<string, boolean>();
  /** Where among the stations each interface is. */
  private readonly placed = new Map<string, number>();

  constructor(snapshot: Snapshot, cast: Cast, group: string | null) {
    this.snapshot = snapshot;
    this.cast = cast;
    this.group = group;
  }

  /** Of several ways to one interface the one that leads there counts, else the shortest: that is where it would be mended. */
  hear(station: Station): void {
    const key = `${station.namespace} ${station.link.index}`;
    const at = this.placed.get(key) ?? this.stations.length;
    const before = this.stations[at];
    const better =
      !before ||
      (before.fault !== null && (!station.fault || station.crossed.length < before.crossed.length));
    if (better) this.stations[at] = station;
    this.placed.set(key, at);
  }

  begin(namespace: NamespaceId, link: Link): void {
    const wave: Wave = { fault: null, crossed: [], source: link.mac, vlan: null };
    this.transmit(namespace, link, wave);
    // What a device's own stack sends leaves by the wire; what stands on the device never hears it.
    for (const child of childrenOf(this.snapshot, namespace, link.index)) {
      const fault = apart({ namespace, link }, child.link.name, child.kind.mode, 'host-and-child');
      toChild(this, child, { ...wave, fault });
    }
    ipvlansMiss(this, { namespace, link }, wave);
  }

  transmit(namespace: NamespaceId, link: Link, before: Wave): void {
    const problem = transmitProblem(link);
    const fault: Fault | null =
      before.fault ??
      (problem
        ? {
            namespace,
            inDev: null,
            step: { kind: 'transmit', dev: link.name, problem },
            disposition: 'link-down',
          }
        : arpFault(this.snapshot, namespace, link, 'egress'));
    const wave = { ...before, fault };
    switch (link.kind.type) {
      case 'loopback':
      case 'dummy':
      case 'ifb':
      case 'vrf':
        return;
      case 'veth':
        if (link.peer?.namespace) this.arrive(link.peer.namespace, link.peer.index, wave);
        else if (!fault) this.unknowns.push(`the other end of ${link.name} is in a namespace out of sight`);
        return;
      case 'bridge':
        this.through(namespace, link, null, wave);
        return;
      case 'macvlan':
        fromChild(this, namespace, link, wave);
        return;
      case 'vlan':
        this.below(link, { ...wave, vlan: link.kind.id });
        return;
      case 'bond':
        for (const slave of this.slavesOf(namespace, link).slice(0, 1)) this.transmit(namespace, slave, wave);
        return;
      case 'team':
        for (const port of this.slavesOf(namespace, link)) this.transmit(namespace, port, wave);
        return;
      case 'physical':
      case 'tun':
        if (link.taken !== undefined) this.unknowns.push(link.taken);
        this.missing.push(...unseenUser(this.snapshot, link));
        if (!fault) this.exits.push({ namespace, dev: link.name });
        return;
      case 'vxlan':
        throughTunnel(this, namespace, link, wave);
        return;
      case 'tunnel':
        if (tunnelEnd(this.snapshot, { namespace, link })) throughTunnel(this, namespace, link, wave);
        else this.unknowns.push(`the ${link.kind.kind} tunnel ${link.name} is not followed`);
        return;
      case 'openvswitch':
        bySwitchPort(this, namespace, link, wave);
        return;
      case 'ipvlan':
        fromIpvlan(this, namespace, link, wave);
        return;
      case 'other':
        this.unknowns.push(`${link.name} is of the kind ${link.kind.kind}, which is not modelled`);
    }
  }

  /** By which a bond or team sends. */
  private slavesOf(namespace: NamespaceId, master: Link): readonly Link[] {
    return sendersOf(linksOf(this.snapshot, namespace) ?? [], master);
  }

  /** By the device that another one stands on. */
  below(link: Link, wave: Wave): Place | null {
    const { peer } = link;
    if (!peer?.namespace) {
      this.unknowns.push(`the lower device of ${link.name} is in a namespace out of sight`);
      return null;
    }
    const lower = linkAt(linksOf(this.snapshot, peer.namespace) ?? [], peer.index);
    if (!lower) {
      this.unseen(peer.namespace);
      return null;
    }
    this.transmit(peer.namespace, lower, wave);
    return { namespace: peer.namespace, link: lower };
  }

  /** An interface that leads on is not known: its namespace has to be read, or cannot be. */
  private unseen(id: NamespaceId): void {
    if (findNamespace(this.snapshot, id)?.facts.links.state === 'unread')
      this.missing.push({ namespace: id, fact: 'links' });
    else {
      const opened = openNamespace(this.snapshot, id);
      this.unknowns.push(
        opened.state === 'closed'
          ? opened.reason
          : `the other end of the wire was not found in ${opened.view.label}`,
      );
    }
  }

  arrive(namespace: NamespaceId, index: number, before: Wave): void {
    const key = `${namespace} ${index} ${before.vlan ?? ''}`;
    // Where it came broken, it may come whole by another way.
    const whole = before.fault === null;
    if (this.seen.get(key) === true || (this.seen.has(key) && !whole)) return;
    this.seen.set(key, whole);
    const links = linksOf(this.snapshot, namespace);
    const link = linkAt(links ?? [], index);
    if (!link) {
      this.unseen(namespace);
      return;
    }
    const fault: Fault | null =
      before.fault ?? notUp(namespace, link) ?? arpFault(this.snapshot, namespace, link, 'ingress');
    const wave = { ...before, fault };
    const tagged = uppersOf(this.snapshot, namespace, index).find(
      ({ link: upper }) => upper.kind.type === 'vlan' && upper.kind.id === wave.vlan,
    );
    if (tagged) {
      this.arrive(tagged.namespace, tagged.link.index, { ...wave, vlan: null });
      return;
    }
    ipvlansHear(this, { namespace, link }, wave);
    const children = childrenOf(this.snapshot, namespace, index);
    if (children.length > 0) fromWire(this, { namespace, link }, children, wave);
    else this.upper(namespace, link, wave);
  }

  through(namespace: NamespaceId, bridge: Link, inPort: Link | null, wave: Wave): void {
    const ovs = switchOf(bridge);
    if (ovs) throughSwitch(this, namespace, bridge, ovs, inPort ?? bridge, wave);
    else throughBridge(this, namespace, bridge, inPort, wave);
  }

  /** What is above a device: its bridge or bond, or the IP stack. */
  upper(namespace: NamespaceId, link: Link, wave: Wave): void {
    const links = linksOf(this.snapshot, namespace) ?? [];
    const master = link.master === undefined ? undefined : linkAt(links, link.master);
    if (!master) {
      if (link.taken !== undefined) this.unknowns.push(link.taken);
      this.station(namespace, link, wave);
      return;
    }
    switch (master.kind.type) {
      case 'vrf':
        this.station(namespace, link, wave);
        return;
      case 'bridge':
        this.through(namespace, master, link, wave);
        return;
      case 'bond':
      case 'team':
        if (!isInactive(link, master)) this.arrive(namespace, master.index, wave);
        return;
      default:
        this.unknowns.push(`${link.name} belongs to ${master.name}, of a kind that is not modelled`);
    }
  }

  /** Somebody's own stack; what is tagged for a VLAN that it does not have is not for it, which is the last bridge's fault. */
  station(namespace: NamespaceId, link: Link, { fault: before, crossed, vlan }: Wave): void {
    const tagged = vlan !== null && vlan !== 0;
    const fault = before ?? (tagged ? leftTagged(crossed) : null);
    if (tagged && !fault) return;
    this.hear({ namespace, link, macs: link.mac === null ? [] : [link.mac], fault, crossed });
  }
}
