import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import { answerTo } from '../answer/answer.ts';
import { tupleOf } from '../netfilter/conntrack.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import { arrived, ended, withSteps, type Ended, type Follow, type Frame, type Journey } from '../journey.ts';
import { ownMtu, SMALLEST_6 } from '../link/mtu.ts';
import type { TunnelEnd } from './tunnels.ts';
import { openNamespace } from '../view.ts';

/** Ethernet, vxlan and UDP headers; IP's comes on top. */
const HEADERS = 14 + 8 + 8;
const IP_HEADER: Readonly<Record<4 | 6, number>> = { 4: 20, 6: 40 };

/** By how many bytes a tunnel's packet is larger than the one in it (vxlan_headroom()). */
export const tunnelOverhead = (family: 4 | 6): number => HEADERS + IP_HEADER[family];

/**
 * The largest packet of which a tunnel's kernel believes that it fits (dst_mtu() less the headers): by the route of the tunnel's
 * packets, and by what routers on their way say. null: it cannot be told.
 */
export function roomInTunnel(
  snapshot: Snapshot,
  underlay: NamespaceId,
  outer: Ended,
  follow: Follow,
): number | null {
  const { journey, ending } = outer;
  const [hop] = journey.hops;
  const opened = openNamespace(snapshot, underlay);
  const route = hop?.steps.find((step) => step.kind === 'route');
  const sent = hop?.steps.find((step) => step.kind === 'send');
  if (opened.state === 'closed' || route?.kind !== 'route' || sent?.kind !== 'send') return null;
  const { dev } = route;
  if (dev === undefined) return null;
  const { family, destination } = sent.packet;
  const known = ownMtu(opened.view, { family, destination, route: route.route, dev });
  const size = journey.hops.at(-1)?.steps.findLast((step): step is SizeStep => step.kind === 'size');
  const expected = { namespace: underlay, sent: tupleOf(sent.packet), outsideDevice: null };
  const answer = ending.disposition === 'too-big' && size ? answerTo(snapshot, outer, expected) : null;
  const heard = answer !== null && follow(snapshot, answer.journey, answer.place).every(arrived);
  return Math.min(known, heard && size ? size.mtu : Infinity) - tunnelOverhead(family);
}

type SizeStep = Extract<Step, { kind: 'size' }>;

/** Below it, IPv4's senders are not told (iptunnel_pmtud_check_icmp()). */
const LEAST_TOLD: Readonly<Record<4 | 6, number>> = { 4: 576, 6: SMALLEST_6 };

/**
 * skb_tunnel_check_pmtu(): of a packet that does not fit, its sender learns where that is this very kernel; on a bridge, the tunnel
 * says so in the name of the destination, and drops it. Whoever else sent it is told nothing.
 */
export function toldByTunnel(
  journey: Journey,
  { link }: TunnelEnd,
  frame: Frame,
  room: number,
): Ended | { readonly type: 'learnt'; readonly size: number } | null {
  const { packet } = journey;
  if (packet.size <= room) return null;
  if (journey.hops.at(-1)?.steps.some((step) => step.kind === 'send')) return { type: 'learnt', size: room };
  if (link.port === undefined || !packet.dontFragment || room < LEAST_TOLD[packet.family]) return null;
  const dropped = withSteps(journey, {
    kind: 'size',
    dev: link.name,
    mtu: room,
    size: packet.size,
    passed: false,
    fate: 'told',
  });
  const back: Frame = { source: frame.destination, destination: frame.source, fresh: false };
  const next = ended(dropped, 'too-big', {
    answer: {
      kind: 'icmp',
      ...ICMP[packet.family].tooBig,
      speaks: 'destination',
      injected: { link: link.index, frame: back },
    },
  });
  return next.type === 'ended' ? next : null;
}
