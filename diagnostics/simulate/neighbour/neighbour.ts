import type { NamespaceId } from '../../model/ids.ts';
import { familyOf, sameAddress } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { Neighbour } from '../../model/route.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import { learnedIn, withLearned, type Journey } from '../journey.ts';
import { segmentOf, stationsWith } from '../link/segment.ts';
import {
  isBridge,
  type BridgeCrossing,
  type Crossing,
  type Fault,
  type Segment,
  type Station,
} from '../link/station.ts';
import { castOf } from '../link/group-address.ts';
import { childrenOf } from '../link/macvlan.ts';
import { transmitProblem } from '../link/wires.ts';
import type { View } from '../view.ts';
import { arpSender, type NeighbourRequest } from './arp.ts';
import { answeredByRules } from './arp-replies.ts';
import { whoHears, type Hearing } from './hearing.ts';
import { hintedNamespaces, readFirst } from './hints.ts';
import { solicitationSender } from './nd.ts';
import { solicitedNode } from './solicited-node.ts';
import { askProxies } from './tunnel-proxies.ts';

/** How the hardware address of the next hop was found, or not. */
export type Resolution =
  | {
      readonly type: 'resolved';
      readonly mac: string;
      readonly by: 'table' | 'owner';
      readonly owner?: NamespaceId;
      /** The address is everybody's or a group's; this is the hardware address of the one who has the packet's. */
      readonly meant?: string;
      /** Bridges on the way have just seen a frame of the owner's. */
      readonly fresh: boolean;
      /** The journey, with what the owner learned when it was asked. */
      readonly journey: Journey;
      /** The way to the one who answered. */
      readonly path: readonly Crossing[];
      readonly doubts: readonly string[];
    }
  | { readonly type: 'unresolved'; readonly silence: string | null; readonly doubts: readonly string[] }
  /** The one who would answer is there, and something on the way stops the question. */
  | { readonly type: 'stopped'; readonly fault: Fault }
  /** The frame is for many, and something on the way stops it. */
  | { readonly type: 'lost'; readonly mac: string; readonly fault: Fault }
  /** The segment goes on where nobody here can see. */
  | { readonly type: 'exits' }
  | { readonly type: 'unknown'; readonly reason: string; readonly missing: readonly MissingFact[] };

/** NUD_VALID: states in which the kernel sends to the address that it has. */
const VALID = new Set<Neighbour['state']>(['permanent', 'noarp', 'reachable', 'stale', 'delay', 'probe']);

/** What is written by hand stays; of the rest, who asked last is believed (neigh_update() with NEIGH_UPDATE_F_OVERRIDE). */
const tableEntry = (view: View, journey: Journey, dev: string, address: string): Known | undefined => {
  const isIt = (entry: Neighbour): boolean =>
    !entry.proxy && entry.dev === dev && VALID.has(entry.state) && sameAddress(entry.address, address);
  const written = view.neighbours.find(isIt);
  const asked = learnedIn(journey, view.id).find(isIt);
  if (asked && written?.state !== 'permanent' && written?.state !== 'noarp')
    return { entry: asked, fresh: true, path: asked.path };
  return written && { entry: written, fresh: false, path: [] };
};

interface Known {
  readonly entry: Neighbour;
  readonly fresh: boolean;
  readonly path: readonly Crossing[];
}

/** ip_finish_output2() and neigh_resolve_output(): the table first, else ARP or neighbour discovery. */
export function resolveNeighbour(
  snapshot: Snapshot,
  view: View,
  link: Link,
  address: string,
  journey: Journey,
): Resolution {
  const unreadable = view.unreadable.get('neighbours');
  const doubts = unreadable === undefined ? [] : [unreadable];
  const { entry, fresh = false, path = [] } = tableEntry(view, journey, link.name, address) ?? {};
  if (entry?.mac !== undefined) {
    if (castOf(entry.mac) !== null)
      return toMany(snapshot, view, link, { ...entry, address, mac: entry.mac }, journey, doubts);
    const [owner] = stationsWith(segmentOf(snapshot, view.id, link), entry.mac);
    return {
      type: 'resolved',
      mac: entry.mac,
      by: 'table',
      ...(owner ? { owner: owner.namespace } : {}),
      fresh,
      journey,
      path,
      doubts,
    };
  }
  return ask(snapshot, view, link, address, journey, doubts);
}

