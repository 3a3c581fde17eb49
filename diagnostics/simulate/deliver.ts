import type { Packet } from '../model/packet.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { ListeningSocket } from '../model/socket.ts';
import { invert, sameTuple, tupleOf } from './conntrack.ts';
import { blocked, ended, withSteps, type Journey, type Next } from './journey.ts';
import { ECHO_REQUEST } from './packets.ts';
import { addressType } from './route.ts';
import { sysctlNumber } from './sysctl.ts';
import type { View } from './view.ts';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whether a socket takes IPv4 packets to this address (compute_score() of net/ipv4/inet_hashtables.c and udp.c). */
const takes = (socket: ListeningSocket, packet: Packet, dev: string): boolean => {
  if (socket.protocol !== packet.protocol || socket.port !== packet.destinationPort) return false;
  if (socket.device !== undefined && socket.device !== dev) return false;
  if (socket.family === packet.family)
    return socket.address === '0.0.0.0' || socket.address === '*' || socket.address === packet.destination;
  if (packet.family === 6 || socket.v6only) return false;
  const mapped = MAPPED.exec(socket.address)?.[1];
  return mapped === undefined
    ? socket.address === '::' || socket.address === '*'
    : mapped === packet.destination;
};

/** The more exact a binding, the better: address, then device. */
const score = (socket: ListeningSocket): number =>
  (socket.address === '0.0.0.0' || socket.address === '::' || socket.address === '*' ? 0 : 2) +
  (socket.device === undefined ? 0 : 1);

export const findSocket = (
  sockets: readonly ListeningSocket[],
  packet: Packet,
  dev: string,
): ListeningSocket | null =>
  sockets.filter((socket) => takes(socket, packet, dev)).sort((a, b) => score(b) - score(a))[0] ?? null;

/** The packet is this machine's: a socket, the ICMP responder, or nobody takes it. */
export function deliver(snapshot: Snapshot, view: View, journey: Journey, dev: string): readonly Next[] {
  if (journey.expected) return deliverAnswer(view, journey);
  return journey.packet.protocol === 'icmp'
    ? deliverEcho(view, journey)
    : deliverToSocket(snapshot, view, journey, dev);
}

/** An answer arrives: it must be the one that the sender's very socket waits for. */
const deliverAnswer = (view: View, journey: Journey): readonly Next[] => {
  const { expected, packet, about } = journey;
  const fits =
    expected !== null &&
    expected.namespace === view.id &&
    expected.outsideDevice === null &&
    (about
      ? sameTuple(about, expected.sent) && packet.destination === expected.sent.source
      : sameTuple(invert(tupleOf(packet)), expected.sent));
  const step = withSteps(journey, { kind: 'deliver', socket: null, accepted: fits });
  return [ended(step, fits ? 'delivered' : 'refused')];
};

/** icmp_echo() of net/ipv4/icmp.c. */
const deliverEcho = (view: View, journey: Journey): readonly Next[] => {
  const { packet } = journey;
  const toAll = addressType(view, packet.destination) === 'broadcast';
  const ignored =
    sysctlNumber(view, 'net/ipv4/icmp_echo_ignore_all', 0) !== 0 ||
    (toAll && sysctlNumber(view, 'net/ipv4/icmp_echo_ignore_broadcasts', 1) !== 0);
  const accepted = !ignored && packet.icmp?.type === ECHO_REQUEST;
  const step = withSteps(journey, { kind: 'deliver', socket: null, accepted });
  return [
    accepted ? ended(step, 'delivered', { answer: { kind: 'reply', device: null } }) : ended(step, 'dropped'),
  ];
};

const deliverToSocket = (snapshot: Snapshot, view: View, journey: Journey, dev: string): readonly Next[] => {
  const { packet } = journey;
  // tcp_v4_conn_request() and tcp_v4_send_reset() keep silent where the destination is everybody.
  if (packet.protocol === 'tcp' && addressType(view, packet.destination) === 'broadcast')
    return [ended(withSteps(journey, { kind: 'deliver', socket: null, accepted: false }), 'dropped')];
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
  const socket = findSocket(sockets.value, packet, dev);
  if (!socket) {
    const step = withSteps(journey, { kind: 'deliver', socket: null, accepted: false });
    const answer =
      packet.protocol === 'tcp'
        ? ({ kind: 'reset' } as const)
        : ({ kind: 'icmp', type: 3, code: 3, speaks: 'destination' } as const);
    return [ended(step, 'refused', { answer })];
  }
  const { backlog } = socket;
  const full = packet.protocol === 'tcp' && backlog !== undefined && backlog.used > backlog.limit;
  const step = withSteps(journey, { kind: 'deliver', socket, accepted: !full });
  if (full) return [ended(step, 'dropped', { momentary: true })];
  const answer = { kind: 'reply', device: socket.device ?? null } as const;
  return [ended(step, 'delivered', { answer })];
};
