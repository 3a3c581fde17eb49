import { familyOf, sameAddress } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { Packet } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Hop, Step, Trace } from '../../model/trace.ts';
import { defaultTtl } from '../answer/answer.ts';
import { aroundTunnelled, outOfTunnel } from '../link/checksum.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import {
  blocked,
  ended,
  moving,
  newJourney,
  snoopedIn,
  withDoubts,
  withForks,
  withSnooped,
  withSteps,
  type Ended,
  type Follow,
  type Frame,
  type Journey,
  type Next,
  type Underlay,
} from '../journey.ts';
import { EPHEMERAL_PORT } from '../ip/packets.ts';
import { segmentOf } from '../link/segment.ts';
import type { Fault, TunnelCrossing } from '../link/station.ts';
import { roomInTunnel, toldByTunnel, tunnelOverhead } from './tunnel-size.ts';
import { entriesFor, isGroup, remoteOf, tunnelEnd, type Remote, type TunnelEnd } from './tunnels.ts';
import { openNamespace, type View } from '../view.ts';

/** Tunnels in tunnels that are followed; more are a circle. */
const MOST_NESTED = 4;

/** vxlan_xmit(): a frame leaves by a tunnel, in a packet of its own for each remote. */
export function throughTunnel(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { link, frame }: { readonly link: Link | undefined; readonly frame: Frame },
  follow: Follow,
): readonly Next[] {
  const end = link && tunnelEnd(snapshot, { namespace: view.id, link });
  if (!end) return [blocked(journey, `a tunnel of ${view.label} was not found`, [])];
  if (end.kind.external)
    return [blocked(journey, `where ${link.name} of ${view.label} sends a packet is said by a program`, [])];
  const unreadable = view.unreadable.get('fdb');
  if (unreadable !== undefined) return [blocked(journey, unreadable, [])];
  const choice = leadingRemotes(snapshot, view, journey, end, frame);
  const silent = frame.destination === null ? { answer: addressUnreachable(journey) } : {};
  const [first] = choice.remotes;
  if (!first)
    return [
      ended(
        withSteps(journey, tunnelStep(end, null, { problem: 'no-entry' })),
        'neighbour-unresolved',
        silent,
      ),
    ];
  const several = choice.remotes.length > 1;
  return choice.remotes.flatMap((remote) => {
    const mac = choice.own && frame.destination !== null ? { mac: frame.destination } : {};
    const stepped = withSteps(journey, tunnelStep(end, remote, mac));
    const sent = several
      ? withForks(stepped, [`${link.name} of ${view.label} sends the frame to several remotes`])
      : stepped;
    return carry(snapshot, sent, end, remote, frame, follow).map((next) =>
      next.type === 'ended' && next.ending.disposition !== 'unknown' && 'answer' in silent
        ? { ...next, ending: { ...next.ending, namespace: view.id, ...silent } }
        : next,
    );
  });
}

const addressUnreachable = ({ packet }: Journey) =>
  ({ kind: 'icmp', ...ICMP[packet.family].addressUnreachable, speaks: 'router' }) as const;

const tunnelStep = (
  end: TunnelEnd,
  remote: Remote | null,
  more: Partial<Extract<Step, { kind: 'tunnel' }>> = {},
): Step => ({
  kind: 'tunnel',
  dev: end.link.name,
  tunnel: 'vxlan',
  id: remote?.id ?? end.kind.id,
  remote: remote?.address ?? null,
  ...more,
});

interface Choice {
  readonly remotes: readonly Remote[];
  /** By an entry for this very hardware address. */
  readonly own: boolean;
}

/** vxlan_find_mac(): what was written stays, then what was seen just now, then what was seen before, then the default. */
const knownRemotes = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  end: TunnelEnd,
  { destination }: Frame,
): Choice => {
  const { link } = end;
  const { entries, own } = entriesFor(view.fdb, link, destination);
  const written = own && entries.some(({ state }) => state !== 'learned');
  const seen = snoopedIn(journey, view.id).filter(({ dev, mac }) => dev === link.name && mac === destination);
  const chosen = !written && seen.length > 0 ? seen : entries;
  return {
    remotes: chosen.map((entry) => remoteOf(snapshot, end, entry)),
    own: own || seen.length > 0,
  };
};

/** Of several that all get a frame, those where somebody takes it. */
const leadingRemotes = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  end: TunnelEnd,
  frame: Frame,
): Choice => {
  const choice = knownRemotes(snapshot, view, journey, end, frame);
  const { remotes, own } = choice;
  if (own || remotes.length < 2) return choice;
  const { link } = end;
  const { destination } = frame;
  const leading = segmentOf(snapshot, view.id, link)
    .stations.filter(({ macs }) => destination !== null && macs.includes(destination))
    .flatMap(({ crossed }) => crossed)
    .flatMap((one) =>
      one.type === 'tunnel' && one.namespace === view.id && one.link.index === link.index ? [one.remote] : [],
    );
  const those = remotes.filter(({ address }) => leading.includes(address));
  return { remotes: those.length > 0 ? those : remotes.slice(0, 1), own: false };
};

