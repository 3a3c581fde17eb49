import type { NamespaceId } from '../../model/ids.ts';
import { prefixContains } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import { hasPorts, type Packet } from '../../model/packet.ts';
import { findNamespace, type Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import type { FilterTest, Queue, TrafficControl, TrafficFilter } from '../../model/traffic-control.ts';
import type { Fault } from './station.ts';
import { ended, withDoubts, withForks, withSteps, type Frame, type Journey, type Next } from '../journey.ts';
import { bitsAt, packetBytes } from '../ip/packet-bytes.ts';
import { protocolNumber } from '../ip/packets.ts';
import type { View } from '../view.ts';

type Truth = boolean | 'maybe';
export type TrafficStep = Extract<Step, { kind: 'traffic-control' }>;
type Side = TrafficStep['side'];

/** What traffic control does with a frame. */
type Fate =
  | { readonly type: 'pass' | 'maybe' }
  | { readonly type: 'drop'; readonly by: Pick<TrafficStep, 'queue' | 'filter'> }
  | { readonly type: 'redirect'; readonly filter: TrafficFilter };

/** What is looked at: a packet in a frame, or a question for a neighbour. */
interface Looked {
  readonly packet: Packet | 'arp';
  readonly source: string | null;
  readonly destination: string | null;
  readonly tagged: boolean;
}

const PASS: Fate = { type: 'pass' };
const MAYBE: Fate = { type: 'maybe' };
const ETHERNET_HEADER = 14;

/** sch_handle_ingress(), sch_handle_egress(), __dev_xmit_skb(): filters, and on the way out the queue. */
export function atTrafficControl(
  view: View,
  journey: Journey,
  at: { readonly side: Side; readonly link: Link; readonly frame: Frame },
  then: (journey: Journey) => readonly Next[],
): readonly Next[] {
  const { side, link, frame } = at;
  const unreadable = view.unreadable.get('trafficControl');
  const seen = withDoubts(journey, [
    ...(unreadable === undefined ? [] : [unreadable]),
    ...(side === 'ingress' ? programDoubts(view, link) : []),
  ]);
  const control = view.trafficControl.find(({ dev }) => dev === link.name);
  if (!control) return then(seen);
  const looked = {
    packet: journey.packet,
    source: frame.source,
    destination: frame.group ?? frame.destination,
    tagged: frame.vlan !== undefined,
  };
  const fate = fateOf(control, side, looked);
  const step = { kind: 'traffic-control', dev: link.name, side } as const;
  switch (fate.type) {
    case 'pass':
      return then(seen);
    case 'maybe':
      return then(withDoubts(seen, doubts(view, control, side)));
    case 'drop':
      return [ended(withSteps(seen, { ...step, ...fate.by }), 'dropped')];
    case 'redirect': {
      const { filter } = fate;
      const ifb = view.links.find(({ name, kind }) => name === filter.to?.dev && kind.type === 'ifb');
      if (ifb) return throughIfb(view, seen, ifb, { ...step, filter }, looked, then);
      // It may come back by another way, as well as be lost.
      const forked = withForks(seen, [redirected(view, link, side, filter)]);
      return [...then(forked), ended(withSteps(forked, { ...step, filter }), 'dropped')];
    }
  }
}

/** ifb_xmit(), ifb_ri_tasklet() of drivers/net/ifb.c: what an intermediate device gets, it gives back: it is there for its queue. */
function throughIfb(
  view: View,
  journey: Journey,
  ifb: Link,
  redirect: TrafficStep,
  looked: Looked,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] {
  // tcf_mirred_to_dev(): nothing is sent to a device that is down.
  if (!ifb.up) return [ended(withSteps(journey, redirect), 'dropped')];
  const control = view.trafficControl.find(({ dev }) => dev === ifb.name);
  const fate = control ? fateOf(control, 'egress', looked) : PASS;
  if (!control || fate.type === 'pass') return then(journey);
  if (fate.type !== 'drop') return then(withDoubts(journey, doubts(view, control, 'egress')));
  const lost = { kind: 'traffic-control', dev: ifb.name, side: 'egress', ...fate.by } as const;
  return [ended(withSteps(journey, lost), 'dropped')];
}

const redirected = (view: View, { name }: Link, side: Side, { to }: TrafficFilter): string =>
  `traffic control on ${name} of ${view.label} redirects the packet to ${to?.dev ?? ''}, and where it goes from there is not followed: tc -s filter show dev ${name} ${side} tells more`;

/** A program by its name, where one decides; else how to look. */
function doubts(view: View, { dev, filters }: TrafficControl, side: Side): readonly string[] {
  const programs = (filters ?? []).filter(({ at, kind }) => at === side && kind === 'program');
  return programs.length > 0
    ? programs.map(({ words }) => programDoubt(view, dev, words ?? ''))
    : [doubt(view, dev, side)];
}

const doubt = (view: View, dev: string, side: Side): string =>
  `what traffic control does with the packet on ${dev} of ${view.label} is not modelled: tc -s filter show dev ${dev} ${side} and tc -s qdisc show dev ${dev} tell`;

/** Frames meet XDP before anything else. */
const programDoubts = (view: View, { name, programs }: Link): readonly string[] =>
  (programs ?? []).map((program) => programDoubt(view, name, program));

const programDoubt = (view: View, dev: string, program: string): string =>
  `a program (${program}) on ${dev} of ${view.label} may drop the packet: bpftool net show dev ${dev} tells which, and bpftool prog what it is`;

/** Whether a question for a neighbour certainly gets lost at a device, and by what. */
export function arpFault(snapshot: Snapshot, namespace: NamespaceId, link: Link, side: Side): Fault | null {
  const fact = findNamespace(snapshot, namespace)?.facts.trafficControl;
  const control = fact?.state === 'known' ? fact.value.find(({ dev }) => dev === link.name) : undefined;
  if (!control) return null;
  const looked = { packet: 'arp', source: null, destination: null, tagged: false } as const;
  const fate = fateOf(control, side, looked);
  if (fate.type !== 'drop') return null;
  return {
    namespace,
    inDev: side === 'ingress' ? link.name : null,
    step: { kind: 'traffic-control', dev: link.name, side, ...fate.by },
    disposition: 'dropped',
  };
}

function fateOf({ queues, filters }: TrafficControl, side: Side, looked: Looked): Fate {
  const filtered = filters === null ? MAYBE : asked(filters, side, looked).fate;
  if (filtered.type === 'drop' || side === 'ingress') return filtered;
  const root = queues.find(({ parent }) => parent === null);
  const queued = root ? queueFate(root, queues, filters, looked) : PASS;
  return queued.type === 'pass' ? filtered : queued;
}

/** tcf_classify(): filters in the order of their preference, until one says what becomes of the packet. */
function asked(
  filters: readonly TrafficFilter[],
  at: string,
  looked: Looked,
): { readonly fate: Fate; readonly classId: string | null } {
  let certain = true;
  for (const filter of filters) {
    if (filter.at !== at) continue;
    const truth = matches(filter, looked);
    if (truth === false) continue;
    const sure = certain && truth === true;
    switch (filter.action) {
      case 'next':
        break;
      case 'pass':
        if (sure) return { fate: PASS, classId: null };
        certain = false;
        break;
      case 'class':
        if (sure) return { fate: PASS, classId: filter.classId ?? null };
        certain = false;
        break;
      case 'drop':
        return sure
          ? { fate: { type: 'drop', by: { filter } }, classId: null }
          : { fate: MAYBE, classId: null };
      case 'redirect':
        return { fate: sure ? { type: 'redirect', filter } : MAYBE, classId: null };
      case 'unknown':
        return { fate: MAYBE, classId: null };
    }
  }
  return { fate: PASS, classId: certain ? null : '?' };
}

/** What a queue does with the packet, or the one behind it that gets it. */
function queueFate(
  queue: Queue,
  queues: readonly Queue[],
  filters: readonly TrafficFilter[] | null,
  looked: Looked,
): Fate {
  const size = looked.packet === 'arp' ? 28 + ETHERNET_HEADER : looked.packet.size + ETHERNET_HEADER;
  const drop: Fate = { type: 'drop', by: { queue } };
  switch (queue.kind) {
    case 'blackhole':
      return drop;
    case 'pfifo':
    case 'pfifo_head_drop':
      return queue.limit === 0 ? drop : PASS;
    case 'bfifo':
      return queue.limit !== undefined && queue.limit < size ? drop : PASS;
    case 'netem':
      if (queue.limit === 0 || queue.loss === 1) return drop;
      return queue.loss === null || (queue.loss ?? 0) > 0 ? MAYBE : behind(queue, queues, filters, looked);
    case 'tbf':
      return queue.burst !== undefined && queue.burst < size ? drop : behind(queue, queues, filters, looked);
    case 'plug':
      return MAYBE;
    case 'htb':
    case 'prio': {
      if (filters === null) return behind(queue, queues, filters, looked);
      const { fate, classId } = asked(filters, queue.handle, looked);
      if (fate.type !== 'pass') return fate;
      if (classId === '?') return behind(queue, queues, filters, looked);
      const chosen = queues.find(({ parent }) => parent === (classId ?? queue.default));
      return chosen ? queueFate(chosen, queues, filters, looked) : PASS;
    }
    default:
      return behind(queue, queues, filters, looked);
  }
}

/** Any of the queues behind it may get the packet: certain only where all of them agree. */
function behind(
  queue: Queue,
  queues: readonly Queue[],
  filters: readonly TrafficFilter[] | null,
  looked: Looked,
): Fate {
  const inner = queues.filter(
    ({ parent, handle }) => parent !== null && handle !== queue.handle && parent.startsWith(queue.handle),
  );
  const fates = inner.map((one) => queueFate(one, queues, filters, looked));
  const own = filters?.filter(({ at }) => at === queue.handle) ?? [];
  const [first] = fates;
  if (own.some(({ action }) => action === 'drop' || action === 'redirect' || action === 'unknown'))
    return MAYBE;
  if (!first || fates.every(({ type }) => type === 'pass')) return PASS;
  return inner.length === 1 && (queue.kind === 'tbf' || queue.kind === 'netem') ? first : MAYBE;
}

const PROTOCOLS: Readonly<Record<string, (looked: Looked) => boolean>> = {
  all: () => true,
  ip: ({ packet, tagged }) => !tagged && packet !== 'arp' && packet.family === 4,
  ipv6: ({ packet, tagged }) => !tagged && packet !== 'arp' && packet.family === 6,
  arp: ({ packet, tagged }) => !tagged && packet === 'arp',
  '802.1Q': ({ tagged }) => tagged,
};

function matches({ protocol, tests }: TrafficFilter, looked: Looked): Truth {
  if (PROTOCOLS[protocol]?.(looked) !== true) return false;
  const truths = tests.map((test) => holds(test, looked));
  return truths.includes(false) ? false : truths.includes('maybe') ? 'maybe' : true;
}

function holds(test: FilterTest, { packet, source, destination }: Looked): Truth {
  if (test.type === 'unmodelled') return 'maybe';
  if (test.type === 'mac') {
    const mac = test.field === 'source' ? source : destination;
    return mac === null ? 'maybe' : mac === test.value;
  }
  // flower's keys of IP are no part of ARP; bytes and marks of it are nobody's guess.
  if (packet === 'arp') return test.type === 'bytes' || test.type === 'mark' ? 'maybe' : false;
  switch (test.type) {
    case 'field':
      return prefixContains(test, packet[test.field]);
    case 'protocol':
      return protocolNumber(packet.protocol, packet.family) === test.value;
    case 'port':
      return hasPorts(packet) && test.from <= packet[test.field] && packet[test.field] <= test.to;
    case 'mark':
      return (packet.mark & test.mask) >>> 0 === test.value >>> 0;
    case 'bytes': {
      const bits = bitsAt(packetBytes(packet), test.offset, test.mask);
      return bits === null ? 'maybe' : bits === (test.value & test.mask) >>> 0;
    }
  }
}
