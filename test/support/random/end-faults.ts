import type { Port } from './draw-network.ts';
import { words, type At, type PathFault } from './path-fault.ts';

/** IPv4's 8 and 30, whatever the family: an IPv6 network stands for one of IPv4 that is as large. */
const wider = (length: number): number => (length > 32 ? 16 : 8);
const narrower = (length: number): number => (length > 64 ? 126 : length > 32 ? 62 : 30);

const portsOf = ({ drawn, node }: At): readonly Port[] =>
  drawn.segments.flatMap(({ ports }) => ports.filter((port) => port.node === node));

/** Addresses and servers of the ends, and of the routers between them. */
export function endFaults(at: At): readonly PathFault[] {
  const { node, hop, first, last, direction, previous, drawn } = at;
  if (direction === 'back') return [];
  const faults: PathFault[] = [];
  if (first)
    for (const { dev, address, length } of portsOf(at)) {
      faults.push({
        name: 'sender without address',
        node,
        commands: words(`ip addr del ${address}/${length} dev ${dev}`),
        accepts: [`no-address ${node}`, `no-route ${node}`],
        hands: true,
      });
    }
  if (first || last)
    for (const { dev, address, length } of portsOf(at))
      faults.push(
        ...[wider(length), narrower(length)].map((wrong) => ({
          name: `prefix /${wrong} instead of /${length}`,
          node,
          commands: words(
            `ip addr add ${address}/${wrong} dev ${dev}`,
            `ip addr del ${address}/${length} dev ${dev}`,
          ),
          accepts: [`wrong-prefix ${node}`],
        })),
      );
  if (last) {
    const own = portsOf(at).find(({ address }) => address === hop.packet.destination);
    if (own)
      faults.push({
        name: 'destination without address',
        node,
        commands: words(`ip addr del ${own.address}/${own.length} dev ${own.dev}`),
        accepts: [`neighbour-unresolved *`, `gateway-unreachable *`, `no-address ${node}`, 'no-route *'],
        hands: true,
      });
    const { protocol, destinationPort: port } = hop.packet;
    if (protocol !== 'tcp' && protocol !== 'udp')
      faults.push({
        name: 'echo ignored',
        node,
        commands: words('sysctl -qw net.ipv4.icmp_echo_ignore_all=1'),
        accepts: [`echo-ignored ${node}`],
      });
    else if (drawn.listeners.some((it) => it.node === node && it.port === port))
      faults.push(
        {
          name: 'server stopped',
          node,
          commands: [],
          stops: { protocol, port },
          accepts: [`no-listener ${node}`],
          hands: true,
        },
        {
          name: 'server on loopback',
          node,
          commands: [],
          stops: { protocol, port, again: '127.0.0.1' },
          accepts: [`listens-on-loopback ${node}`],
          hands: true,
        },
      );
  } else if (!first && previous !== null)
    for (const { dev, address, length } of portsOf(at).filter((port) => port.dev === hop.inDev))
      faults.push({
        name: 'gateway without address',
        node,
        commands: words(`ip addr del ${address}/${length} dev ${dev}`),
        accepts: [
          'gateway-unreachable *',
          'no-return-route *',
          `no-address ${node}`,
          'no-route *',
          'wrong-prefix *',
        ],
        hands: true,
      });
  return faults;
}
