import type { Packet } from '../../model/packet.ts';
import { ICMP, isEchoRequest } from '../ip/icmp-numbers.ts';
import { seenPacket } from './seen.ts';
import type { Connection, NatPlan, Zone } from './types.ts';

/** What identifies a packet's connection (struct nf_conntrack_tuple). */
export interface Tuple {
  readonly protocol: Packet['protocol'];
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** Echo request or reply: they are each other's inverse. */
  readonly icmpType?: number;
}

/** Echo request and reply answer each other. */
const INVERSE: Readonly<Record<number, number>> = {
  [ICMP[4].echoRequest]: ICMP[4].echoReply,
  [ICMP[4].echoReply]: ICMP[4].echoRequest,
  [ICMP[6].echoRequest]: ICMP[6].echoReply,
  [ICMP[6].echoReply]: ICMP[6].echoRequest,
};

/** What connection tracking tells a connection by, of a packet (nf_ct_get_tuple()). */
export const tupleOf = (packet: Packet): Tuple => ({
  protocol: packet.protocol,
  source: packet.source,
  sourcePort: packet.sourcePort,
  destination: packet.destination,
  destinationPort: packet.destinationPort,
  ...(packet.icmp ? { icmpType: packet.icmp.type } : {}),
});

/** The tuple of an answer (nf_ct_invert_tuple()). */
export const invert = (tuple: Tuple): Tuple => ({
  protocol: tuple.protocol,
  source: tuple.destination,
  sourcePort: tuple.destinationPort,
  destination: tuple.source,
  destinationPort: tuple.sourcePort,
  ...(tuple.icmpType === undefined ? {} : { icmpType: INVERSE[tuple.icmpType] ?? tuple.icmpType }),
});

/** nf_ct_tuple_equal() */
export const sameTuple = (a: Tuple, b: Tuple): boolean =>
  a.protocol === b.protocol &&
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort &&
  a.icmpType === b.icmpType;

/** A connection as one namespace remembers it. */
export interface Tracked {
  /** As the first packet came. */
  readonly original: Tuple;
  /** As an answer is expected: the inverse of the first packet as it left. */
  readonly reply: Tuple;
  readonly dnat: boolean;
  readonly snat: boolean;
  readonly mark: number;
  /** As in Connection. */
  readonly helped?: true;
  readonly labels?: readonly number[] | null;
  /** Bytes of the first packet, as conntrack counted it; absent: not known. */
  readonly firstSize?: number;
  readonly zone?: Zone;
  /** Its first packet was given to a socket here (TPROXY): later ones find the socket that came of it. */
  readonly claimed?: NonNullable<Packet['claimed']>;
  /** An answer has passed: later packets of either direction belong to it (IPS_SEEN_REPLY). */
  readonly answered?: true;
}

/** The connections after both sides have spoken. */
export const answered = (
  tracking: ReadonlyMap<string, readonly Tracked[]>,
): Map<string, readonly Tracked[]> =>
  new Map(
    [...tracking].map(([namespace, records]) => [
      namespace,
      records.map((tracked) => ({ ...tracked, answered: true as const })),
    ]),
  );

/** The connection of the packet that is on its way through a namespace now. */
export interface Current {
  readonly state: Connection['state'];
  readonly direction: Connection['direction'];
  readonly tracked: Tracked;
  /** The first packet here: NAT is still to be decided, and nothing is remembered yet. */
  readonly fresh: boolean;
  /** As in Connection. */
  readonly seenAs?: Connection['original'] | null;
}

/** Whether a packet can be the first of a connection (nf_conntrack_proto_tcp.c, nf_conntrack_proto_icmp(v6).c). */
const canBegin = (packet: Packet): boolean => {
  switch (packet.protocol) {
    case 'tcp':
      return packet.tcpFlags === 'S';
    case 'udp':
    case 'ipip':
    case 'ipv6':
    case 'gre':
      return true;
    case 'icmp':
      return isEchoRequest(packet.icmp?.type);
  }
};

/** Of no connection: rules see it as invalid, and NAT leaves it alone. */
export const unrecognised = (packet: Packet, zone?: Zone): Current => ({
  state: 'invalid',
  direction: 'original',
  tracked: blank(packet, zone),
  fresh: false,
});

const blank = (packet: Packet, zone: Zone | undefined): Tracked => ({
  original: tupleOf(packet),
  reply: invert(tupleOf(packet)),
  dnat: false,
  snat: false,
  mark: 0,
  firstSize: packet.size,
  ...(zone ? { zone } : {}),
});

/** nf_ct_zone_id() */
const idIn = (zone: Zone | undefined, direction: 'original' | 'reply'): number =>
  zone && (zone.directions === 'both' || zone.directions === direction) ? zone.id : 0;

/** nf_ct_zone_equal() */
const sameZone = (a: Zone | undefined, b: Zone | undefined, direction: 'original' | 'reply'): boolean =>
  idIn(a, direction) === idIn(b, direction);

/**
 * nf_conntrack_in(): which connection the packet belongs to. `about` is the packet that an ICMP error is about, as it was
 * where the error was made.
 */
