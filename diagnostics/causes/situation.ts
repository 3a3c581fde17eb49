import { enginesOn } from '../model/engines.ts';
import { valueOr } from '../model/fact.ts';
import type { Container, Engine } from '../model/container.ts';
import type { Flow } from '../model/flow.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Finding } from './finding.ts';
import { sameAddress } from '../model/ip.ts';
import type { Address, Link } from '../model/link.ts';
import { namespaceLabel, type NamespaceFacts } from '../model/namespace.ts';
import type { Packet } from '../model/packet.ts';
import { findHost, findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { ListeningSocket } from '../model/socket.ts';
import type { Hop, Step, Trace } from '../model/trace.ts';
import type { FlowStart } from '../simulate/start.ts';
import { isVrf, vrfOf, type Vrf } from '../simulate/route/vrf.ts';
import type { LargePackets } from '../simulate/answer/large.ts';

/** A packet's way that ended too early. */
export interface WaySituation {
  readonly type: 'way';
  /** With everything mended that was found before. */
  readonly snapshot: Snapshot;
  readonly flow: Flow;
  readonly direction: 'forward' | 'back';
  readonly forward: Trace;
  /** The one that ended: `forward`, or the way back. */
  readonly trace: Trace;
  /** Where it ended. */
  readonly hop: Hop;
  readonly namespace: NamespaceId;
  readonly step: Step;
  /** As it was at the end, translated or not. */
  readonly packet: Packet;
  /** What was walked, to walk it again on other facts. */
  readonly start?: FlowStart;
  /** Where small packets pass: the large ones whose way this is. */
  readonly large?: LargePackets;
  /** The connection was opened: this is what follows. */
  readonly opened?: true;
  /** How TO's name led here; absent where it is no name, or another address is asked for meanwhile. */
  readonly naming?: Naming;
}

/** How a name became the address that was asked for, and what else it could have meant. */
export interface Naming {
  readonly name: string;
  readonly by: 'hosts' | 'engine' | 'dns';
  /** What was asked for in the end: a search list may have made another name of it. */
  readonly query: string;
  /** Where it can be read again: a file, or a server. */
  readonly source: string;
  readonly others: readonly NameMeaning[];
}

/** Another address of a name. */
export interface NameMeaning {
  readonly address: string;
  /** In the same answer as the address that was asked for. */
  readonly same: boolean;
  readonly by: 'hosts' | 'engine' | 'dns';
  readonly query: string;
  readonly server: string;
  /** Whether the flow would have arrived there. */
  readonly arrives: boolean;
}

/** A name that the resolver of FROM does not turn into an address. */
export interface NameSituation {
  readonly type: 'name';
  readonly snapshot: Snapshot;
  readonly flow: Flow;
  readonly namespace: NamespaceId;
  readonly name: string;
  /** `no-answer`: the servers could not be asked; `engine-lacks`: those beyond the engine's own; the others are an answer. */
  readonly reason: 'no-nameserver' | 'not-in-hosts' | 'no-such-name' | 'no-answer' | 'engine-lacks';
  /** Which server (or file) said so, as the walk of the resolver tells. */
  readonly said: string;
  /** Where no server could say it: the one whose way was looked at; absent where each of them answered. */
  readonly server?: AskedServer;
  /** Other names that it would have been found by. */
  readonly others?: readonly Pick<NameMeaning, 'address' | 'by' | 'query' | 'server'>[];
}

/** A name server that gave no answer. */
export interface AskedServer {
  readonly address: string;
  /** The server that passes the question on to it; absent where it is asked itself. */
  readonly via?: string;
  /** What became of a question to it; `arrives`: facts know nothing that stops it, or its answer. */
  readonly arrives: boolean;
  /** Why, where a cause explains it. */
  readonly inner: Finding | null;
  /** Servers that the host itself asks, and that answer a question from here, as far as the ways there and back tell. */
  readonly others: readonly string[];
}

/** An end of the question that cannot take part: it does not run, or it has no address. */
export interface EndSituation {
  readonly type: 'end';
  readonly snapshot: Snapshot;
  readonly flow: Flow;
  readonly side: 'from' | 'to';
}

/** A relay that took the connection, and whose own one fails. */
export interface RelaySituation {
  readonly type: 'relay';
  readonly snapshot: Snapshot;
  readonly flow: Flow;
  readonly program: string;
  /** Where it runs. */
  readonly namespace: NamespaceId;
  /** What it listens on. */
  readonly socket: ListeningSocket;
  /** Where its own connection goes. */
  readonly address: string;
  readonly port: number;
  /** What became of that one. */
  readonly trace: Trace;
  /** Why, where a cause explains it. */
  readonly inner: Finding | null;
}

/** A proxy that web clients of a container are told to use, and that does not get them there. */
export interface ProxySituation {
  readonly type: 'proxy';
  readonly snapshot: Snapshot;
  readonly flow: Flow;
  readonly container: Container;
  readonly variable: string;
  /** `HOST:PORT`. */
  readonly proxy: string;
  /** What fails: the proxy's name, the way to it, or the way from it on. */
  readonly end: 'name' | 'way' | 'behind';
  /** How it ended there. */
  readonly said: string;
}

/** What a program met that no walk of a packet shows, seen by asking the kernel. */
export interface SenderSituation {
  readonly type: 'sender';
  readonly snapshot: Snapshot;
  readonly flow: Flow;
  readonly start: FlowStart;
  /** Of the sender. */
  readonly namespace: NamespaceId;
  readonly met:
    | { readonly type: 'no-port' }
    /** A datagram was answered from this address, which was not asked. */
    | { readonly type: 'other-answer'; readonly address: string };
}

export type Situation =
  WaySituation | NameSituation | EndSituation | RelaySituation | ProxySituation | SenderSituation;

/** The end of a trace as a situation; null for a trace without a hop, or one that arrived. */
export function wayEnd(
  base: Pick<
    WaySituation,
    'snapshot' | 'flow' | 'direction' | 'forward' | 'trace' | 'large' | 'opened' | 'naming' | 'start'
  >,
): WaySituation | null {
  // What nobody could see proves no cause.
  if (base.trace.disposition === 'unknown') return null;
  const hop = base.trace.hops.at(-1);
  const step = hop?.steps.filter(({ kind }) => kind !== 'doubt').at(-1);
  if (!hop || !step) return null;
  return { ...base, type: 'way', hop, namespace: hop.namespace, step, packet: packetAfter(hop) };
}

/** The packet as a hop's translations left it. */
export const packetAfter = (hop: Hop, steps: readonly Step[] = hop.steps): Packet =>
  steps.reduce(
    (packet, step) => (step.kind === 'translate' ? translated(packet, step) : packet),
    firstPacket(hop),
  );

const firstPacket = (hop: Hop): Packet => {
  const sent = hop.steps.find((step) => step.kind === 'send');
  return sent?.kind === 'send' ? sent.packet : hop.packet;
};

/** `after` is `ADDRESS` or `ADDRESS:PORT` (`[ADDRESS]:PORT`). */
function translated(packet: Packet, step: Extract<Step, { kind: 'translate' }>): Packet {
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:]+|[^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/.exec(step.after) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) return packet;
  return step.what === 'source'
    ? { ...packet, source: address, ...(port === undefined ? {} : { sourcePort: Number(port) }) }
    : { ...packet, destination: address, ...(port === undefined ? {} : { destinationPort: Number(port) }) };
}

