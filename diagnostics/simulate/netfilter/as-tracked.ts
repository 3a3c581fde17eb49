import { sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { ConntrackEntry, ConntrackTuple } from '../../model/socket.ts';
import type { Tracked, Tuple } from './conntrack.ts';

const asTuple = (protocol: Packet['protocol'], tuple: ConntrackTuple): Tuple => ({ protocol, ...tuple });

/** A connection that the kernel remembered before the walk, as the walk's own ones are. ICMP's are left out: they live for seconds. */
export const asTracked = ({ protocol, original, reply, mark, text }: ConntrackEntry): readonly Tracked[] =>
  protocol === 'icmp'
    ? []
    : [
        {
          original: asTuple(protocol, original),
          reply: asTuple(protocol, reply),
          dnat:
            !sameAddress(original.destination, reply.source) || original.destinationPort !== reply.sourcePort,
          snat:
            !sameAddress(original.source, reply.destination) || original.sourcePort !== reply.destinationPort,
          mark,
          labels: null,
          ...zoneOf(text),
          ...(text.includes('[UNREPLIED]') ? {} : { answered: true }),
        },
      ];

/** conntrack(8) prints `zone=5`, `zone-orig=5` or `zone-reply=5` behind the tuples that they are of. */
function zoneOf(text: string): Pick<Tracked, 'zone'> {
  const [, which, id] = /\szone(-orig|-reply)?=(\d+)/.exec(text) ?? [];
  if (id === undefined) return {};
  const directions = which === '-orig' ? 'original' : which === '-reply' ? 'reply' : 'both';
  return { zone: { id: Number(id), directions } };
}
