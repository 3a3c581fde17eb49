import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import { answerTo } from '../answer/answer.ts';
import { tupleOf } from '../netfilter/conntrack.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import { arrived, ended, withSteps, type Ended, type Follow, type Frame, type Journey } from '../journey.ts';
import { ownMtu, SMALLEST_6 } from '../link/mtu.ts';
import { carriesFrames, type TunnelEnd } from './tunnels.ts';
import { openNamespace } from '../view.ts';

const IP_HEADER: Readonly<Record<4 | 6, number>> = { 4: 20, 6: 40 };
const ETHERNET = 14;
const UDP = 8;
/** Of vxlan (RFC 7348) and geneve (RFC 8926, without options). */
const SHIM = 8;
/** Type, receiver and counter before what WireGuard has sealed, and the tag after it (struct message_data). */
const SEALED = 32;
/** GRE's first four bytes, and each of its options. */
const GRE_WORD = 4;
/** The destination option that limits tunnels in tunnels (RFC 2473). */
const LIMIT_OPTION = 8;

/** By how many bytes a tunnel's packet is larger than the one in it, sent over this family. */
export function tunnelOverhead({ word, kind }: TunnelEnd, family: 4 | 6): number {
  const header = IP_HEADER[family];
  switch (word) {
    case 'vxlan':
    case 'geneve':
      return header + UDP + SHIM + ETHERNET;
    case 'wireguard':
      return header + UDP + SEALED;
    default: {
      if (kind.type !== 'tunnel') return header;
      const gre = /gre/.test(word)
        ? GRE_WORD * (1 + (kind.id === undefined ? 0 : 1) + (kind.sends?.length ?? 0))
        : 0;
      const limit = family === 6 && kind.unlimited !== true ? LIMIT_OPTION : 0;
      return header + gre + limit + (/tap$/.test(word) ? ETHERNET : 0);
    }
  }
}

/**
 * The largest packet of which a tunnel's kernel believes that it fits (dst_mtu() less the headers): by the route of the tunnel's
 * packets, and by what routers on their way say. null: it cannot be told.
 */
export function roomInTunnel(
  snapshot: Snapshot,
  { end, underlay }: { readonly end: TunnelEnd; readonly underlay: NamespaceId },
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
  const heard = ending.disposition === 'too-big' && hearsBack(snapshot, underlay, outer, follow);
  return Math.min(known, heard && size ? size.mtu : Infinity) - tunnelOverhead(end, family);
}

/** Whether whoever made a tunnel's packet hears of how it ended. */
export function hearsBack(snapshot: Snapshot, underlay: NamespaceId, outer: Ended, follow: Follow): boolean {
  const sent = outer.journey.hops[0]?.steps.find((step) => step.kind === 'send');
  if (sent?.kind !== 'send') return false;
  const expected = { namespace: underlay, sent: tupleOf(sent.packet), outsideDevice: null };
  const answer = answerTo(snapshot, outer, expected);
  return answer !== null && follow(snapshot, answer.journey, answer.place).every(arrived);
}

type SizeStep = Extract<Step, { kind: 'size' }>;

/** Below it, IPv4's senders are not told (iptunnel_pmtud_check_icmp()). */
const LEAST_TOLD: Readonly<Record<4 | 6, number>> = { 4: 576, 6: SMALLEST_6 };
/** IPV4_MIN_MTU, IPV6_MIN_MTU. */
const LEAST: Readonly<Record<4 | 6, number>> = { 4: 68, 6: SMALLEST_6 };

type Told = Ended | { readonly type: 'learnt'; readonly size: number };

/** Whether a tunnel's kernel refuses what does not fit below, or who sent it learns of that. */
export const toldByTunnel = (
  journey: Journey,
  end: TunnelEnd,
  frame: Frame,
  outer: { readonly room: number; readonly family: 4 | 6; readonly whole: boolean },
): Told | null => {
  switch (end.word) {
    case 'vxlan':
    case 'geneve':
      return toldWithFrame(journey, end, frame, outer.room);
    case 'wireguard':
      return null;
    default:
      return toldByRouter(journey, end, outer);
  }
};

/**
 * skb_tunnel_check_pmtu(): of a packet that does not fit, its sender learns where that is this very kernel; on a bridge, the tunnel
 * says so in the name of the destination, and drops it. Whoever else sent it is told nothing.
 */
function toldWithFrame(journey: Journey, { link }: TunnelEnd, frame: Frame, room: number): Told | null {
  const { packet } = journey;
  if (packet.size <= room) return null;
  if (journey.hops.at(-1)?.steps.some((step) => step.kind === 'send')) return { type: 'learnt', size: room };
  if (link.port === undefined || !packet.dontFragment || room < LEAST_TOLD[packet.family]) return null;
  const dropped = withSteps(journey, sizeStep(journey, link.name, room, 'told'));
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

const sizeStep = ({ packet }: Journey, dev: string, mtu: number, fate: 'told' | 'silent'): SizeStep => ({
  kind: 'size',
  dev,
  mtu,
  size: packet.size,
  passed: false,
  fate,
});

/**
 * tnl_update_pmtu(), ip6_tnl_xmit(): a tunnel of whole packets is a router, and says so where what does not fit may not be fragmented;
 * over IPv6, always. Frames of a bridge were routed by nobody, who could be told.
 */
function toldByRouter(
  journey: Journey,
  end: TunnelEnd,
  { room, family, whole }: { readonly room: number; readonly family: 4 | 6; readonly whole: boolean },
): Told | null {
  const { packet } = journey;
  const { link } = end;
  const mtu = family === 6 ? Math.max(room, LEAST[packet.family]) : room;
  const refuses = family === 6 || (whole && (packet.family === 4 ? packet.dontFragment : room >= LEAST[6]));
  if (packet.size <= mtu || !refuses) return null;
  const bridged = carriesFrames(end) && link.port !== undefined;
  const dropped = withSteps(journey, sizeStep(journey, link.name, mtu, bridged ? 'silent' : 'told'));
  const next = ended(
    dropped,
    'too-big',
    bridged ? {} : { answer: { kind: 'icmp', ...ICMP[packet.family].tooBig, speaks: 'router' } },
  );
  return next.type === 'ended' ? next : null;
}
