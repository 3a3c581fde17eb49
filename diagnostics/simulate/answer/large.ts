import type { NamespaceId } from '../../model/ids.ts';
import { familyOf } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import type { Step, Trace } from '../../model/trace.ts';
import { answerTo } from './answer.ts';
import { answered, tupleOf } from '../netfilter/conntrack.ts';
import { arrived, type Ended, type Expected, type Journey, type Place } from '../journey.ts';
import { SMALLEST_6, TCP_OVERHEAD } from '../link/mtu.ts';
import { follow } from '../run.ts';
import type { FlowStart } from '../start.ts';
import { asTrace, expectedAnswer, firstJourney, startPlace, type RoundTrip } from '../walk.ts';

/**
 * What becomes of large packets, once small ones come through. `adapts`: the sender is told of a smaller size, which passes;
 * `lost`: it is told nothing, a black hole; `cut`: a firewall lets a TCP connection be opened, and stops all that follows, whatever
 * its size; `unclear`: they end for another reason than their size, or it is not known.
 */
export type LargeFate = 'passes' | 'adapts' | 'lost' | 'cut' | 'unclear';

/** Large packets in one direction of a conversation. */
export interface LargePackets {
  readonly direction: 'forward' | 'back';
  readonly fate: LargeFate;
  readonly certain: boolean;
  /** Bytes at layer 3 that the sender begins with. */
  readonly first: number;
  /** The largest that passes, as far as the MTUs on the way tell; null: none that was tried. */
  readonly passes: number | null;
  /** Where they end: of the size that is lost, else of the one that passes. */
  readonly trace: Trace;
  /** The way of the message that would tell the sender (“fragmentation needed”); null: there is none. */
  readonly notice: Trace | null;
  readonly missing: readonly MissingFact[];
}

/** Who sends large packets, and from where they set out. */
interface Sender {
  readonly direction: 'forward' | 'back';
  readonly journey: Journey;
  readonly place: Place;
  /** Where a message about them has to arrive. */
  readonly expected: Expected | null;
  readonly first: number;
  /** Whether a packet of this sender's is where it belongs. */
  readonly arrives: (end: Ended) => boolean;
}

/** ip_rt_min_pmtu: of a smaller size than this the kernel is not told, it lets routers fragment instead. */
const LEAST_TOLD: Readonly<Record<4 | 6, number>> = { 4: 552, 6: SMALLEST_6 };
const MOST_TRIES = 8;

/**
 * Follows packets as large as both ends would send, on the connection that the round trip made, in each direction: the messages
 * of routers are followed too, and the sender heeds them (RFC 1191, RFC 8201). Empty where nothing came back at all.
 */
export function walkLarge(snapshot: Snapshot, trip: RoundTrip): readonly LargePackets[] {
  const way = trip.ways.find(({ back }) => back.some(arrived));
  const back = way?.back.find(arrived);
  if (!way || !back || way.forward.ending.answer?.kind !== 'reply') return [];
  return [asker(snapshot, trip.start, way.forward, back), answerer(snapshot, trip.start, way.forward, back)]
    .filter((sender) => sender !== null)
    .map((sender) => walkSender(snapshot, sender));
}

/** A packet in the middle of a conversation. */
const later = (packet: Packet, size: number, discover: boolean): Packet => ({
  ...packet,
  ...(packet.tcpFlags === undefined ? {} : { tcpFlags: 'A' as const }),
  size,
  dontFragment: discover && packet.dontFragment,
});

/** Without path MTU discovery the kernel leaves it to the routers to fragment (inet_create(); IPv6 knows no such setting). */
const discovers = (snapshot: Snapshot, namespace: NamespaceId, family: 4 | 6): boolean => {
  const sysctls = snapshot.namespaces.find(({ id }) => id === namespace)?.facts.sysctls;
  const value = sysctls?.state === 'known' ? sysctls.value['net/ipv4/ip_no_pmtu_disc'] : undefined;
  return family === 6 || value === undefined || value === '0';
};

/** As large as a segment may be that the other side asked for (of TCP), or as the first device takes. */
const fullSize = (start: FlowStart, asked: number | undefined, family: 4 | 6, first: number): number =>
  start.largest ?? Math.min(first, asked === undefined ? Infinity : asked + TCP_OVERHEAD[family]);