/** The frame is for everybody, or for a group: of those who hear it, the one who has the address of the packet or of the next hop. */
function toMany(
  snapshot: Snapshot,
  view: View,
  link: Link,
  { address, mac }: { readonly address: string; readonly mac: string },
  journey: Journey,
  doubts: readonly string[],
): Resolution {
  // Of whichever group the frame is: bridges look at the packet's own destination, which nobody joins.
  const segment = segmentOf(snapshot, view.id, link, castOf(mac) ?? 'broadcast', journey.packet.destination);
  const withAddress = (wanted: string): readonly Station[] =>
    segment.stations.filter(({ link: { addresses } }) =>
      addresses.some((own) => sameAddress(own.address, wanted)),
    );
  const own = withAddress(journey.packet.destination);
  const having = own.length > 0 ? own : withAddress(address);
  const station = having.find(({ fault }) => fault === null) ?? having[0];
  if (station?.fault) return { type: 'lost', mac, fault: station.fault };
  if (station?.link.mac == null)
    return (
      notKnown(snapshot, segment, NOBODY_HEARD, [], link, address) ?? {
        type: 'unresolved',
        silence: null,
        doubts,
      }
    );
  return {
    type: 'resolved',
    mac,
    by: 'table',
    owner: station.namespace,
    meant: station.link.mac,
    fresh: false,
    journey,
    path: station.crossed,
    doubts,
  };
}

const NOBODY_HEARD: Hearing = {
  heard: [],
  stopped: [],
  closed: [],
  owners: new Set(),
  unreadable: [],
  silence: null,
  unable: null,
};

/** neigh_event_ns(), ndisc_update(): whoever answers a request remembers the asker, and need not ask it in turn. */
const learns = (
  journey: Journey,
  answerer: Station,
  asker: string | null,
  { sender }: NeighbourRequest,
): Journey =>
  sender === '0.0.0.0' || asker === null
    ? journey
    : withLearned(journey, answerer.namespace, {
        address: sender,
        dev: answerer.link.name,
        mac: asker,
        state: 'stale',
        proxy: false,
        path: reversed(answerer.crossed.filter(isBridge)),
      });

/** The other way round. */
const reversed = (crossed: readonly BridgeCrossing[]): readonly BridgeCrossing[] =>
  crossed.map((one) => ({ ...one, inPort: one.outPort, outPort: one.inPort })).reverse();

/** The address to ask with; null: there is none, and nobody is asked. */
const senderOf = (view: View, link: Link, address: string, { packet }: Journey): string | null =>
  familyOf(address) === 6
    ? solicitationSender(link, packet.source)
    : arpSender(view, link.name, packet.source, address);

/** Why there is no use in asking at all. */
function notAsked(view: View, link: Link, address: string, sender: string | null): string | null {
  if (sender === null)
    return `${view.label} has no link-local address on ${link.name} to ask its neighbours with`;
  // ndisc_recv_na(): an answer for an address of its own, which it does not use, is ignored.
  return familyOf(address) === 6 && link.addresses.some((own) => sameAddress(own.address, address))
    ? `${view.label} has ${address} itself on ${link.name}, and does not use it (duplicate address detection)`
    : null;
}

/** Why an answer does not come to the one who asked: macvlan_handle_frame() gives a passthru child all that is for one machine. */
function notHeard(snapshot: Snapshot, view: View, link: Link): string | null {
  const child = childrenOf(snapshot, view.id, link.index).find(({ kind }) => kind.mode === 'passthru');
  return child
    ? `${child.link.name} (macvlan in mode passthru) takes what comes in by ${link.name} of ${view.label}, its neighbours’ answers too`
    : null;
}

