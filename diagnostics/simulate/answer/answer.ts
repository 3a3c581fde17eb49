import { sameAddress } from '../../model/ip.ts';
import { hasPorts, type Packet } from '../../model/packet.ts';
import type { Disposition } from '../../model/trace.ts';
import { leftUnfinished } from '../link/checksum.ts';
import { confirmed, tupleOf } from '../netfilter/conntrack.ts';
import type { Answer, Ended, Expected, Journey, OutputRequest, Place } from '../journey.ts';
import { newJourney, recordsIn, withRecords } from '../journey.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import { icmpErrorPacket, replyPacket, resetPacket } from '../ip/packets.ts';
import { routeFromHere } from '../route/from-here.ts';
import { addressType } from '../route/route.ts';
import { isLinkLocal, selectSource } from '../route/source-selection.ts';
import { vrfOf } from '../route/vrf.ts';
import { sysctlNumber } from '../sysctl.ts';
import { openNamespace } from '../view.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Hop } from '../../model/trace.ts';

const DEFAULT_TTL = 64;

/** net.ipv4.ip_default_ttl where it is known; IPv6 has 64 unless an interface is told otherwise. */
export const defaultTtl = (snapshot: Snapshot, namespace: string, family: 4 | 6): number => {
  if (family === 6) return DEFAULT_TTL;
  const opened = openNamespace(snapshot, namespace);
  return opened.state === 'open'
    ? sysctlNumber(opened.view, 'net/ipv4/ip_default_ttl', DEFAULT_TTL)
    : DEFAULT_TTL;
};

const request = (more: Partial<OutputRequest>): OutputRequest => ({
  source: null,
  device: null,
  lookup: 'send',
  foreignSource: false,
  ...more,
});

/**
 * Who makes a TCP reset differs in what it leaves to a device: tcp_v6_send_response() and nf_reject_ip_tcphdr_put() leave the
 * checksum, tcp_v4_send_reset() and nf_reject_ip6_tcphdr_put() make it at once.
 */
const summed = (packet: Packet, disposition: Disposition): Packet =>
  (packet.family === 6) === (disposition === 'refused') ? leftUnfinished(packet) : packet;

const speak = (
  answer: Answer,
  packet: Packet,
  ttl: number,
  disposition: Disposition,
): Pick<Journey, 'packet' | 'sender'> & { readonly request: OutputRequest } => {
  switch (answer.kind) {
    case 'reply':
      return {
        packet: leftUnfinished(replyPacket(packet, ttl)),
        ...(answer.sender === undefined ? {} : { sender: answer.sender }),
        request: request({
          source: packet.destination,
          device: answer.device,
          foreignSource: answer.foreignSource === true,
        }),
      };
    case 'reset':
      return {
        packet: summed(resetPacket(packet, ttl), disposition),
        sender: null,
        // ip_send_unicast_reply() asks whether the source is its own; a rule's reset may come from anywhere (ip_route_me_harder()).
        request: request({
          source: packet.destination,
          foreignSource: disposition !== 'refused',
          ...(answer.straight ? { straight: answer.straight } : {}),
        }),
      };
    case 'icmp':
      return {
        packet: icmpErrorPacket(packet, { ...answer, source: packet.destination }, ttl),
        sender: null,
        request: request({ source: answer.speaks === 'destination' ? packet.destination : null }),
      };
  }
};

/**
 * icmp6_send() speaks with an address of the interface that the packet came in by, unless the route back says which; IPv4 with
 * that of the interface that the error leaves by.
 */
function spokesman(
  snapshot: Snapshot,
  namespace: string,
  { packet, hops }: Journey,
): Partial<Pick<OutputRequest, 'source'>> {
  const opened = openNamespace(snapshot, namespace);
  const hop = hops.findLast((it) => it.namespace === namespace);
  if (packet.family === 4 || opened.state === 'closed' || !hop || hop.inDev === null) return {};
  const { view } = opened;
  // A bridge's port is no interface of the IP stack: the bridge is.
  const bridge = hop.steps.find((step) => step.kind === 'bridge' && step.by === 'local');
  const came = bridge?.kind === 'bridge' ? bridge.bridge : hop.inDev;
  const back = routeFromHere(view, {
    family: 6,
    destination: packet.source,
    source: null,
    ...(came === null ? {} : { within: came }),
  });
  if (back?.found && back.route.preferredSource !== undefined) return {};
  return { source: selectSource(view, came, packet.source) };
}

/** ipv6_chk_addr() of icmp6_send(): a route says that an address is local, and an interface, whose it is. */
function fromOwnAddress(snapshot: Snapshot, namespace: string, answer: Answer, packet: Packet): Answer {
  if (answer.kind !== 'icmp' || answer.speaks === 'router' || packet.family === 4) return answer;
  const opened = openNamespace(snapshot, namespace);
  if (opened.state === 'closed') return answer;
  const { destination } = packet;
  const own = opened.view.links.some(({ addresses }) =>
    addresses.some(({ address }) => sameAddress(address, destination)),
  );
  return own || addressType(opened.view, destination) !== 'local' ? answer : { ...answer, speaks: 'router' };
}

