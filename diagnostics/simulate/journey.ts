import type { NamespaceId } from '../model/ids.ts';
import type { Packet } from '../model/packet.ts';
import type { FdbEntry, Neighbour } from '../model/route.ts';
import type { PacketType } from '../model/rule-action.ts';
import type { SocketProgram } from '../model/socket-program.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { Disposition, Hop, Step, Trace } from '../model/trace.ts';
import type { Current, Tracked, Tuple } from './netfilter/conntrack.ts';
import type { Filling, Sender } from './netfilter/types.ts';
import type { RouteError } from './route/route.ts';
import type { Crossing, Fault, TunnelCrossing } from './link/station.ts';

/** One packet on its way, with everything that it has met. */
export interface Journey {
  readonly packet: Packet;
  /** Its sender has spoken before: connections that namespaces remembered before the walk count. */
  readonly recalls?: true;
  /** The process that made the packet; null: the kernel itself did; absent: not known. */
  readonly sender?: Sender | null;
  /** Of an answer: eBPF programs that meet what its socket sends. */
  readonly programs?: readonly SocketProgram[];
  /** Of an ICMP error: the packet that it is about, as it was where the error was made. */
  readonly about: Tuple | null;
  /** What the sender of the question waits for; null on the way there. */
  readonly expected: Expected | null;
  readonly hops: readonly Hop[];
  /** OUTPUT changed what routes are chosen by, where the kernel looks for one again (ip_route_me_harder()). */
  readonly rerouted?: true;
  /** Of a question of ARP: a rule of a bridge has answered it with this hardware address. */
  readonly arpAnswer?: string;
  /** The connections that this flow made, by namespace. */
  readonly tracking: ReadonlyMap<NamespaceId, readonly Tracked[]>;
  /** What rules put into sets, or took out, by namespace. */
  readonly filled: ReadonlyMap<NamespaceId, readonly Filling[]>;
  /** Neighbours that a namespace learned because they asked it for its hardware address (arp_process()). */
  readonly learned: ReadonlyMap<NamespaceId, readonly LearnedNeighbour[]>;
  /** Where tunnels have just seen hardware addresses (vxlan_snoop()), by namespace. */
  readonly snooped: ReadonlyMap<NamespaceId, readonly FdbEntry[]>;
  /** The ways of the tunnels' own packets. */
  readonly underlays: readonly Underlay[];
  /** How many tunnels the packet is in. */
  readonly nesting: number;
  /** The packet's connection in the namespace it is in; null before conntrack has seen it there. */
  readonly current: Current | null;
  /** Hardware addresses of the frame that it came in by, in the namespace it is in; absent: by none, or they are not known. */
  readonly ether?: Pick<Frame, 'source' | 'destination'> | null;
  /** It came in by a frame that was for many (skb->pkt_type): TCP and routers leave such a packet, and nobody is told. */
  readonly toMany?: 'broadcast' | 'multicast';
  /** What is not modelled or not known on this way, and might change its end. */
  readonly doubts: readonly string[];
  /** Where the way could have been another: it is followed too. */
  readonly forks: readonly string[];
  /** Those of the forks where chance decides for each connection. */
  readonly chances: readonly string[];
  readonly missing: readonly MissingFact[];
}

/** Somebody who asked, and the way of the question. */
export interface LearnedNeighbour extends Neighbour {
  readonly path: readonly Crossing[];
}

/** The way of a packet that a tunnel makes of another one. */
export interface Underlay {
  readonly namespace: NamespaceId;
  readonly remote: string;
  readonly protocol: Packet['protocol'];
  /** null: of a protocol without ports. */
  readonly port: number | null;
  readonly trace: Trace;
}

/** Who waits for an answer, and for which. */
export interface Expected {
  readonly namespace: NamespaceId;
  /** The first packet as the sender made it. */
  readonly sent: Tuple;
  /** What the socket that waits is bound to; absent: to no device. */
  readonly device?: string;
  /** Where the question came from outside: the device an answer has to leave by. */
  readonly outsideDevice: string | null;
}

/** The Ethernet frame that a packet is in, where it is in one. */
export interface Frame {
  readonly source: string | null;
  readonly destination: string | null;
  /** The destination answered just now, so that bridges on the way have learned it anew. */
  readonly fresh: boolean;
  /** It is addressed to this group, and everybody hears it; `destination` is whom it is followed to. */
  readonly group?: string;
  /** VLAN tag. */
  readonly vlan?: number;
  /** What a rule made of whose it counts as; absent: as its destination says. Of the device that it is at, and no other. */
  readonly packetType?: PacketType;
  /** The way to the one who answered just now. */
  readonly path?: readonly Crossing[];
}