export function recognise(
  records: readonly Tracked[],
  packet: Packet,
  about: Tuple | null,
  zone?: Zone,
): Current {
  const is = (tracked: Tracked, direction: 'original' | 'reply', tuple: Tuple): boolean =>
    sameTuple(tracked[direction], tuple) && sameZone(tracked.zone, zone, direction);
  if (about) {
    const answered = invert(about);
    for (const tracked of records) {
      if (is(tracked, 'reply', answered))
        return { state: 'related', direction: 'reply', tracked, fresh: false };
      if (is(tracked, 'original', answered))
        return { state: 'related', direction: 'original', tracked, fresh: false };
    }
    return unrecognised(packet, zone);
  }
  const tuple = tupleOf(packet);
  for (const tracked of records) {
    if (is(tracked, 'original', tuple))
      return {
        state: tracked.answered ? 'established' : 'new',
        direction: 'original',
        tracked,
        fresh: false,
      };
    if (is(tracked, 'reply', tuple))
      return { state: 'established', direction: 'reply', tracked, fresh: false };
  }
  return canBegin(packet)
    ? { state: 'new', direction: 'original', tracked: blank(packet, zone), fresh: true }
    : unrecognised(packet, zone);
}

/** The zones of a packet that begins something of its own, or nothing, because its connection is in another; null: it is not so. */
export function otherZone(
  records: readonly Tracked[],
  current: Current,
  packet: Packet,
): { readonly asked: number; readonly followed: number } | null {
  if (!current.fresh && current.state !== 'invalid') return null;
  const tuple = tupleOf(packet);
  for (const direction of ['reply', 'original'] as const) {
    const tracked = records.find((record) => sameTuple(record[direction], tuple));
    const [asked, followed] = [current.tracked.zone, tracked?.zone].map((zone) => idIn(zone, direction));
    if (tracked && asked !== undefined && followed !== undefined && asked !== followed)
      return { asked, followed };
  }
  return null;
}

/** What NAT does at a hook: destinations change where packets come in or are made, sources where they leave or arrive. */
export function natPlan(
  current: Current,
  packet: Packet,
  hook: 'prerouting' | 'input' | 'output' | 'postrouting',
): NatPlan {
  if (current.fresh) return { type: 'consult' };
  if (current.state === 'invalid' || current.state === 'untracked') return { type: 'apply' };
  const { tracked } = current;
  const target = invert(current.direction === 'original' ? tracked.reply : tracked.original);
  const related = current.state === 'related';
  const reversed = current.direction === 'reply';
  if (hook === 'prerouting' || hook === 'output') {
    if (!(reversed ? tracked.snat : tracked.dnat)) return { type: 'apply' };
    if (target.destination === packet.destination && target.destinationPort === packet.destinationPort)
      return { type: 'apply' };
    const port = related ? packet.destinationPort : target.destinationPort;
    return { type: 'apply', destination: { address: target.destination, port } };
  }
  if (!(reversed ? tracked.dnat : tracked.snat)) return { type: 'apply' };
  if (target.source === packet.source && target.sourcePort === packet.sourcePort) return { type: 'apply' };
  const port = related ? packet.sourcePort : target.sourcePort;
  return { type: 'apply', source: { address: target.source, port } };
}

/** The connection as rules see it. */
export const asConnection = ({ state, direction, tracked, fresh, seenAs }: Current): Connection => ({
  state,
  direction,
  dnat: tracked.dnat,
  snat: tracked.snat,
  original: {
    source: tracked.original.source,
    sourcePort: tracked.original.sourcePort,
    destination: tracked.original.destination,
    destinationPort: tracked.original.destinationPort,
  },
  ...(fresh ? {} : { reply: tracked.reply }),
  ...(seenAs ? { seenAs } : {}),
  mark: tracked.mark,
  ...(tracked.helped && { helped: tracked.helped }),
  ...(tracked.labels === undefined ? {} : { labels: tracked.labels }),
  ...(direction === 'reply' && !tracked.answered && tracked.firstSize !== undefined
    ? { asked: tracked.firstSize }
    : {}),
  ...(tracked.zone ? { zone: tracked.zone } : {}),
});

/** What a hook left of the connection. */
export const afterHook = (current: Current, connection: Connection): Current => ({
  ...current,
  seenAs: connection.seenAs ?? null,
  state: connection.state,
  tracked: {
    ...current.tracked,
    dnat: connection.dnat,
    snat: connection.snat,
    mark: connection.mark,
    ...(connection.helped && { helped: connection.helped }),
    ...(connection.labels === undefined ? {} : { labels: connection.labels }),
  },
});

/** nf_conntrack_confirm(): the first packet leaves, and the connection is remembered as it left. */
export const confirmed = (
  records: readonly Tracked[],
  current: Current,
  packet: Packet,
): readonly Tracked[] =>
  current.fresh && current.state === 'new'
    ? [
        ...records,
        {
          ...current.tracked,
          reply: invert(tupleOf(seenPacket(packet, current))),
          ...(packet.claimed ? { claimed: packet.claimed } : {}),
        },
      ]
    : records;

/** The packet that an ICMP error is about, as it was before the namespace translated it. */
export const untranslated = (current: Current): Tuple =>
  current.direction === 'reply' ? current.tracked.original : current.tracked.reply;

/** A new connection whose answers would look like those of another one here: NAT gives it another port (nf_nat_used_tuple()). */
export const clashes = (records: readonly Tracked[], { fresh, tracked }: Current): boolean =>
  fresh &&
  records.some(
    (other) => sameTuple(other.reply, tracked.reply) && sameZone(other.zone, tracked.zone, 'reply'),
  );