const asker = (snapshot: Snapshot, start: FlowStart, there: Ended, back: Ended): Sender | null => {
  const place = startPlace(snapshot, start);
  const begun = firstJourney(snapshot, start);
  const [hop] = there.journey.hops;
  const send = hop?.steps.find((step) => step.kind === 'send');
  const packet = send?.kind === 'send' ? send.packet : begun.packet;
  if (!place || !hop) return null;
  const family = familyOf(start.destination) ?? 4;
  const journey: Journey = {
    ...begun,
    tracking: answered(back.journey.tracking),
    filled: back.journey.filled,
    learned: back.journey.learned,
    packet: later({ ...packet, mark: begun.packet.mark }, 0, discovers(snapshot, start.namespace, family)),
  };
  return {
    direction: 'forward',
    journey,
    place:
      place.type === 'output'
        ? { ...place, request: { ...place.request, source: packet.source, lookup: 'send' } }
        : place,
    expected: expectedAnswer(start, there),
    first: fullSize(start, back.journey.packet.mss, family, firstMtu(snapshot, there, start)),
    arrives: ({ ending }) => ending.disposition === 'delivered',
  };
};

const answerer = (snapshot: Snapshot, start: FlowStart, there: Ended, back: Ended): Sender | null => {
  const expected = expectedAnswer(start, there);
  const answer = expected && answerTo(snapshot, there, expected);
  if (!answer) return null;
  const { namespace } = there.ending;
  const { packet } = answer.journey;
  return {
    direction: 'back',
    journey: {
      ...answer.journey,
      tracking: answered(back.journey.tracking),
      filled: back.journey.filled,
      learned: back.journey.learned,
      packet: later(packet, 0, discovers(snapshot, namespace, packet.family)),
    },
    place: answer.place,
    expected: { namespace, sent: tupleOf(packet), outsideDevice: null },
    first: fullSize(start, there.journey.packet.mss, packet.family, firstMtu(snapshot, back, null)),
    arrives: arrived,
  };
};

/** What the device takes by which a packet set out; of one from outside, the device that it came in by. */
const firstMtu = (snapshot: Snapshot, { journey }: Ended, start: FlowStart | null): number => {
  const [hop] = journey.hops;
  const route = hop?.steps.findLast((step) => step.kind === 'route');
  const outside = start?.from === 'outside' ? start.device : null;
  const dev = outside ?? (route?.kind === 'route' ? route.dev : undefined) ?? hop?.outDev;
  const links = snapshot.namespaces.find(({ id }) => id === hop?.namespace)?.facts.links;
  const link = links?.state === 'known' ? links.value.find(({ name }) => name === dev) : undefined;
  const learnt =
    outside === null && route?.kind === 'route'
      ? (route.route?.exceptions?.find(({ destination }) => destination === route.destination)?.mtu ??
        route.route?.mtu)
      : undefined;
  return learnt ?? link?.mtu ?? 1500;
};

interface Tried {
  readonly ends: readonly Ended[];
  readonly notices: readonly Ended[];
  /** The size that the sender hears of; null: nothing. */
  readonly told: number | null;
  readonly fate: 'passes' | 'told' | 'lost' | 'cut' | 'unclear';
}

const tooBig = (end: Ended): Extract<Step, { kind: 'size' }> | null => {
  const step = end.journey.hops.at(-1)?.steps.findLast(({ kind }) => kind === 'size');
  return end.ending.disposition === 'too-big' && step?.kind === 'size' ? step : null;
};

