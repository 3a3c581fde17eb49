import { prefixContains } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import { findNamespace, type Snapshot } from '../../model/snapshot.ts';
import type { ListeningSocket } from '../../model/socket.ts';
import { thrownAway } from '../link/checksum.ts';
import { invert, sameTuple, tupleOf } from '../netfilter/conntrack.ts';
import { answerDoubts } from './answers-from.ts';
import { findSocket } from './find-socket.ts';
import { isHeldPort } from './held-port.ts';
import { blocked, ended, withDoubts, withSteps, type Journey, type Next } from '../journey.ts';
import { ICMP, isEchoRequest } from './icmp-numbers.ts';
import { addressType } from '../route/route.ts';
import { sysctlNumber } from '../sysctl.ts';
import { takesFromVrfs, vrfOf } from '../route/vrf.ts';
import { meetPrograms } from './socket-programs.ts';
import { decapsulate } from '../tunnel/receive.ts';
import type { View } from '../view.ts';
import { leftToMany } from './for-many.ts';

/** The packet is this machine's: a socket, the ICMP responder, or nobody takes it. */
export function deliver(snapshot: Snapshot, view: View, journey: Journey, dev: string): readonly Next[] {
  const thrown = thrownAway(journey, dev);
  if (thrown) return thrown;
  if (journey.packet.tunnel)
    return decapsulate(snapshot, view, journey, () => deliverToSocket(snapshot, view, journey, dev));
  if (journey.expected) return deliverAnswer(view, journey, dev);
  if (addressType(view, journey.packet.destination, undefined, dev) === 'anycast')
    return [blocked(journey, `what ${view.label} does with an anycast address is not modelled`, [])];
  return journey.packet.protocol === 'icmp'
    ? deliverEcho(view, journey, dev)
    : deliverToSocket(snapshot, view, journey, dev);
}

/**
 * An answer arrives: it must be the one that the sender's very socket waits for. Of an error only the packet that it is about counts
 * (tcp_v4_err(), raw_icmp_error(), udp_err()), whichever address of the machine it was sent to.
 */
const deliverAnswer = (view: View, journey: Journey, dev: string): readonly Next[] => {
  const { expected, packet, about } = journey;
  const vrf = vrfOf(view, dev);
  const fits =
    expected !== null &&
    expected.namespace === view.id &&
    expected.outsideDevice === null &&
    (!vrf || about || [dev, vrf.name].includes(expected.device ?? '') || takesFromVrfs(view, packet)) &&
    (about ? sameTuple(about, expected.sent) : sameTuple(invert(tupleOf(packet)), expected.sent));
  const met = about ? journey : meetPrograms(view, journey, 'ingress', view.socketPrograms);
  const step = withSteps(met, { kind: 'deliver', socket: null, accepted: fits });
  return [ended(step, fits ? 'delivered' : 'refused')];
};

/** The setting that makes a machine keep silent about echo requests. */
const ECHO_IGNORED = {
  4: 'net/ipv4/icmp_echo_ignore_all',
  6: 'net/ipv6/icmp/echo_ignore_all',
} as const;

/** icmp_echo() of net/ipv4/icmp.c, icmpv6_rcv() of net/ipv6/icmp.c. */
const deliverEcho = (view: View, journey: Journey, dev: string): readonly Next[] => {
  const { packet } = journey;
  const toAll = addressType(view, packet.destination, undefined, dev) === 'broadcast';
  const ignored =
    sysctlNumber(view, ECHO_IGNORED[packet.family], 0) !== 0 ||
    (toAll && sysctlNumber(view, 'net/ipv4/icmp_echo_ignore_broadcasts', 1) !== 0);
  const accepted = !ignored && isEchoRequest(packet.icmp?.type);
  const step = withSteps(journey, { kind: 'deliver', socket: null, accepted });
  return [
    accepted
      ? ended(step, 'delivered', { answer: { kind: 'reply', device: null, sender: null } })
      : ended(step, 'dropped'),
  ];
};

const deliverToSocket = (snapshot: Snapshot, view: View, before: Journey, dev: string): readonly Next[] => {
  const journey = meetPrograms(view, before, 'lookup', view.socketPrograms);
  const { packet } = journey;
  // tcp_v4_conn_request() and tcp_v4_send_reset() keep silent where the destination is everybody.
  if (packet.protocol === 'tcp' && addressType(view, packet.destination, undefined, dev) === 'broadcast')
    return [ended(withSteps(journey, { kind: 'deliver', socket: null, accepted: false }), 'dropped')];
  // tcp_v4_rcv(), tcp_v6_rcv(): only what was sent to this machine alone (PACKET_HOST).
  if (packet.protocol === 'tcp' && journey.toMany) return [leftToMany(journey, dev)];
  const sockets = findNamespace(snapshot, view.id)?.facts.sockets;
  switch (sockets?.state) {
    case 'known':
      break;
    case 'unread':
      return [
        blocked(journey, `who listens in ${view.label} was not looked at yet`, [
          { namespace: view.id, fact: 'sockets' },
        ]),
      ];
    case 'denied':
      return [blocked(journey, `who listens in ${view.label} could not be read: ${sockets.reason}`, [])];
    default:
      return [blocked(journey, `who listens in ${view.label} could not be read`, [])];
  }
  const vrf = vrfOf(view, dev);
  const socket = findSocket(
    sockets.value,
    packet,
    dev,
    vrf && { name: vrf.name, open: takesFromVrfs(view, packet) },
  );
  if (!socket) {
    const step = withSteps(journey, { kind: 'deliver', socket: null, accepted: false });
    const answer =
      packet.protocol === 'tcp'
        ? ({ kind: 'reset' } as const)
        : ({ kind: 'icmp', ...ICMP[packet.family].portUnreachable, speaks: 'destination' } as const);
    return [ended(step, 'refused', { answer })];
  }
  const { backlog } = socket;
  const full = packet.protocol === 'tcp' && backlog !== undefined && backlog.used > backlog.limit;
  // tcp_inbound_md5_hash(): what is not signed is dropped without a word.
  const unsigned =
    packet.protocol === 'tcp' && (socket.signed ?? []).some((peer) => prefixContains(peer, packet.source));
  const step = withSteps(meetPrograms(view, journey, 'ingress', socket.programs ?? []), {
    kind: 'deliver',
    socket,
    accepted: !full && !unsigned,
    ...(isHeldPort(snapshot, view.id, socket) ? { held: true } : {}),
  });
  if (unsigned) return [ended(step, 'dropped')];
  if (full) return [ended(step, 'dropped', { momentary: true })];
  const answer = {
    kind: 'reply',
    // inet_request_bound_dev_if(): a connection that came by a VRF stays in it; a datagram's answer is sent as the socket is bound.
    device: socket.device ?? (packet.protocol === 'tcp' ? (vrf?.name ?? null) : null),
    mark: answerMark(view, socket, packet),
    ...(socket.programs ? { programs: socket.programs } : {}),
    ...(packet.claimed || socket.transparent === true ? ({ foreignSource: true } as const) : {}),
    ...(socket.owner === undefined ? {} : { sender: { uid: socket.owner, gid: null } }),
  } as const;
  return [ended(withDoubts(step, answerDoubts(view, socket, packet)), 'delivered', { answer })];
};

/** inet_request_mark(): of a connection that is accepted the listener's own mark, or the packet's where that is wanted. */
const answerMark = (view: View, socket: ListeningSocket, { protocol, mark }: Packet): number =>
  socket.mark ?? (protocol === 'tcp' && sysctlNumber(view, 'net/ipv4/tcp_fwmark_accept', 0) !== 0 ? mark : 0);
