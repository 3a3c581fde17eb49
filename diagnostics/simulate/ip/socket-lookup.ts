import type { Link } from '../../model/link.ts';
import { hasPorts, type Packet } from '../../model/packet.ts';
import type { ListeningSocket } from '../../model/socket.ts';
import type { Current } from '../netfilter/conntrack.ts';
import { findSocket, isAny } from './find-socket.ts';
import type { Journey } from '../journey.ts';
import type { Connection, SocketLookup, SocketSeen } from '../netfilter/types.ts';
import { addressType } from '../route/route.ts';
import { addressesOf } from '../route/source-address.ts';
import { linkByName, type View } from '../view.ts';

const asSeen = (socket: ListeningSocket): SocketSeen => ({
  transparent: socket.transparent ?? null,
  wildcard: isAny(socket),
  mark: socket.mark ?? 0,
});

/** What came of a listening socket for one connection: it is bound to the address that was asked for. */
const accepted = (socket: SocketSeen | null): SocketSeen | null =>
  socket && { transparent: socket.transparent, wildcard: false, mark: null };

/** nf_sk_lookup_slow_v4() and _v6(), nf_tproxy_get_sock_v4() and _v6(): the sockets of this namespace for rules at a hook. */
export function socketLookup(
  view: View,
  journey: Journey,
  current: Current,
  inDev: string | null,
): SocketLookup | undefined {
  const { sockets } = view;
  if (sockets.state !== 'known') return undefined;
  const listener = (packet: Packet): SocketSeen | null => {
    const found = findSocket(sockets.value, packet, inDev ?? '');
    return found && asSeen(found);
  };
  /** null: no connection of this packet ends here; undefined: not known. */
  const connected = (packet: Packet, connection: Connection): SocketSeen | null | undefined => {
    if (isForSender(view, journey, packet, connection))
      return { transparent: false, wildcard: false, mark: null };
    if (packet.tcpFlags === undefined || packet.tcpFlags === 'S') return null;
    // Of a connection that nobody follows it is not known whether it ends here.
    if (connection.state === 'untracked') return undefined;
    if (connection.direction === 'reply' || current.state !== 'established') return null;
    const { claimed } = current.tracked;
    if (claimed) return accepted(listener({ ...packet, claimed }));
    return addressType(view, packet.destination) === 'local' ? accepted(listener(packet)) : null;
  };
  return {
    of(packet, connection) {
      // What is sent has its sender's socket.
      if (inDev === null) return journey.sender === null && !journey.expected ? null : undefined;
      if (journey.about || journey.recalls) return undefined;
      if (!hasPorts(packet)) return null;
      if (packet.claimed) return listener(packet);
      const own = connected(packet, connection);
      return own === null ? listener(packet) : own;
    },
    claimer(packet, connection, claim) {
      if (journey.recalls) return null;
      const link = inDev === null ? undefined : linkByName(view, inDev);
      const place = {
        address: claim.address ?? firstAddress(link, packet.family) ?? packet.destination,
        port: claim.port ?? packet.destinationPort,
      };
      const own = connected(packet, connection);
      if (own === undefined) return null;
      return { place, socket: own ?? listener({ ...packet, claimed: place }) };
    },
  };
}

/** The answer comes to the socket that asked; that of a translated source is found by the address before. */
const isForSender = (
  view: View,
  { expected }: Journey,
  packet: Packet,
  { original, snat, direction }: Connection,
): boolean => {
  if (!expected || expected.outsideDevice !== null || expected.namespace !== view.id) return false;
  const translated = packet.family === 4 && snat && direction === 'reply';
  const [address, port] = translated
    ? [original.source, original.sourcePort]
    : [packet.destination, packet.destinationPort];
  return address === expected.sent.source && port === expected.sent.sourcePort;
};

/** nf_tproxy_laddr4(), nf_tproxy_laddr6(): the first address of the interface that is no spare one. */
const firstAddress = (link: Link | undefined, family: 4 | 6): string | null => {
  if (!link) return null;
  const own = addressesOf(link, family);
  const spare = family === 6 ? ['tentative', 'deprecated'] : ['secondary'];
  return own.find(({ flags }) => !spare.some((flag) => flags.includes(flag)))?.address ?? null;
};
