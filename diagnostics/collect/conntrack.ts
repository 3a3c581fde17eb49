import type { FoundNamespace, Output } from '../host/machine.ts';
import { known } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { ConntrackEntry, ConntrackTuple } from '../model/socket.ts';
import { damaged, refusal, runIn, type ReadContext } from './read-context.ts';
import { readSettings } from './sysctls.ts';

const PROTOCOLS: Readonly<Record<string, ConntrackEntry['protocol']>> = {
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  icmpv6: 'icmp',
};

/**
 * Entries of `conntrack -L`, which prints each direction's tuple in turn:
 * `tcp 6 431999 ESTABLISHED src=… dst=… sport=… dport=… src=… dst=… sport=… dport=… [ASSURED] mark=0 use=1`.
 * An echo has no ports: its id stands in for the source port, as in a `Packet`.
 */
export function parseConntrack(text: string): ConntrackEntry[] {
  return text.split('\n').flatMap((line) => {
    const protocol = PROTOCOLS[/^(\S+)/.exec(line)?.[1] ?? ''];
    if (protocol === undefined) return [];
    const values = (key: string): string[] =>
      [...line.matchAll(new RegExp(`(?:^|\\s)${key}=(\\S+)`, 'g'))].map((match) => match[1] ?? '');
    const [sources, destinations, sourcePorts, destinationPorts] = ['src', 'dst', 'sport', 'dport'].map(
      values,
    );
    const tuple = (direction: 0 | 1): ConntrackTuple | null => {
      const [source, destination] = [sources?.[direction], destinations?.[direction]];
      if (source === undefined || destination === undefined) return null;
      return {
        source,
        destination,
        sourcePort: Number(sourcePorts?.[direction] ?? 0),
        destinationPort: Number(destinationPorts?.[direction] ?? 0),
      };
    };
    const [original, reply] = [tuple(0), tuple(1)];
    if (!original || !reply) return [];
    return [{ protocol, original, reply, mark: Number(values('mark')[0] ?? 0), text: line.trim() }];
  });
}

const ADDRESSES = /\bsrc=[\da-f.:]+ dst=[\da-f.:]+ /g;

/** Whatever its protocol, a connection has two addresses in each direction; and each line has an end. */
const isDamaged = (text: string): boolean =>
  text !== '' &&
  (!text.endsWith('\n') ||
    text
      .slice(0, -1)
      .split('\n')
      .some((line) => line.match(ADDRESSES)?.length !== 2));

/** How many there are: the kernel looks through its whole table to list even none, which takes 30 ms for each family. */
const COUNT = 'net/netfilter/nf_conntrack_count';

/** The connections that are followed (conntrack(8)). */
export async function readConntrack(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const run = (argv: readonly string[]): Promise<Output> => runIn(context, namespace, argv);
  const { values, refused } = await readSettings(context, namespace);
  // Where there are settings and not this one, the kernel has no conntrack.
  if (refused === null && (values[COUNT] ?? '0') === '0') return { conntrack: known([]) };
  const outputs = await Promise.all(['ipv4', 'ipv6'].map((family) => run(['conntrack', '-L', '-f', family])));
  for (const output of outputs) {
    const refused =
      refusal(output, 'tracked connections', 'conntrack') ??
      (isDamaged(output.stdout) ? damaged('tracked connections', 'conntrack') : null);
    if (refused) return { conntrack: refused };
  }
  return { conntrack: known(outputs.flatMap((output) => parseConntrack(output.stdout))) };
}