/** What a sender asks of its kernel. */
export interface OutputRequest {
  /** Already chosen (bound, or an answer's); null: the route chooses. */
  readonly source: string | null;
  /** SO_BINDTODEVICE. */
  readonly device: string | null;
  /**
   * `connect`: the route is looked up again with the source that the first lookup found. `probe-then-send`: as ping(8) does,
   * which connects a socket only to learn its source, and sends by another. `send`: once.
   */
  readonly lookup: 'connect' | 'probe-then-send' | 'send';
  /** A source that is not this machine's (a rule's TCP reset speaks for the destination). */
  readonly foreignSource: boolean;
  /** Where there is a route at all, it leaves by this port and in this frame, past rules and NAT. */
  readonly straight?: FrameAt;
}

/** A frame at an interface of the namespace. */
export interface FrameAt {
  readonly link: number;
  readonly frame: Frame;
}

/** Where a packet is to go on from: made here, come in by an interface, or to be sent anew. */
export type Place =
  | { readonly type: 'output'; readonly namespace: NamespaceId; readonly request: OutputRequest }
  | {
      readonly type: 'arrival';
      readonly namespace: NamespaceId;
      readonly link: number;
      readonly frame: Frame;
    }
  | {
      readonly type: 'tunnel';
      readonly namespace: NamespaceId;
      readonly link: number;
      readonly frame: Frame;
    }
  /** Given to a VRF, or to the device below an ipvlan interface, which has it routed once more. */
  | { readonly type: 'again'; readonly namespace: NamespaceId; readonly device: string }
  /** Past INPUT of the namespace of the device below, given to an ipvlan interface. */
  | { readonly type: 'handed'; readonly namespace: NamespaceId; readonly link: number }
  /** Before a frame leaves: whether the question for its destination, and the answer, come through the tunnels on the way. */
  | {
      readonly type: 'discovery';
      readonly namespace: NamespaceId;
      readonly link: number;
      readonly frame: Frame;
      readonly tunnels: readonly TunnelCrossing[];
      readonly towards: string;
      /** What stops the question at the end of the last tunnel; absent: nothing. */
      readonly fault?: Fault;
    };

/** What goes back to the sender because of how a packet ended. */
export type Answer =
  | {
      readonly kind: 'reply';
      readonly device: string | null;
      readonly sender?: Sender | null;
      readonly mark?: number;
      /** What meets the packets of the socket that answers. */
      readonly programs?: readonly SocketProgram[];
      /** The socket may speak for an address that is not this machine's. */
      readonly foreignSource?: true;
    }
  /** From a socket that is not there, or from a rule: that one speaks for an address that need not be here. */
  | { readonly kind: 'reset'; readonly straight?: FrameAt }
  | {
      readonly kind: 'icmp';
      readonly type: number;
      readonly code: number;
      /** Whether the error speaks from the address that was asked, or from the router's own. */
      readonly speaks: 'destination' | 'router';
      /** It comes in by an interface, as if the far end had sent it. */
      readonly injected?: FrameAt;
    };

/** How and where a packet ended, and what goes back for it. */
export interface Ending {
  readonly disposition: Disposition;
  readonly namespace: NamespaceId;
  /** The sender's own system call fails with this: no packet goes anywhere. */
  readonly localError?: RouteError | 'not-permitted' | 'too-big';
  /** The error came after the sender's connect() had found a way: TCP tries again, until its time is up. */
  readonly afterConnect?: true;
  readonly answer?: Answer;
  /** The sender's kernel has learnt of a smaller size on the way, in bytes at layer 3. */
  readonly told?: number;
  /** The end hangs on chance or on the moment: a full queue. */
  readonly momentary?: true;
  /** Of a tunnel's packet: the interface that takes out what is in it, and who is said to have sent it. */
  readonly decapsulated?: { readonly namespace: NamespaceId; readonly link: number; readonly from: string };
}

/** A packet on its way, or at its end. */
export type Next =
  | { readonly type: 'moving'; readonly journey: Journey; readonly place: Place }
  | { readonly type: 'ended'; readonly journey: Journey; readonly ending: Ending };

export type Ended = Extract<Next, { type: 'ended' }>;

/** How a packet is followed to its ends; handed in, because a tunnel's packet goes the same ways as any other. */
export type Follow = (snapshot: Snapshot, journey: Journey, place: Place) => readonly Ended[];

/** An answer is where it belongs: with who asked, or on its way out where the question came from outside. */
export const arrived = (end: Ended): boolean =>
  end.journey.expected?.outsideDevice
    ? end.ending.disposition === 'exits-machine'
    : end.ending.disposition === 'delivered';

/** The packet goes on from there. */
export const moving = (journey: Journey, place: Place): Next => ({ type: 'moving', journey, place });

