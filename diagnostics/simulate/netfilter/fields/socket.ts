import type { Packet } from '../../../model/packet.ts';
import type { Scope, View } from '../state.ts';
import type { SocketSeen } from '../types.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';

/** The socket that a packet, as it is now, would come to, or comes from; null: none; undefined: not known. */
export const socketOf = (
  { input }: Scope,
  packet: Packet,
  connection: View['connection'],
): SocketSeen | null | undefined => input.sockets?.of(packet, connection);

function ofSocket(
  { scope, packet, connection }: View,
  read: (socket: SocketSeen) => number | null,
): FieldValue {
  const socket = socketOf(scope, packet, connection);
  if (socket === undefined) return UNKNOWN;
  return socket === null ? ABSENT : known(read(socket));
}

/** nft_socket_eval() and xt_socket: the socket that the packet belongs to. */
export const SOCKET_FIELDS = {
  'socket transparent': (view) =>
    ofSocket(view, ({ transparent }) => (transparent === null ? null : Number(transparent))),
  'socket wildcard': (view) => ofSocket(view, ({ wildcard }) => Number(wildcard)),
  'socket mark': (view) => ofSocket(view, ({ mark }) => mark),
  'socket cgroup': (view) => ofSocket(view, () => null),
} satisfies Record<string, FieldReader>;
