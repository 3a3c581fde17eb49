import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../../model/snapshot.ts';
import type { ConntrackEntry } from '../../model/socket.ts';
import type { FlowStart } from '../start.ts';
import { predict } from '../answer/predict.ts';
import { walkFlow, type RoundTrip } from '../walk.ts';

/** So many old connections of one sender are looked at. */
const MOST_STALE = 3;

const entriesIn = (snapshot: Snapshot, id: NamespaceId): readonly ConntrackEntry[] =>
  valueOr(findNamespace(snapshot, id)?.facts.conntrack ?? { state: 'absent' }, []);

/** The remembered connection that a packet, as it comes into a namespace, belongs to. */
export const entryOf = (snapshot: Snapshot, id: NamespaceId, packet: Packet): ConntrackEntry | null =>
  entriesIn(snapshot, id).find(
    (entry) => isOfSender(entry, packet) && entry.original.sourcePort === packet.sourcePort,
  ) ?? null;

/** Echoes are told apart by an id that each ping draws anew, so that an old one's entry is never that of a new one. */
const isOfSender = ({ protocol, original }: ConntrackEntry, packet: Packet): boolean =>
  protocol !== 'icmp' &&
  protocol === packet.protocol &&
  sameAddress(original.source, packet.source) &&
  sameAddress(original.destination, packet.destination) &&
  original.destinationPort === packet.destinationPort;

/** Namespaces on a datagram's way that may translate it: what they remember decides for a sender who keeps its port. */
export const memoriesWanted = (snapshot: Snapshot, trip: RoundTrip): readonly MissingFact[] =>
  trip.start.protocol !== 'udp'
    ? []
    : [...new Set(trip.forward.hops.map(({ namespace }) => namespace))]
        .filter((id) => {
          const facts = findNamespace(snapshot, id)?.facts;
          const tables = facts?.ruleset.state === 'known' ? facts.ruleset.value.tables : [];
          const translates = tables.some(({ chains }) =>
            chains.some(({ base, rules }) => base?.type === 'nat' && rules.length > 0),
          );
          return facts?.conntrack.state === 'unread' && (translates || knowsConntrack(facts.sysctls));
        })
        .map((namespace): MissingFact => ({ namespace, fact: 'conntrack' }))
        .concat(heldPortsWanted(snapshot, trip));

/** Which of the remembered ports a program here still holds. */
const heldPortsWanted = (snapshot: Snapshot, { start, forward }: RoundTrip): readonly MissingFact[] =>
  start.from === 'namespace' &&
  findNamespace(snapshot, start.namespace)?.facts.datagramPorts.state === 'unread' &&
  forward.hops.some((hop) =>
    entriesIn(snapshot, hop.namespace).some((entry) => isOfSender(entry, hop.packet)),
  )
    ? [{ namespace: start.namespace, fact: 'datagramPorts' }]
    : [];

/** From outside anybody may still be sending. */
function isHeld(snapshot: Snapshot, { from, namespace }: FlowStart, port: number): boolean {
  const ports = findNamespace(snapshot, namespace)?.facts.datagramPorts;
  return from === 'outside' || (ports?.state === 'known' && ports.value.includes(port));
}

/** A namespace that follows connections at all, and has some. */
const knowsConntrack = (sysctls: {
  readonly state: string;
  readonly value?: Readonly<Record<string, string>>;
}): boolean => Number(sysctls.value?.['net/netfilter/nf_conntrack_count'] ?? 0) > 0;

/**
 * The same question from ports that this sender used before, where the kernel still treats these otherwise than a new one, and
 * they do not get through: a datagram's connection lives on as long as its sender goes on sending. Ports that nobody holds any
 * more (a probe's) do not count.
 */
export function staleStarts(snapshot: Snapshot, trip: RoundTrip): readonly FlowStart[] {
  const { start, forward } = trip;
  if (start.protocol !== 'udp' || start.sourcePort !== undefined) return [];
  const ports = new Set<number>();
  for (const hop of forward.hops)
    for (const entry of entriesIn(snapshot, hop.namespace))
      if (isOfSender(entry, hop.packet) && isHeld(snapshot, start, entry.original.sourcePort))
        ports.add(entry.original.sourcePort);
  return [...ports]
    .slice(0, MOST_STALE)
    .map((sourcePort): FlowStart => ({ ...start, sourcePort }))
    .filter((again) => predict(walkFlow(snapshot, again)).outcome !== 'reply');
}
