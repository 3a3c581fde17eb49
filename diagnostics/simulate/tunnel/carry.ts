import { familyOf } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Trace } from '../../model/trace.ts';
import { outOfTunnel } from '../link/checksum.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import { withoutLocal } from '../ip/packets.ts';
import {
  blocked,
  ended,
  moving,
  newJourney,
  withDoubts,
  withForks,
  type Ended,
  type Follow,
  type Frame,
  type Journey,
  type Next,
  type Underlay,
} from '../journey.ts';
import { notAdmitted, remembered } from './learning.ts';
import { outerPacket } from './outer-packet.ts';
import { peerFor } from './remotes.ts';
import { hearsBack, roomInTunnel, toldByTunnel } from './tunnel-size.ts';
import { carriesFrames, isGroup, wireguardOf, type Remote, type TunnelEnd } from './tunnels.ts';
import { openNamespace } from '../view.ts';

/** Tunnels in tunnels that are followed; more are a circle. */
const MOST_NESTED = 4;

/** The outer packet's way to whoever takes it, and from there the frame's. */
export function carry(
  snapshot: Snapshot,
  journey: Journey,
  end: TunnelEnd,
  remote: Remote,
  frame: Frame,
  follow: Follow,
): readonly Next[] {
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
  const packet = outerPacket(snapshot, journey.packet, end, remote);
  const outer = newJourney(packet, {
    tracking: journey.tracking,
    filled: journey.filled,
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
    const room = roomInTunnel(snapshot, { end, underlay }, one, follow);
    const told =
      room === null
        ? null
        : toldByTunnel(journey, end, frame, {
            room,
            family: familyOf(remote.address) ?? 4,
            whole: packet.dontFragment,
          });
    if (told?.type === 'ended') return told;
    const next = arrivesOrEnds(snapshot, journey, end, remote, frame, one, several);
    if (next.type !== 'ended') return next;
    const heard = one.ending.decapsulated ? {} : toldOfLoss(snapshot, underlay, journey, end, one, follow);
    return { ...next, ending: { ...next.ending, ...heard, ...(told ? { told: told.size } : {}) } };
  });
}

const RELAYING: ReadonlySet<string> = new Set(['ipip', 'sit', 'gre', 'ip6tnl', 'ip6gre']);

/**
 * ipip_err(), ipgre_err(), ip6_tnl_err() and dst_link_failure(): a tunnel of whole packets that hears of the loss of its own tells who
 * sent what was in them, of IPv4 with the next packet.
 */
function toldOfLoss(
  snapshot: Snapshot,
  underlay: string,
  { packet, hops }: Journey,
  { word }: TunnelEnd,
  outer: Ended,
  follow: Follow,
): Partial<Ended['ending']> {
  const { ending } = outer;
  const lost =
    RELAYING.has(word) &&
    (ending.localError !== undefined ||
      (ending.answer !== undefined && hearsBack(snapshot, underlay, outer, follow)));
  const namespace = hops.at(-1)?.namespace;
  return lost && namespace !== undefined
    ? {
        namespace,
        answer: { kind: 'icmp', ...ICMP[packet.family].addressUnreachable, speaks: 'router' },
      }
    : {};
}

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
    protocol: way.hops[0]?.packet.protocol ?? 'udp',
    port: remote.port,
    trace: traceOf(outer),
  };
  const own: Journey = {
    ...before,
    packet: outOfTunnel(before.packet, way.packet),
    tracking: way.tracking,
    filled: way.filled,
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
  const last = way.hops.at(-1);
  const refusal = notAdmitted(far.view, link, frame, decapsulated.from, last);
  if (refusal) return ended({ ...doubted, hops: [...doubted.hops, refusal] }, 'filtered-source');
  const key = way.packet.tunnel?.sealed?.by;
  const here = { namespace: decapsulated.namespace, link };
  const sealed = key === undefined ? null : wireguardOf({ kind: link.kind as TunnelEnd['kind'] });
  // wg_packet_consume_data_done(): who may send from an address is who would be sent to there.
  if (sealed && last && peerFor(sealed.peers, before.packet.source)?.publicKey !== key) {
    const step = {
      kind: 'tunnel',
      dev: link.name,
      tunnel: end.word,
      id: null,
      remote: decapsulated.from,
      problem: 'source-not-allowed',
    } as const;
    const hop = {
      namespace: far.view.id,
      packet: before.packet,
      inDev: link.name,
      outDev: null,
      steps: [step],
    };
    return ended({ ...doubted, hops: [...doubted.hops, hop] }, 'filtered-source');
  }
  const heard = {
    from: decapsulated.from,
    port: way.packet.sourcePort,
    ...(key === undefined ? {} : { key }),
  };
  const learnt = remembered(doubted, far.view, link, frame, heard);
  const elsewhere = before.hops.at(-1)?.namespace !== here.namespace;
  return moving(elsewhere ? { ...learnt, packet: withoutLocal(learnt.packet) } : learnt, {
    type: 'arrival',
    namespace: here.namespace,
    link: link.index,
    frame: carriesFrames(end) ? frame : { source: null, destination: null, fresh: false },
  });
};
