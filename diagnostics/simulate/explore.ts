import type { NamespaceId } from '../model/ids.ts';
import { linkAt, portsOf, type Link } from '../model/link.ts';
import type { OvsBridge } from '../model/openvswitch.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import {
  admitted,
  bridgeDisposition,
  egressProblem,
  isLockedOut,
  leavesAs,
  type BridgeProblem,
} from './bridge-port.ts';
import { apart, childrenOf, heardBySiblings, heardFromOutside, lowerHears, type Child } from './macvlan.ts';
import { arpFault } from './traffic-control.ts';
import type { Crossing, Fault, Proxy, Segment, Station } from './station.ts';
import { spreadOver } from './openvswitch/spread.ts';
import { isOwnPort, switchOf } from './openvswitch/own-port.ts';
import { entriesFor, farSide, isGroup, likelyPeers, remoteOf, tunnelEnd, unseenLinks } from './tunnels.ts';
import { bridgeMacs, fdbOf, linksOf, transmitProblem, uppersOf } from './wires.ts';

/** A broadcast at one place of its way. */
interface Wave {
  readonly fault: Fault | null;
  readonly crossed: readonly Crossing[];
  /** The sender's hardware address. */
  readonly source: string | null;
  /** The VLAN tag that it carries. */
  readonly vlan: number | null;
}

/** Follows a broadcast to everybody who hears it, and to those who would if nothing stopped it. */
export class Exploration implements Segment {
  readonly stations: Station[] = [];
  readonly proxies: Proxy[] = [];
  readonly missing: MissingFact[] = [];
  readonly exits: { namespace: NamespaceId; dev: string }[] = [];
  readonly unknowns: string[] = [];
  private readonly seen = new Set<string>();
  private readonly snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  begin(namespace: NamespaceId, link: Link): void {
    const wave: Wave = { fault: null, crossed: [], source: link.mac, vlan: null };
    this.transmit(namespace, link, wave);
    // What a device's own stack sends leaves by the wire; what stands on the device never hears it.
    for (const child of childrenOf(this.snapshot, namespace, link.index)) {
      const fault = apart({ namespace, link }, child.link.name, child.kind.mode, 'host-and-child');
      this.child(child, { ...wave, fault });
    }
  }