/** What a person calls the namespace (`namespaceLabel`); its id where it is not in the snapshot. */
export const labelIn = (snapshot: Snapshot, id: NamespaceId): string => {
  const namespace = findNamespace(snapshot, id);
  return namespace ? namespaceLabel(namespace) : id;
};

export const factsIn = (snapshot: Snapshot, id: NamespaceId): NamespaceFacts | undefined =>
  findNamespace(snapshot, id)?.facts;

export const linksIn = (snapshot: Snapshot, id: NamespaceId): readonly Link[] =>
  valueOr(factsIn(snapshot, id)?.links ?? { state: 'absent' }, []);

export const linkIn = (snapshot: Snapshot, id: NamespaceId, dev: string): Link | undefined =>
  linksIn(snapshot, id).find(({ name }) => name === dev);

/** The VRF that a packet came to its last place by; null: none. */
export function vrfCameBy({ snapshot, namespace, hop }: WaySituation): Vrf | null {
  const came = hop.steps.findLast((step) => step.kind === 'receive');
  return vrfOf({ links: linksIn(snapshot, namespace) }, came?.kind === 'receive' ? came.dev : hop.inDev);
}

/** The VRF whose routes a packet is sent by at its last place: the one it was given to, or came by, or that its own address is in. */
export function vrfAsked(situation: WaySituation): Vrf | null {
  const { snapshot, namespace, hop, packet } = situation;
  const links = linksIn(snapshot, namespace);
  const given = hop.steps.findLast((step) => step.kind === 'transmit');
  const into = given?.kind === 'transmit' ? links.find(({ name }) => name === given.dev) : undefined;
  if (isVrf(into)) return into;
  if (hop.inDev !== null) return vrfCameBy(situation);
  const own = links.find(({ addresses }) =>
    addresses.some(({ address }) => sameAddress(address, packet.source)),
  );
  return vrfOf({ links }, own?.name ?? null);
}

