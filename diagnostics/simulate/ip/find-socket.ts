import { sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { ListeningSocket } from '../../model/socket.ts';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Bound to every address. */
export const isAny = ({ address }: ListeningSocket): boolean =>
  address === '0.0.0.0' || address === '::' || address === '*';

/** The VRF that a packet came in by, and whether sockets that are bound to none get what does (tcp_l3mdev_accept and its kin). */
export interface CameByVrf {
  readonly name: string;
  readonly open: boolean;
}

/** inet_bound_dev_eq() of include/net/inet_sock.h. */
const fitsDevice = ({ device }: ListeningSocket, dev: string, vrf: CameByVrf | null): boolean =>
  device === undefined ? !vrf || vrf.open : device === dev || device === vrf?.name;

/** Whether a socket takes packets to this address (compute_score() of net/ipv4 and net/ipv6: inet_hashtables.c, udp.c). */
const takes = (socket: ListeningSocket, packet: Packet, dev: string, vrf: CameByVrf | null): boolean => {
  if (socket.protocol !== packet.protocol || socket.port !== packet.destinationPort) return false;
  if (!fitsDevice(socket, dev, vrf)) return false;
  if (socket.family === packet.family)
    return isAny(socket) || sameAddress(socket.address, packet.destination);
  if (packet.family === 6 || socket.v6only) return false;
  const mapped = MAPPED.exec(socket.address)?.[1];
  return mapped === undefined
    ? socket.address === '::' || socket.address === '*'
    : mapped === packet.destination;
};

/** The more exact a binding, the better: address, then device. */
const score = (socket: ListeningSocket): number =>
  (isAny(socket) ? 0 : 2) + (socket.device === undefined ? 0 : 1);

/** The socket that a packet comes to by its destination; what a rule gave away comes to the one it was given to. */
export const findSocket = (
  sockets: readonly ListeningSocket[],
  packet: Packet,
  dev: string,
  vrf: CameByVrf | null = null,
): ListeningSocket | null => {
  const { claimed } = packet;
  const asked = claimed ? { ...packet, destination: claimed.address, destinationPort: claimed.port } : packet;
  return (
    sockets.filter((socket) => takes(socket, asked, dev, vrf)).sort((a, b) => score(b) - score(a))[0] ?? null
  );
};
