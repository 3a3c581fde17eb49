import { sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { ListeningSocket } from '../../model/socket.ts';
import { isAny } from './find-socket.ts';
import { protocolNumber } from './packets.ts';
import { routesFor } from '../route/route-output.ts';
import type { View } from '../view.ts';

/**
 * udp_sendmsg(), udpv6_sendmsg(): what a socket sends that is bound to every address has the source that the route to its
 * receiver gives it, unless the program names one (IP_PKTINFO). Null: the address that was asked, as the receiver expects it; or
 * no route tells.
 */
function answersFrom(view: View, socket: ListeningSocket, packet: Packet): string | null {
  if (packet.protocol !== 'udp' || !isAny(socket)) return null;
  if (packet.claimed || socket.transparent === true) return null;
  const query = {
    destination: packet.source,
    source: null,
    device: socket.device ?? null,
    mark: socket.mark ?? 0,
    protocol: protocolNumber(packet.protocol, packet.family),
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    user: socket.owner ?? null,
    anySource: false,
  };
  const sources = routesFor(view, query, 'send').map((found) => (found.ok ? found.source : null));
  const [first = null] = sources;
  return sources.every((source) => source !== null && !sameAddress(source, packet.destination))
    ? first
    : null;
}

/** Most programs leave it to the kernel from which of its addresses a datagram goes back; some name the one that was asked. */
export const answerDoubts = (view: View, socket: ListeningSocket, packet: Packet): readonly string[] => {
  const source = answersFrom(view, socket, packet);
  const { destination, destinationPort } = packet;
  return source === null
    ? []
    : [
        `whether the program on UDP port ${destinationPort} of ${view.label} answers from ${destination}, which is asked, or from ${source}, as the routes have it, is its own affair (IP_PKTINFO)`,
      ];
};

/** Whether a doubt is one of those, which any answer settles. */
export const isAnswerDoubt = (doubt: string): boolean => doubt.endsWith('is its own affair (IP_PKTINFO)');