function ask(
  snapshot: Snapshot,
  view: View,
  link: Link,
  address: string,
  journey: Journey,
  doubts: readonly string[],
): Resolution {
  const discovery = familyOf(address) === 6;
  const segment = discovery
    ? segmentOf(snapshot, view.id, link, 'multicast', solicitedNode(address))
    : segmentOf(snapshot, view.id, link);
  const sender = senderOf(view, link, address, journey);
  const futile = notAsked(view, link, address, sender) ?? notHeard(snapshot, view, link);
  if (sender === null || futile !== null) return { type: 'unresolved', silence: futile, doubts };
  const problem = transmitProblem(link);
  if (problem) {
    const step = { kind: 'transmit', dev: link.name, problem } as const;
    return { type: 'stopped', fault: { namespace: view.id, inDev: null, step, disposition: 'link-down' } };
  }
  const request: NeighbourRequest = { namespace: view.id, sender, target: address };
  const resolved = { type: 'resolved', by: 'owner', journey } as const;
  const spoken = discovery ? null : answeredByRules(snapshot, { view, link }, segment, request);
  if (spoken?.type === 'answered')
    return { ...spoken, ...resolved, fresh: false, doubts: [...doubts, ...spoken.doubts] };
  const hearing = whoHears(snapshot, { view, link }, segment, request);
  const { heard } = hearing;
  const chosen = heard.find(({ owns }) => owns) ?? heard[0];
  if (chosen && chosen.mac !== null) {
    const { mac, station } = chosen;
    const others = heard.filter((one) => one.mac !== mac);
    const all = [chosen, ...others].map(({ who }) => who).join(', ');
    const duplicate = `${address} is answered for by more than one on the segment of ${link.name}, and the fastest gets the packet: ${all}`;
    return {
      ...resolved,
      mac,
      owner: station.namespace,
      fresh: mac === station.link.mac,
      // All who answer remember the asker, the lower device of a macvlan beside its child.
      journey: heard.reduce((now, one) => learns(now, one.station, one.asker ?? link.mac, request), journey),
      path: station.crossed,
      doubts: [...doubts, ...(others.length > 0 ? [duplicate] : []), ...chosen.doubts],
    };
  }
  const { mac, path, silence } = askProxies(segment, address);
  if (mac !== null) return { ...resolved, mac, fresh: true, path, doubts };
  const unseenRules = spoken?.type === 'unknown' ? spoken.missing : [];
  return (
    notKnown(snapshot, segment, hearing, unseenRules, link, address) ?? {
      type: 'unresolved',
      silence: hearing.silence ?? hearing.unable ?? silence,
      doubts,
    }
  );
}

/** Nobody that is seen answers: what has to be read first, what stops one who would, or whom nobody can see. */
function notKnown(
  snapshot: Snapshot,
  segment: Segment,
  { closed, owners, stopped, unreadable }: Hearing,
  unseenRules: readonly MissingFact[],
  link: Link,
  address: string,
): Resolution | null {
  const { name: dev } = link;
  const likely = new Set([...hintedNamespaces(snapshot, address), ...owners]);
  const first = readFirst(snapshot, [...closed, ...segment.missing, ...unseenRules], likely);
  if (first.length > 0)
    return { type: 'unknown', reason: `who has ${address} behind ${dev} is not known yet`, missing: first };
  const [fault] = stopped;
  if (fault) return { type: 'stopped', fault };
  if (segment.exits.length > 0) return { type: 'exits' };
  // A macvlan on any device of the segment may be in a namespace that nobody has looked at.
  const unseen = snapshot.namespaces
    .filter(({ facts }) => facts.links.state === 'unread')
    .map(({ id }): MissingFact => ({ namespace: id, fact: 'links' }));
  if (unseen.length > 0)
    return {
      type: 'unknown',
      reason: `nobody that was looked at has ${address} behind ${dev}`,
      missing: unseen,
    };
  const unknowns = [...segment.unknowns, ...unreadable];
  return unknowns.length > 0
    ? {
        type: 'unknown',
        reason: `who has ${address} behind ${dev} cannot be seen: ${unknowns.join('; ')}`,
        missing: [],
      }
    : null;
}