const outerPacket = (snapshot: Snapshot, inner: Packet, end: TunnelEnd, remote: Remote): Packet => {
  const family = familyOf(remote.address) ?? 4;
  const summed = end.kind.checksums?.includes(family) ?? true;
  return {
    family,
    source: end.kind.local ?? (family === 6 ? '::' : '0.0.0.0'),
    destination: remote.address,
    protocol: 'udp',
    sourcePort: EPHEMERAL_PORT,
    destinationPort: remote.port,
    mark: 0,
    ttl: defaultTtl(snapshot, end.underlay ?? '', family),
    size: inner.size + tunnelOverhead(family),
    dontFragment: whole(end, inner, family),
    tunnel: { kind: 'vxlan', id: remote.id, summed },
    ...aroundTunnelled(inner, summed),
  };
};

/**
 * Whether a tunnel's packet may be fragmented (vxlan_xmit_one()): IPv4's may unless `df` says otherwise; IPv6's is not its
 * sender's own, so that ip6_fragment() refuses.
 */
const whole = ({ kind }: TunnelEnd, inner: Packet, family: 4 | 6): boolean =>
  family === 6 || kind.df === 'set' || (kind.df === 'inherit' && (inner.family === 6 || inner.dontFragment));

/** The outer packet's way to whoever takes it, and from there the frame's. */
const carry = (
  snapshot: Snapshot,
  journey: Journey,
  end: TunnelEnd,
  remote: Remote,
  frame: Frame,
  follow: Follow,
): readonly Next[] => {
  const { underlay } = end;
  if (underlay === null)
    return [
      blocked(
        journey,
        `the packets of the tunnel ${end.link.name} are routed in a namespace out of sight`,
        [],
      ),
    ];
  if (isGroup(remote.address))
    return [blocked(journey, `the group ${remote.address} of ${end.link.name} is not followed`, [])];
  if (journey.nesting >= MOST_NESTED) return [ended(journey, 'loop')];
  const outer = newJourney(outerPacket(snapshot, journey.packet, end, remote), {
    tracking: journey.tracking,
    learned: journey.learned,
    snooped: journey.snooped,
    nesting: journey.nesting + 1,
  });
  const ends = follow(snapshot, outer, {
    type: 'output',
    namespace: underlay,
    request: {
      source: end.kind.local ?? null,
      device: remote.device,
      lookup: 'send',
      foreignSource: false,
    },
  });
  const several = ends.length > 1;
  return ends.map((one) => {
    const room = roomInTunnel(snapshot, underlay, one, follow);
    const told = room === null ? null : toldByTunnel(journey, end, frame, room);
    if (told?.type === 'ended') return told;
    const next = arrivesOrEnds(snapshot, journey, end, remote, frame, one, several);
    return next.type === 'ended' && told ? { ...next, ending: { ...next.ending, told: told.size } } : next;
  });
};

const traceOf = ({ journey, ending }: Ended): Trace => ({
  hops: journey.hops,
  disposition: ending.disposition,
  certain: ending.disposition !== 'unknown' && journey.doubts.length === 0,
  doubts: journey.doubts,
  missing: journey.missing,
});

const arrivesOrEnds = (
  snapshot: Snapshot,
  before: Journey,
  end: TunnelEnd,
  remote: Remote,
  frame: Frame,
  outer: Ended,
  several: boolean,
): Next => {
  const { journey: way, ending } = outer;
  const underlay: Underlay = {
    namespace: end.underlay ?? '',
    remote: remote.address,
    port: remote.port,
    trace: traceOf(outer),
  };
  const own: Journey = {
    ...before,
    packet: outOfTunnel(before.packet, way.packet),
    tracking: way.tracking,
    learned: way.learned,
    snooped: way.snooped,
    underlays: [...before.underlays, ...way.underlays, underlay],
    missing: [...before.missing, ...way.missing],
  };
  const doubted = withDoubts(several ? withForks(own, way.forks) : own, way.doubts);
  const { decapsulated } = ending;
  if (!decapsulated) {
    const lost = ending.disposition === 'refused' || ending.disposition === 'rejected';
    return ended({ ...doubted, hops: [...doubted.hops, ...way.hops] }, lost ? 'dropped' : ending.disposition);
  }
  const far = openNamespace(snapshot, decapsulated.namespace);
  if (far.state === 'closed') return blocked(doubted, far.reason, far.missing);
  const link = far.view.links.find(({ index }) => index === decapsulated.link);
  if (!link) return blocked(doubted, 'the other end of the tunnel was not found', []);
  const refusal = notAdmitted(far.view, link, frame, decapsulated.from, way.hops.at(-1));
  if (refusal) return ended({ ...doubted, hops: [...doubted.hops, refusal] }, 'filtered-source');
  return moving(snooped(doubted, far.view, link, frame, decapsulated.from), {
    type: 'arrival',
    namespace: decapsulated.namespace,
    link: decapsulated.link,
    frame,
  });
};

