import type { NamespaceId } from '../model/ids.ts';
import { familyOf } from '../model/ip.ts';
import type { FactName } from '../model/namespace.ts';
import type { Packet } from '../model/packet.ts';
import { findHost, findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import type { Disposition, Trace } from '../model/trace.ts';
import { answerTo, defaultTtl } from './answer/answer.ts';
import { leftUnfinished } from './link/checksum.ts';
import { tupleOf } from './netfilter/conntrack.ts';
import { hintedNamespaces } from './neighbour/hints.ts';
import { newJourney, type Ended, type Expected, type Journey, type Place, type Underlay } from './journey.ts';
import { firstPacket } from './ip/packets.ts';
import { follow } from './run.ts';
import type { FlowStart } from './start.ts';
import { PATH_FACTS, unreadFacts } from './view.ts';

/** One possible way there, and what came back of it. */
export interface Way {
  readonly forward: Ended;
  /** Several where the way back forks; empty where nothing answers. */
  readonly back: readonly Ended[];
}

/** The answer to a question about one flow, there and back. */
export interface RoundTrip {
  readonly start: FlowStart;
  readonly forward: Trace;
  /** Walked where something answers: a socket, the ICMP responder, a refusal, a rule that rejects. */
  readonly back: Trace | null;
  /** The way of the ICMP error that tells the sender of a routing failure, where the kernel sends one. */
  readonly notice: Trace | null;
  /** The ways of packets that tunnels made of these, there and back. */
  readonly underlays: readonly Underlay[];
  readonly ways: readonly Way[];
}

const unknownSource = (destination: string): string => (familyOf(destination) === 6 ? '::' : '0.0.0.0');

/** Whoever asks the question sends the probe; what comes from outside was made by no process here. */
const senderOf = ({ machine }: Snapshot, { from }: FlowStart): Pick<Journey, 'sender'> => {
  if (from === 'outside') return { sender: null };
  return machine.user ? { sender: machine.user } : {};
};

const firstOf = (snapshot: Snapshot, start: FlowStart): Packet =>
  firstPacket({
    protocol: start.protocol,
    source: start.from === 'outside' ? start.source : (start.source ?? unknownSource(start.destination)),
    destination: start.destination,
    port: start.port,
    ...(start.sourcePort === undefined ? {} : { sourcePort: start.sourcePort }),
    mark: start.mark ?? 0,
    ttl: defaultTtl(snapshot, start.namespace, familyOf(start.destination) ?? 4),
    ...(start.size === undefined ? {} : { size: start.size }),
  });

/** The packet that asks, before its first step. */
export const firstJourney = (snapshot: Snapshot, start: FlowStart): Journey =>
  newJourney(start.from === 'outside' ? firstOf(snapshot, start) : leftUnfinished(firstOf(snapshot, start)), {
    ...senderOf(snapshot, start),
    ...(start.sourcePort === undefined ? {} : { recalls: true }),
  });

/** Where it begins; null: it is to come in by a device that is not there. */
export const startPlace = (snapshot: Snapshot, start: FlowStart): Place | null => {
  if (start.from === 'namespace')
    return {
      type: 'output',
      namespace: start.namespace,
      request: {
        source: start.source ?? null,
        device: start.device ?? null,
        lookup: start.protocol === 'icmp' ? 'probe-then-send' : 'connect',
        foreignSource: false,
      },
    };
  const links = findNamespace(snapshot, start.namespace)?.facts.links;
  const link =
    links?.state === 'known' ? links.value.find((other) => other.name === start.device) : undefined;
  if (!link) return null;
  return {
    type: 'arrival',
    namespace: start.namespace,
    link: link.index,
    frame: { source: null, destination: link.mac, fresh: false },
  };
};

/** What the sender will recognise as an answer; null where it never sent anything. */
export const expectedAnswer = (start: FlowStart, { journey }: Ended): Expected | null => {
  const outsideDevice = start.from === 'outside' ? start.device : null;
  const first = journey.hops[0];
  if (!first) return null;
  if (outsideDevice !== null)
    return { namespace: start.namespace, sent: tupleOf(first.packet), outsideDevice };
  const send = first.steps.find((step) => step.kind === 'send');
  return send?.kind === 'send'
    ? {
        namespace: start.namespace,
        sent: tupleOf(send.packet),
        outsideDevice,
        ...(start.device === undefined ? {} : { device: start.device }),
      }
    : null;
};

const unique = (missing: readonly MissingFact[]): readonly MissingFact[] => {
  const seen = new Map(missing.map((fact) => [`${fact.namespace} ${fact.fact}`, fact]));
  return [...seen.values()];
};

/** Several ways as one answer: certain only where nothing is in doubt and all agree. */
export const asTrace = (ends: readonly Ended[]): Trace | null => {
  const [first] = ends;
  if (!first) return null;
  const missing = unique(ends.flatMap(({ journey }) => journey.missing));
  const own = [...new Set(ends.flatMap(({ journey }) => journey.doubts))];
  const same = ends.every(
    ({ ending }) =>
      ending.disposition === first.ending.disposition && ending.namespace === first.ending.namespace,
  );
  const forks = same ? [] : [...new Set(ends.flatMap(({ journey }) => journey.forks))];
  const doubts = [...own, ...forks.filter((text) => !own.includes(text))];
  const shared = ends.every(({ ending }) => ending.disposition === first.ending.disposition);
  const disposition: Disposition = shared ? first.ending.disposition : 'unknown';
  const shown = ends.find(({ journey }) => journey.missing.length > 0) ?? first;
  return {
    hops: shown.journey.hops,
    disposition,
    certain: disposition !== 'unknown' && same && doubts.length === 0,
    doubts,
    missing,
  };
};

/** Facts that will be asked for next, as far as names tell: asked for now, they save a round trip. */
const foreseen = (snapshot: Snapshot, start: FlowStart): readonly MissingFact[] => {
  const ask = (id: NamespaceId, facts: readonly FactName[]): readonly MissingFact[] => {
    const namespace = findNamespace(snapshot, id);
    return namespace
      ? facts
          .filter((fact) => namespace.facts[fact].state === 'unread')
          .map((fact) => ({ namespace: id, fact }))
      : [];
  };
  const own = findNamespace(snapshot, start.namespace);
  const root = own ? findHost(snapshot, own.host)?.rootNamespace : undefined;
  const inContainer = own?.names.some((name) => name.type === 'container') ?? false;
  return [
    ...[...hintedNamespaces(snapshot, start.destination)].flatMap((id) =>
      ask(id, [...PATH_FACTS, 'sockets']),
    ),
    ...(root !== undefined && inContainer ? ask(root, PATH_FACTS) : []),
  ];
};

const withForeseen = (snapshot: Snapshot, start: FlowStart, trace: Trace): Trace =>
  trace.missing.length === 0
    ? trace
    : { ...trace, missing: unique([...trace.missing, ...foreseen(snapshot, start)]) };

/** How a packet ends that somebody answers; of others at most an error tells. */
export const ANSWERED: ReadonlySet<Disposition> = new Set(['delivered', 'refused', 'rejected']);

/**
 * Follows the first packet of a flow, and what answers it, as the kernels on the way would (pure: facts in, traces out).
 * Where a needed fact was not read, the trace is `unknown` and `missing` names it.
 */
export function walkFlow(snapshot: Snapshot, start: FlowStart): RoundTrip {
  const place = startPlace(snapshot, start);
  if (!place) return unstarted(snapshot, start);
  const ways = follow(snapshot, firstJourney(snapshot, start), place).map((forward): Way => {
    const expected = expectedAnswer(start, forward);
    const answer = expected && answerTo(snapshot, forward, expected);
    return { forward, back: answer ? follow(snapshot, answer.journey, answer.place) : [] };
  });
  const backs = (answered: boolean): readonly Ended[] =>
    ways.flatMap(({ forward, back }) => (ANSWERED.has(forward.ending.disposition) === answered ? back : []));
  const forward = asTrace(ways.map((way) => way.forward)) ?? EMPTY;
  return {
    start,
    forward: withForeseen(snapshot, start, forward),
    back: asTrace(backs(true)),
    notice: asTrace(backs(false)),
    underlays: underlaysOf(ways),
    ways,
  };
}

/** Each pair of ends once. */
const underlaysOf = (ways: readonly Way[]): readonly Underlay[] => {
  const all = ways
    .flatMap(({ forward, back }) => [forward, ...back])
    .flatMap(({ journey }) => journey.underlays);
  return [
    ...new Map(
      all.map((one) => [`${one.namespace} ${one.remote} ${one.protocol} ${one.port}`, one]),
    ).values(),
  ];
};

const EMPTY: Trace = { hops: [], disposition: 'unknown', certain: false, doubts: [], missing: [] };

/** A question from outside begins at a device: its namespace has to be read, or it has no such device. */
const unstarted = (snapshot: Snapshot, start: FlowStart): RoundTrip => {
  const missing = unreadFacts(snapshot, start.namespace);
  const device = start.from === 'outside' ? start.device : '';
  const doubts = missing.length > 0 ? [] : [`there is no device ${device} to come in by`];
  return { start, forward: { ...EMPTY, missing, doubts }, back: null, notice: null, underlays: [], ways: [] };
};