const REFLECTS = { 4: 'net/ipv4/fwmark_reflect', 6: 'net/ipv6/fwmark_reflect' } as const;

/** IP4_REPLY_MARK(): what the kernel itself answers carries the mark of what it answers, where that is wanted. */
function markOf(snapshot: Snapshot, namespace: string, answer: Answer, packet: Packet): number {
  if (answer.kind === 'reply' && packet.protocol !== 'icmp') return answer.mark ?? 0;
  const opened = openNamespace(snapshot, namespace);
  if (opened.state === 'closed') return 0;
  return sysctlNumber(opened.view, REFLECTS[packet.family], 0) === 0 ? 0 : packet.mark;
}

const injectedAt = (answer: Answer, namespace: string): Place | null =>
  answer.kind === 'icmp' && answer.injected ? { type: 'arrival', namespace, ...answer.injected } : null;

/** Of what was made here, and goes no further: the interface that it was to leave by. */
const cameBy = (hop: Hop | undefined): string | null => {
  const route = hop?.steps.findLast((step) => step.kind === 'route');
  return hop?.inDev ?? (route?.kind === 'route' ? (route.dev ?? null) : null);
};

/** icmp6_iif(): of what came by the loopback, the interface whose address it is for; null: it came from elsewhere. */
const ownerOf = (hop: Hop | undefined): string | null => {
  const route = hop?.steps.findLast((step) => step.kind === 'route');
  return route?.kind === 'route' && route.route?.type === 'local' && route.lookup === 'output'
    ? (route.route.nextHops[0]?.dev ?? null)
    : null;
};

/** ip_send_unicast_reply(), icmp_reply(), icmp_send(): what the kernel itself answers stays in the VRF that the packet came by. */
const domainOf = (snapshot: Snapshot, namespace: string, dev: string | null): string | null => {
  const opened = openNamespace(snapshot, namespace);
  return opened.state === 'open' ? (vrfOf(opened.view, dev)?.name ?? null) : null;
};

/** __icmp_send(), icmp6_send(): of what came by a frame for many no error tells, but one of IPv6 that says it was too large. */
const isUnsaid = ({ toMany, packet }: Journey, answer: Answer): boolean =>
  toMany !== undefined &&
  answer.kind === 'icmp' &&
  (packet.family === 4 || answer.type !== ICMP[6].tooBig.type);

/** The packet that goes back because of how the first one ended, and the place it sets out from. */
export function answerTo(
  snapshot: Snapshot,
  { journey, ending }: Ended,
  expected: Expected,
): { readonly journey: Journey; readonly place: Place } | null {
  const { namespace } = ending;
  const { packet } = journey;
  if (!ending.answer || isUnsaid(journey, ending.answer)) return null;
  const answer = fromOwnAddress(snapshot, namespace, ending.answer, packet);
  // A link-local address means something only together with a link (icmp6_iif(), ir_iif).
  const came = cameBy(journey.hops.at(-1));
  const link = isLinkLocal(packet.source)
    ? (ownerOf(journey.hops.at(-1)) ?? came)
    : domainOf(snapshot, namespace, came);
  const ttl = defaultTtl(snapshot, namespace, packet.family);
  const spoken = speak(answer, packet, ttl, ending.disposition);
  const said = {
    ...spoken,
    packet: { ...spoken.packet, mark: markOf(snapshot, namespace, answer, packet) },
  };
  const records = recordsIn(journey, namespace);
  // nf_ct_attach(): an answer belongs to the connection even where its first packet was refused before it was confirmed.
  const kept = journey.current ? confirmed(records, journey.current, journey.packet) : records;
  const remembered = kept === records ? journey : withRecords(journey, namespace, kept);
  return {
    journey: newJourney(said.packet, {
      ...(said.sender === undefined ? {} : { sender: said.sender }),
      ...(answer.kind === 'reply' && answer.programs ? { programs: answer.programs } : {}),
      about: answer.kind === 'icmp' ? tupleOf(journey.packet) : null,
      ...(journey.recalls ? { recalls: true } : {}),
      expected,
      tracking: remembered.tracking,
      filled: remembered.filled,
      learned: remembered.learned,
      snooped: remembered.snooped,
    }),
    place: injectedAt(answer, namespace) ?? {
      type: 'output',
      namespace,
      request: {
        ...said.request,
        ...(link === null || (answer.kind === 'reply' && hasPorts(packet) && !isLinkLocal(packet.source))
          ? {}
          : { device: link }),
        ...(answer.kind === 'icmp' && answer.speaks === 'router'
          ? spokesman(snapshot, namespace, journey)
          : {}),
      },
    },
  };
}