  private transmit(namespace: NamespaceId, link: Link, before: Wave): void {
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
        return;
      case 'veth':
        if (link.peer?.namespace) this.arrive(link.peer.namespace, link.peer.index, wave);
        else if (!fault) this.unknowns.push(`the other end of ${link.name} is in a namespace out of sight`);
        return;
      case 'bridge':
        this.spread(namespace, link, null, wave);
        return;
      case 'macvlan':
        this.fromChild(namespace, link, wave);
        return;
      case 'vlan':
        this.below(link, { ...wave, vlan: link.kind.id });
        return;
      case 'bond':
        for (const slave of this.slavesOf(namespace, link)) this.transmit(namespace, slave, wave);
        return;
      case 'physical':
      case 'tun':
        if (link.taken !== undefined) this.unknowns.push(link.taken);
        if (!fault) this.exits.push({ namespace, dev: link.name });
        return;
      case 'vxlan':
        this.tunnel(namespace, link, wave);
        return;
      case 'tunnel':
        this.unknowns.push(`the ${link.kind.kind} tunnel ${link.name} is not followed`);
        return;
      case 'openvswitch':
        this.fromSwitch(namespace, link, wave);
        return;
      case 'ipvlan':
      case 'team':
      case 'vrf':
        this.unknowns.push(`${link.name} is of the kind ${link.kind.type}, which is not modelled`);
        return;
      case 'other':
        this.unknowns.push(`${link.name} is of the kind ${link.kind.kind}, which is not modelled`);
    }
  }

  /** By a port that Open vSwitch made: into its bridge, to the other end of a patch, or to where a tunnel leads. */
  private fromSwitch(namespace: NamespaceId, link: Link, wave: Wave): void {
    const bridge = linkAt(linksOf(this.snapshot, namespace) ?? [], link.master ?? 0);
    if (link.ovs?.role === 'internal' && bridge) this.spread(namespace, bridge, link, wave);
    else if (link.ovs?.role === 'patch') {
      if (link.peer?.namespace) this.arrive(link.peer.namespace, link.peer.index, wave);
    } else
      this.unknowns.push(
        link.ovs
          ? `where the port ${link.name} of Open vSwitch leads is not modelled`
          : `${link.name} is of the kind ${link.kind.type}, which is not modelled`,
      );
  }

  /** Through an Open vSwitch bridge: to all its ports but one, as far as their VLANs let it. */
  private switched(namespace: NamespaceId, bridge: Link, ovs: OvsBridge, inPort: Link, wave: Wave): void {
    const links = linksOf(this.snapshot, namespace) ?? [];
    const place = { kind: 'bridge', bridge: bridge.name, inPort: inPort.name, by: 'flood' } as const;
    const { reached, unknowns } = spreadOver(links, bridge, ovs, { inPort, tag: wave.vlan });
    this.unknowns.push(...unknowns.filter((text) => !this.unknowns.includes(text)));
    for (const { port, tag, refused } of reached) {
      const own = isOwnPort(port);
      const fault: Fault | null =
        wave.fault ??
        (refused === null
          ? null
          : {
              namespace,
              inDev: inPort.name,
              step: { ...place, outPort: refused === 'in' ? null : port.name, problem: 'vlan' },
              disposition: bridgeDisposition('vlan'),
            });
      const crossing: Crossing = {
        type: 'bridge',
        namespace,
        bridge: bridge.name,
        inPort: inPort === bridge ? null : inPort.name,
        outPort: port === bridge ? null : port.name,
        tags: [wave.vlan, tag],
      };
      const onward = { ...wave, fault, vlan: tag, crossed: [...wave.crossed, crossing] };
      if (!own) this.transmit(namespace, port, onward);
      else this.intoHost(namespace, port, onward);
    }
  }

  /** Out by a switch's own interface, to the host's IP stack or to what stands on that interface. */
  private intoHost(namespace: NamespaceId, link: Link, before: Wave): void {
    const fault: Fault | null =
      before.fault ??
      (link.up
        ? null
        : {
            namespace,
            inDev: link.name,
            step: { kind: 'receive', dev: link.name, problem: 'down' },
            disposition: 'link-down',
          });
    const wave = { ...before, fault };
    const tagged = uppersOf(this.snapshot, namespace, link.index).find(
      ({ link: upper }) => upper.kind.type === 'vlan' && upper.kind.id === wave.vlan,
    );
    if (tagged) this.arrive(tagged.namespace, tagged.link.index, { ...wave, vlan: null });
    else this.station(namespace, link, wave);
  }

  /** Slaves by which a bond sends: the active one, or any. */
  private slavesOf(namespace: NamespaceId, bond: Link): readonly Link[] {
    const slaves = portsOf(linksOf(this.snapshot, namespace) ?? [], bond);
    const active = bond.kind.type === 'bond' ? bond.kind.active : undefined;
    return active === undefined ? slaves.slice(0, 1) : slaves.filter(({ name }) => name === active);
  }

  /** By the device that another one stands on. */
  private below(link: Link, wave: Wave): { readonly namespace: NamespaceId; readonly link: Link } | null {
    const { peer } = link;
    if (!peer?.namespace) {
      this.unknowns.push(`the lower device of ${link.name} is in a namespace out of sight`);
      return null;
    }
    const lower = linkAt(linksOf(this.snapshot, peer.namespace) ?? [], peer.index);
    if (!lower) {
      this.missing.push({ namespace: peer.namespace, fact: 'links' });
      return null;
    }
    this.transmit(peer.namespace, lower, wave);
    return { namespace: peer.namespace, link: lower };
  }

  /** macvlan_queue_xmit(): its siblings of mode bridge hear it at once; its own host does not. */
  private fromChild(namespace: NamespaceId, link: Link, wave: Wave): void {
    const { peer } = link;
    const children = peer?.namespace ? childrenOf(this.snapshot, peer.namespace, peer.index) : [];
    const own = children.find((child) => child.namespace === namespace && child.link.index === link.index);
    if (own)
      for (const child of children) if (child !== own && heardBySiblings(own, child)) this.child(child, wave);
    const lower = this.below(link, wave);
    if (!lower || !own || !peer?.namespace) return;
    const lost = (problem: 'host-and-child' | 'siblings', child: Child): Wave => ({
      ...wave,
      fault: wave.fault ?? apart(lower, child.link.name, child.kind.mode, problem),
    });
    for (const child of children)
      if (child !== own && !heardBySiblings(own, child))
        this.child(child, lost('siblings', own.kind.mode === 'bridge' ? child : own));
    this.station(lower.namespace, lower.link, lost('host-and-child', own));
  }

  private child(child: Child, wave: Wave): void {
    const fault: Fault | null =
      wave.fault ??
      (child.link.up
        ? null
        : {
            namespace: child.namespace,
            inDev: child.link.name,
            step: { kind: 'receive', dev: child.link.name, problem: 'down' },
            disposition: 'link-down',
          });
    this.upper(child.namespace, child.link, { ...wave, fault });
  }

  private arrive(namespace: NamespaceId, index: number, before: Wave): void {
    const key = `${namespace} ${index} ${before.vlan ?? ''}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const links = linksOf(this.snapshot, namespace);
    if (!links) {
      this.missing.push({ namespace, fact: 'links' });
      return;
    }
    const link = linkAt(links, index);
    if (!link) return;
    const fault: Fault | null =
      before.fault ??
      (link.up
        ? arpFault(this.snapshot, namespace, link, 'ingress')
        : {
            namespace,
            inDev: link.name,
            step: { kind: 'receive', dev: link.name, problem: 'down' },
            disposition: 'link-down',
          });
    const wave = { ...before, fault };
    const tagged = uppersOf(this.snapshot, namespace, index).find(
      ({ link: upper }) => upper.kind.type === 'vlan' && upper.kind.id === wave.vlan,
    );
    if (tagged) {
      this.arrive(tagged.namespace, tagged.link.index, { ...wave, vlan: null });
      return;
    }
    const children = childrenOf(this.snapshot, namespace, index);
    if (children.length > 0) this.fromWire({ namespace, link }, children, wave);
    else this.upper(namespace, link, wave);
  }

  /** macvlan_handle_frame(): the children of a lower device, and what of it the device's own stack hears. */
  private fromWire(
    lower: { readonly namespace: NamespaceId; readonly link: Link },
    children: readonly Child[],
    wave: Wave,
  ): void {
    const sender = children.find(({ link }) => link.mac === wave.source);
    const shut = (child: Child, problem: 'host-and-child' | 'siblings' | 'source'): Wave => ({
      ...wave,
      fault: wave.fault ?? apart(lower, child.link.name, child.kind.mode, problem),
    });
    for (const child of children) {
      if (heardFromOutside(children, child, wave.source)) this.child(child, wave);
      else if (child.kind.mode === 'source') this.child(child, shut(child, 'source'));
      else if (sender && child !== sender && sender.kind.mode !== 'bridge')
        this.child(child, shut(sender, 'siblings'));
    }
    const heard = lowerHears(children, wave.source);
    this.upper(lower.namespace, lower.link, heard || !sender ? wave : shut(sender, 'host-and-child'));
  }

  /** What is above a device: its bridge or bond, or the IP stack. */
  private upper(namespace: NamespaceId, link: Link, wave: Wave): void {
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
        this.spread(namespace, master, link, wave);
        return;
      case 'bond':
        this.arrive(namespace, master.index, wave);
        return;
      default:
        this.unknowns.push(`${link.name} belongs to ${master.name}, of a kind that is not modelled`);
    }
  }

  /** Somebody's own stack; what is tagged for a VLAN that it does not have is not for it. */
  private station(namespace: NamespaceId, link: Link, { fault, crossed, vlan }: Wave): void {
    if (vlan !== null && vlan !== 0) return;
    this.stations.push({ namespace, link, macs: link.mac === null ? [] : [link.mac], fault, crossed });
  }

  /** A frame in a bridge: from a port, or (null) from the bridge's own IP stack. */
  private spread(namespace: NamespaceId, bridge: Link, inPort: Link | null, before: Wave): void {
    const ovs = switchOf(bridge);
    if (ovs) {
      this.switched(namespace, bridge, ovs, inPort ?? bridge, before);
      return;
    }
    const links = linksOf(this.snapshot, namespace) ?? [];
    const place = { bridge: bridge.name, inPort: inPort?.name ?? null };
    const stop = (outPort: string | null, problem: BridgeProblem): Fault => ({
      namespace,
      inDev: inPort?.name ?? null,
      step: { kind: 'bridge', ...place, outPort, by: 'flood', problem },
      disposition: bridgeDisposition(problem),
    });
    const entry = admitted(bridge, inPort ?? bridge, before.vlan);
    const refused: BridgeProblem | null = !bridge.up
      ? 'bridge-down'
      : inPort?.port && inPort.port.state !== 'forwarding'
        ? 'port-not-forwarding'
        : entry === 'refused'
          ? 'vlan'
          : isLockedOut(fdbOf(this.snapshot, namespace), bridge, inPort, before.source)
            ? 'locked'
            : null;
    const fault = before.fault ?? (refused ? stop(null, refused) : null);
    const vlan = entry === 'refused' ? null : entry.vlan;
    const through = (outPort: string | null): readonly Crossing[] => [
      ...before.crossed,
      { type: 'bridge', namespace, bridge: bridge.name, inPort: inPort?.name ?? null, outPort },
    ];
    if (inPort) this.intoBridge(namespace, bridge, { ...before, fault, crossed: through(null) }, vlan, stop);
    for (const port of portsOf(links, bridge)) {
      if (port === inPort && port.port?.hairpin !== true) continue;
      const tag = leavesAs(port, vlan, before.vlan);
      const stopped =
        transmitProblem(port) === null
          ? (egressProblem(inPort, port) ??
            (tag === 'refused' ? 'vlan' : port.port?.broadcastFlood === false ? 'not-flooded' : null))
          : null;
      // A port without carrier is out of service: its device says why better than its state.
      const lost = fault ?? (stopped ? stop(port.name, stopped) : null);
      this.transmit(namespace, port, {
        ...before,
        fault: lost,
        crossed: through(port.name),
        vlan: tag === 'refused' ? before.vlan : tag.tag,
      });
    }
  }

  /** br_pass_frame_up(): to the bridge's own stack, or to a VLAN device on it. */
  private intoBridge(
    namespace: NamespaceId,
    bridge: Link,
    wave: Wave,
    vlan: number | null,
    stop: (outPort: string | null, problem: BridgeProblem) => Fault,
  ): void {
    const links = linksOf(this.snapshot, namespace) ?? [];
    const tag = leavesAs(bridge, vlan, wave.vlan);
    const fault = wave.fault ?? (tag === 'refused' ? stop(null, 'vlan') : null);
    const own = tag === 'refused' ? wave.vlan : tag.tag;
    const tagged = uppersOf(this.snapshot, namespace, bridge.index).find(
      ({ link }) => link.kind.type === 'vlan' && link.kind.id === own,
    );
    if (tagged) {
      this.arrive(tagged.namespace, tagged.link.index, { ...wave, fault, vlan: null });
      return;
    }
    const children = childrenOf(this.snapshot, namespace, bridge.index);
    if (children.length > 0) {
      this.fromWire({ namespace, link: bridge }, children, { ...wave, fault });
      return;
    }
    if (own !== null && own !== 0 && tag !== 'refused') return;
    this.stations.push({
      namespace,
      link: bridge,
      macs: bridgeMacs(links, bridge),
      fault,
      crossed: wave.crossed,
    });
  }

  /** vxlan_xmit(), for a broadcast: to all whom the tunnel knows for whatever it does not know. */
  private tunnel(namespace: NamespaceId, link: Link, wave: Wave): void {
    const end = tunnelEnd(this.snapshot, { namespace, link });
    if (!end) return;
    if (end.kind.external) {
      this.unknowns.push(`where ${link.name} sends a packet is said by a program (external)`);
      return;
    }
    const facts = findNamespace(this.snapshot, namespace)?.facts;
    if (facts?.fdb.state === 'unread' || facts?.neighbours.state === 'unread') {
      this.missing.push({ namespace, fact: 'fdb' }, { namespace, fact: 'neighbours' });
      return;
    }
    if (end.kind.proxy) {
      const entries = facts?.neighbours.state === 'known' ? facts.neighbours.value : [];
      this.proxies.push({
        namespace,
        link,
        fault: wave.fault,
        crossed: wave.crossed,
        entries: entries.filter(({ dev }) => dev === link.name),
      });
      return;
    }
    const fault = (remote: string | null, problem: 'no-entry' | 'other-id' | 'other-port'): Fault => ({
      namespace,
      inDev: null,
      step: { kind: 'tunnel', dev: link.name, tunnel: 'vxlan', id: end.kind.id, remote, problem },
      disposition: 'neighbour-unresolved',
    });
    const { entries } = entriesFor(fdbOf(this.snapshot, namespace), link, null);
    if (entries.length === 0)
      for (const peer of likelyPeers(this.snapshot, end))
        this.arrive(peer.namespace, peer.link.index, {
          ...wave,
          fault: wave.fault ?? fault(null, 'no-entry'),
        });
    if (end.underlay === null) {
      this.unknowns.push(`the packets of the tunnel ${link.name} are routed in a namespace out of sight`);
      return;
    }
    for (const entry of entries) {
      const remote = remoteOf(this.snapshot, end, entry);
      if (isGroup(remote.address)) {
        this.unknowns.push(`the group ${remote.address} of the tunnel ${link.name} is not followed`);
        continue;
      }
      const { match, others, owned } = farSide(this.snapshot, remote);
      const unseen = match ? [] : unseenLinks(this.snapshot);
      this.missing.push(...unseen);
      if (match)
        this.arrive(match.namespace, match.link.index, {
          ...wave,
          crossed: [...wave.crossed, { type: 'tunnel', namespace, link, remote: remote.address, far: match }],
        });
      else if (owned)
        for (const other of others)
          this.arrive(other.namespace, other.link.index, {
            ...wave,
            fault:
              wave.fault ??
              fault(remote.address, other.kind.port === remote.port ? 'other-id' : 'other-port'),
          });
      if (!match && !wave.fault) this.exits.push({ namespace: end.underlay, dev: link.name });
    }
  }
}