function attempt(snapshot: Snapshot, sender: Sender, size: number): Tried {
  const journey: Journey = { ...sender.journey, packet: { ...sender.journey.packet, size } };
  const ends = follow(snapshot, journey, sender.place);
  const result = (
    fate: Tried['fate'],
    notices: readonly Ended[] = [],
    told: number | null = null,
  ): Tried => ({
    ends,
    notices,
    told,
    fate,
  });
  if (ends.every(sender.arrives)) return result('passes');
  const steps = ends.map(tooBig);
  const [first] = steps;
  const [end] = ends;
  if (ends.every(isStopped)) return result('cut');
  if (!first || !end || steps.some((step) => step === null)) return result('unclear');
  if (end.ending.localError === 'too-big') return result('told', [], first.mtu);
  if (end.ending.told !== undefined) return result('told', [], end.ending.told);
  const mtu = innerMtu(first, size);
  const answer = sender.expected && answerTo(snapshot, end, sender.expected);
  if (!answer) return result('lost');
  const notices = follow(snapshot, answer.journey, answer.place);
  if (notices.every(arrived)) return result('told', notices, mtu);
  return result(notices.some(arrived) || notices.some(unseen) ? 'unclear' : 'lost', notices);
}

/** A rule, or the policy behind the rules, stops a packet of a TCP connection. */
const isStopped = ({ ending: { disposition }, journey }: Ended): boolean =>
  journey.packet.protocol === 'tcp' &&
  (disposition === 'dropped' || disposition === 'rejected') &&
  journey.hops.at(-1)?.steps.at(-1)?.kind === 'filter';

/** An acknowledgement without data, the third packet of every connection: no rule about sizes means it. */
const ACKNOWLEDGEMENT: Readonly<Record<4 | 6, number>> = { 4: 52, 6: 72 };

/** A tunnel's packet is larger than what is in it: so much less of that passes. */
const innerMtu = (step: Extract<Step, { kind: 'size' }>, size: number): number =>
  step.mtu - Math.max(0, step.size - size);

const unseen = ({ ending }: Ended): boolean => ending.disposition === 'unknown';

/** The sender begins with its largest, and takes what it is told, until it passes or is lost. */
function walkSender(snapshot: Snapshot, sender: Sender): LargePackets {
  let size = sender.first;
  let tried = attempt(snapshot, sender, size);
  let told = false;
  for (let tries = 1; tried.fate === 'told' && tried.told !== null && tries < MOST_TRIES; tries += 1) {
    const least = LEAST_TOLD[sender.journey.packet.family];
    if (tried.told >= size) break;
    told = true;
    size = Math.max(tried.told, least);
    // Below the least size the sender lets routers fragment (ip_rt_update_pmtu()).
    const from = tried.told < least ? freely(sender) : sender;
    tried = attempt(snapshot, from, size);
  }
  if (tried.fate === 'cut') {
    size = ACKNOWLEDGEMENT[sender.journey.packet.family];
    tried = attempt(snapshot, sender, size);
    if (tried.fate !== 'cut') tried = { ...tried, fate: 'unclear' };
  }
  const fate = tried.fate === 'passes' && told ? 'adapts' : tried.fate === 'told' ? 'lost' : tried.fate;
  const trace = asTrace(tried.ends);
  const notice = asTrace(tried.notices);
  return {
    direction: sender.direction,
    fate,
    certain: (trace?.certain ?? false) && (notice === null || notice.certain),
    first: sender.first,
    passes: fate === 'lost' ? largestPassing(snapshot, sender, tried, size) : size,
    trace: trace ?? { hops: [], disposition: 'unknown', certain: false, doubts: [], missing: [] },
    notice,
    missing: [...(trace?.missing ?? []), ...(notice?.missing ?? [])],
  };
}

const freely = (sender: Sender): Sender => ({
  ...sender,
  journey: { ...sender.journey, packet: { ...sender.journey.packet, dontFragment: false } },
});

/** Bytes that layer 2 lets pass beyond an MTU (is_skb_forwardable()). */
const VLAN_HEADER = 4;

/** Down from where the first was lost, from one MTU on the way to the next smaller one. */
function largestPassing(snapshot: Snapshot, sender: Sender, lost: Tried, size: number): number | null {
  let tried = lost;
  let now = size;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const step = tried.ends[0] && tooBig(tried.ends[0]);
    if (!step) return null;
    const next = innerMtu(step, now) + (step.fate === 'silent' ? VLAN_HEADER : 0);
    if (next >= now) return null;
    now = next;
    tried = attempt(snapshot, sender, now);
    if (tried.fate === 'passes') return now;
  }
  return null;
}