/** vxlan_snoop(): a fixed entry that says otherwise makes the tunnel drop the frame. */
const notAdmitted = (
  view: View,
  link: Link,
  { source }: Frame,
  from: string,
  hop: Hop | undefined,
): Hop | null => {
  if (link.kind.type !== 'vxlan' || !link.kind.learning || source === null || !hop) return null;
  const entry = view.fdb.find(
    (one) =>
      one.dev === link.name && one.mac === source && one.remote !== undefined && one.state !== 'learned',
  );
  if (entry?.remote === undefined || sameAddress(entry.remote, from)) return null;
  const step: Step = {
    kind: 'tunnel',
    dev: link.name,
    tunnel: 'vxlan',
    id: link.kind.id,
    remote: from,
    mac: source,
    problem: 'sender-elsewhere',
  };
  return { namespace: view.id, packet: hop.packet, inDev: link.name, outDev: null, steps: [step] };
};

const snooped = (
  journey: Journey,
  view: View,
  { name, kind }: Link,
  { source }: Frame,
  from: string,
): Journey =>
  kind.type === 'vxlan' && kind.learning && source !== null
    ? withSnooped(journey, view.id, { mac: source, dev: name, remote: from, state: 'learned' })
    : journey;

/** About as large as a question for a neighbour is, whatever the packet that waits for the answer. */
const QUESTION_BYTES = 72;

/** Whether the question for a neighbour, and the answer, come through the tunnels between the two. */
export function discoverThrough(
  snapshot: Snapshot,
  before: Journey,
  { tunnels, frame }: { readonly tunnels: readonly TunnelCrossing[]; readonly frame: Frame },
  follow: Follow,
): { readonly journey: Journey; readonly fault: Fault | null; readonly blocked: Next | null } {
  let journey = before;
  const stages = [
    ...tunnels.map((tunnel) => ({ from: tunnel, to: tunnel.far, remote: tunnel.remote, answer: false })),
    ...[...tunnels].reverse().map((tunnel) => ({ from: tunnel.far, to: tunnel, remote: null, answer: true })),
  ];
  for (const { from, to, remote, answer } of stages) {
    const end = tunnelEnd(snapshot, from);
    const opened = openNamespace(snapshot, from.namespace);
    if (!end || opened.state === 'closed') {
      const missing = opened.state === 'closed' ? opened.missing : [];
      return {
        journey,
        fault: null,
        blocked: blocked(journey, 'a tunnel on the way was not looked at yet', missing),
      };
    }
    const sent: Frame = answer
      ? { source: frame.destination, destination: frame.source, fresh: true }
      : { source: frame.source, destination: null, fresh: false };
    const view = opened.view;
    const choice = knownRemotes(snapshot, view, journey, end, sent);
    const known = choice.remotes.find(({ address }) => remote === null || sameAddress(address, remote));
    if (!known)
      return {
        journey,
        fault: faultAt(from.namespace, tunnelStep(end, null, { problem: 'no-entry' })),
        blocked: null,
      };
    const question: Packet = { ...journey.packet, size: QUESTION_BYTES, checksum: null };
    const nexts = carry(snapshot, { ...journey, packet: question, hops: [] }, end, known, sent, follow);
    const come = nexts.find(
      (next) =>
        next.type === 'moving' &&
        next.place.namespace === to.namespace &&
        'link' in next.place &&
        next.place.link === to.link.index,
    );
    const [first] = nexts;
    if (!come && first?.type === 'ended') {
      if (first.ending.disposition === 'unknown') {
        const { missing, doubts } = first.journey;
        return { journey, fault: null, blocked: blocked(journey, doubts.at(-1) ?? '', missing) };
      }
      const step = tunnelStep(
        end,
        known,
        choice.own && sent.destination !== null ? { mac: sent.destination } : {},
      );
      return { journey, fault: faultOf(first, from.namespace, journey.packet, step), blocked: null };
    }
    if (!come)
      return {
        journey,
        fault: faultAt(from.namespace, tunnelStep(end, known, { problem: 'sender-elsewhere' })),
        blocked: null,
      };
    journey = withDoubts(
      { ...journey, snooped: come.journey.snooped, underlays: come.journey.underlays },
      come.journey.doubts.filter((text) => !journey.doubts.includes(text)),
    );
  }
  return { journey, fault: null, blocked: null };
}

const faultAt = (namespace: string, step: Step): Fault => ({
  namespace,
  inDev: null,
  step,
  disposition: 'neighbour-unresolved',
});

/** The tunnel that sent it, and the way of its packet. */
const faultOf = ({ journey, ending }: Ended, namespace: string, packet: Packet, step: Step): Fault => {
  const [first] = journey.hops;
  const at = first ? [{ namespace, packet, inDev: null, outDev: null, steps: [step] }, ...journey.hops] : [];
  const last = journey.hops.at(-1);
  return {
    namespace: last?.namespace ?? namespace,
    inDev: last?.inDev ?? null,
    step: last?.steps.at(-1) ?? step,
    disposition: ending.disposition,
    way: at,
  };
};