/** An interface, and where it is. */
export interface PlacedLink {
  readonly namespace: NamespaceId;
  readonly link: Link;
}

/** The other end of a veth, where it can be seen. */
export function peerOf(snapshot: Snapshot, { peer }: Link): PlacedLink | null {
  if (!peer?.namespace) return null;
  const link = linksIn(snapshot, peer.namespace).find(({ index }) => index === peer.index);
  return link ? { namespace: peer.namespace, link } : null;
}

export interface Owner extends PlacedLink {
  readonly address: Address;
}

/** Everybody who has this address on an interface, up or down. */
export const ownersOf = (snapshot: Snapshot, address: string): readonly Owner[] =>
  snapshot.namespaces.flatMap(({ id }) =>
    linksIn(snapshot, id).flatMap((link) =>
      link.addresses
        .filter((own) => sameAddress(own.address, address))
        .map((own) => ({ namespace: id, link, address: own })),
    ),
  );

/** The engines of the host that a namespace is on. */
export const enginesOver = (snapshot: Snapshot, id: NamespaceId): readonly Engine[] =>
  enginesOn(findHost(snapshot, findNamespace(snapshot, id)?.host ?? ''));

/** The containers that live in a namespace (several share one with `--network container:`). */
export const containersIn = (snapshot: Snapshot, id: NamespaceId): readonly Container[] =>
  enginesOver(snapshot, id).flatMap(({ containers }) =>
    containers.filter(({ namespace }) => namespace === id),
  );

/** Addresses of a family that others can be told: every IPv6 interface has a link-local one besides. */
export const isOf =
  (family: 4 | 6) =>
  (own: Address): boolean =>
    own.family === family && (family === 4 || own.scope !== 'link');

/** Interfaces with an address of the family that lead somewhere else. */
export const addressedLinks = (snapshot: Snapshot, id: NamespaceId, family: 4 | 6): readonly Link[] =>
  linksIn(snapshot, id).filter(
    ({ kind, addresses }) => kind.type !== 'loopback' && addresses.some(isOf(family)),
  );

/** On a loopback, where a machine with unnumbered wires has those that others know it by; not 127.0.0.1 and ::1. */
export const loopbackAddresses = (links: readonly Link[], family: 4 | 6): readonly Address[] =>
  links.flatMap(({ kind, addresses }) =>
    kind.type === 'loopback' ? addresses.filter((own) => own.scope !== 'host' && isOf(family)(own)) : [],
  );

export const sysctlsIn = (snapshot: Snapshot, id: NamespaceId): Readonly<Record<string, string>> =>
  valueOr<Readonly<Record<string, string>>, Readonly<Record<string, string>>>(
    factsIn(snapshot, id)?.sysctls ?? { state: 'absent' },
    {},
  );