/** The packet ends in the namespace that it is in. */
export const ended = (
  journey: Journey,
  disposition: Disposition,
  more: Omit<Ending, 'disposition' | 'namespace'> = {},
): Next => ({
  type: 'ended',
  journey,
  ending: { disposition, namespace: journey.hops.at(-1)?.namespace ?? '', ...more },
});

/** Nothing has happened to this packet yet. */
export const newJourney = (packet: Packet, more: Partial<Journey> = {}): Journey => ({
  packet,
  about: null,
  expected: null,
  hops: [],
  tracking: new Map(),
  filled: new Map(),
  learned: new Map(),
  snooped: new Map(),
  underlays: [],
  nesting: 0,
  current: null,
  doubts: [],
  forks: [],
  chances: [],
  missing: [],
  ...more,
});

/** The packet enters a namespace by a device (null: it is made there). */
export const enter = (journey: Journey, namespace: NamespaceId, inDev: string | null): Journey => ({
  ...journey,
  current: null,
  ether: null,
  hops: [...journey.hops, { namespace, packet: journey.packet, inDev, outDev: null, steps: [] }],
});

const changeLast = (journey: Journey, change: (hop: Hop) => Hop): Journey => {
  const last = journey.hops.at(-1);
  return last ? { ...journey, hops: [...journey.hops.slice(0, -1), change(last)] } : journey;
};

/** With what happened to the packet, at the end of the hop that it is on. */
export const withSteps = (journey: Journey, ...steps: readonly Step[]): Journey =>
  steps.length === 0 ? journey : changeLast(journey, (hop) => ({ ...hop, steps: [...hop.steps, ...steps] }));

/** Notes the frame that it comes in by. */
export const cameBy = (journey: Journey, { source, destination, group }: Frame): Journey => ({
  ...journey,
  ether: { source, destination: group ?? destination },
});

/** Notes the device by which the packet leaves the namespace that it is in. */
export const leaveBy = (journey: Journey, outDev: string): Journey =>
  changeLast(journey, (hop) => ({ ...hop, outDev }));

/** Not modelled or not known, and possibly decisive: the answer is no longer certain. */
export const withDoubts = (journey: Journey, doubts: readonly string[]): Journey => {
  const added = doubts.filter((text) => !journey.doubts.includes(text));
  return added.length === 0
    ? journey
    : withSteps(
        { ...journey, doubts: [...journey.doubts, ...added] },
        ...added.map((text): Step => ({ kind: 'doubt', text })),
      );
};

/** Of several ways one is followed: what chooses among them; `chances`: what draws anew for each connection. */
export const withForks = (
  journey: Journey,
  forks: readonly string[],
  chances: readonly string[] = [],
): Journey => ({
  ...journey,
  forks: [...new Set([...journey.forks, ...forks])],
  chances: [...new Set([...journey.chances, ...chances])],
});

/** The connections that this flow has made in a namespace. */
export const recordsIn = (journey: Journey, namespace: NamespaceId): readonly Tracked[] =>
  journey.tracking.get(namespace) ?? [];

/** With these connections there, in place of those before. */
export const withRecords = (
  journey: Journey,
  namespace: NamespaceId,
  records: readonly Tracked[],
): Journey => ({ ...journey, tracking: new Map(journey.tracking).set(namespace, records) });

/** What bridges of a namespace have learned from this packet: which hardware address is behind which port. */
export const snoopedIn = (journey: Journey, namespace: NamespaceId): readonly FdbEntry[] =>
  journey.snooped.get(namespace) ?? [];

/** One entry a hardware address and port: the latest. */
export const withSnooped = (journey: Journey, namespace: NamespaceId, entry: FdbEntry): Journey => {
  const others = snoopedIn(journey, namespace).filter(
    ({ mac, dev }) => mac !== entry.mac || dev !== entry.dev,
  );
  return { ...journey, snooped: new Map(journey.snooped).set(namespace, [...others, entry]) };
};

/** The neighbours that a namespace has learned from this packet. */
export const learnedIn = (journey: Journey, namespace: NamespaceId): readonly LearnedNeighbour[] =>
  journey.learned.get(namespace) ?? [];

/** One entry an address and interface: the latest. */
export const withLearned = (
  journey: Journey,
  namespace: NamespaceId,
  neighbour: LearnedNeighbour,
): Journey => {
  const others = learnedIn(journey, namespace).filter(
    ({ address, dev }) => address !== neighbour.address || dev !== neighbour.dev,
  );
  return { ...journey, learned: new Map(journey.learned).set(namespace, [...others, neighbour]) };
};

/** Ends where nobody can look, or where facts are to be read first. */
export const blocked = (journey: Journey, reason: string, missing: readonly MissingFact[]): Next =>
  ended(
    {
      ...withSteps(journey, { kind: 'doubt', text: reason }),
      doubts: [...journey.doubts, reason],
      missing: [...journey.missing, ...missing],
    },
    'unknown',
  );
