import { parseAddress } from '../../../model/ip.ts';
import { hasPorts } from '../../../model/packet.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';
import { protocolNumber } from '../../ip/packets.ts';
import { protocolOf } from './packet.ts';
import { seenPacket } from '../seen.ts';
import { hasConnection, type View } from '../state.ts';
import type { Connection } from '../types.ts';

/** ctinfo and the NAT bits that iptables' `--ctstate` counts among the states. */
function connectionStates(view: View): FieldValue {
  const { scope, connection } = view;
  if (connection.state === 'untracked') return ['untracked'];
  if (!scope.tracked || connection.state === 'invalid') return ['invalid'];
  return [connection.state, ...natStates(view)];
}

const natStates = ({ connection }: View): readonly string[] => [
  ...(connection.dnat ? ['dnat'] : []),
  ...(connection.snat ? ['snat'] : []),
];

/** `ct status`, as words: what `--ctstatus` and nft call its bits. */
function connectionStatus(view: View): FieldValue {
  if (!hasConnection(view)) return ABSENT;
  const { connection } = view;
  const seenReply = connection.state === 'established' || connection.direction === 'reply';
  // What comes back by the loopback went through the last hook of its way out, where a connection is confirmed.
  const confirmed = seenReply || view.scope.input.inDev === 'lo';
  return [...natStates(view), ...(seenReply ? ['seen-reply'] : []), ...(confirmed ? ['confirmed'] : [])];
}

/** IPS_* of include/uapi/linux/netfilter/nf_conntrack_common.h. */
const STATUS = {
  seenReply: 0x2,
  assured: 0x4,
  confirmed: 0x8,
  snat: 0x10,
  dnat: 0x20,
  snatSettled: 0x80,
  dnatSettled: 0x100,
  helper: 0x2000,
};

/** `yes` and `no`; null: not known. Neither the first packet nor the first answer makes conntrack sure that both ends mean it. */
const assured = ({ connection, packet }: View): 'no' | null => {
  const opens = packet.protocol === 'tcp' || packet.protocol === 'udp' || packet.protocol === 'icmp';
  return connection.state === 'new' || (connection.asked !== undefined && opens) ? 'no' : null;
};

/** `ct status bits 48`: those under the mask. */
export function statusBits(field: string, view: View): FieldValue {
  if (!hasConnection(view)) return ABSENT;
  const mask = Number(field.split(' ').at(-1));
  const { connection, scope } = view;
  const first = connection.state === 'new' && scope.input.inDev !== 'lo';
  const names = connectionStatus(view) as readonly string[];
  const has = (bit: number, there: boolean): number => (there ? bit : 0);
  const unknown = has(STATUS.assured, assured(view) === null);
  if ((unknown & mask) !== 0) return UNKNOWN;
  const bits =
    has(STATUS.seenReply, names.includes('seen-reply')) |
    has(STATUS.confirmed, names.includes('confirmed')) |
    has(STATUS.snat, connection.snat) |
    has(STATUS.dnat, connection.dnat) |
    has(STATUS.dnatSettled, first ? scope.natSettled.destination : scope.natSettled.later) |
    has(STATUS.snatSettled, first ? scope.natSettled.source : scope.natSettled.later) |
    has(STATUS.helper, connection.helped === true);
  return (bits & mask) >>> 0;
}

/** What only a packet with a connection has. */
const ofConnection = (view: View, value: FieldValue): FieldValue => (hasConnection(view) ? value : ABSENT);

/** nf_ct_invert_tuple(): an answer is expected from where the packet goes to now. */
function replyOf({ packet: now, connection }: View): Connection['original'] {
  const packet = seenPacket(now, connection);
  return (
    connection.reply ?? {
      source: packet.destination,
      sourcePort: packet.destinationPort,
      destination: packet.source,
      destinationPort: packet.sourcePort,
    }
  );
}

/** nf_ct_zone_id() */
const zoneIn = ({ zone }: Connection, direction: 'original' | 'reply'): number =>
  zone && (zone.directions === 'both' || zone.directions === direction) ? zone.id : 0;

/** Bits that rules have set; nobody asks a connection that is not there (nft), or it has none (iptables). */
export function connectionLabels(field: string, view: View): FieldValue {
  const there = hasConnection(view);
  if (!there) return field === 'connlabel' ? [] : ABSENT;
  const { labels = [] } = view.connection;
  if (labels === null) return UNKNOWN;
  if (field === 'ct label' || field === 'connlabel') return labels.map(String);
  const wanted = field.split(' ')[2]?.split(',').map(Number);
  return labels.filter((label) => wanted?.includes(label) ?? true).join(',');
}

/** Conntrack counts a packet before rules see it: of the first one and of the answer to it there is no history. */
export function countedSoFar(field: string, view: View): FieldValue {
  if (!hasConnection(view)) return ABSENT;
  const { connection, packet } = view;
  const [, what = '', direction = ''] = field.split(' ');
  const first = connection.state === 'new';
  if (!first && connection.asked === undefined) return UNKNOWN;
  const sizes = {
    original: [connection.asked ?? packet.size],
    reply: first ? [] : [packet.size],
  };
  const counted = direction === 'both' ? [...sizes.original, ...sizes.reply] : sizes[direction as 'original'];
  const bytes = counted.reduce((sum, size) => sum + size, 0);
  if (what === 'packets') return counted.length;
  return what === 'bytes' || counted.length === 0 ? bytes : Math.floor(bytes / counted.length);
}

type Ends = Connection['original'];

const address =
  (read: (view: View) => Ends, end: 'source' | 'destination'): FieldReader =>
  (view) =>
    ofConnection(view, parseAddress(read(view)[end]) ?? ABSENT);

const port =
  (read: (view: View) => Ends, end: 'sourcePort' | 'destinationPort'): FieldReader =>
  (view) =>
    ofConnection(view, hasPorts(view.packet) ? read(view)[end] : UNKNOWN);

const originalOf = ({ connection }: View): Ends => connection.original;

/** nft_ct_get_eval(), xt_conntrack, xt_connmark, xt_connlabel. */
export const CONNECTION_FIELDS = {
  'ct state': connectionStates,
  'ct status': connectionStatus,
  'ct direction': (view) => ofConnection(view, view.connection.direction),
  'ct l4proto': (view) => ofConnection(view, protocolNumber(view.packet.protocol, view.packet.family)),
  'ct nfproto': (view) => ofConnection(view, protocolOf(view.packet)),
  'ct expiration': (view) => ofConnection(view, UNKNOWN),
  'ct mark': (view) => ofConnection(view, view.connection.mark),
  'ct zone': (view) => ofConnection(view, view.connection.zone?.id ?? 0),
  'ct original zone': (view) => ofConnection(view, zoneIn(view.connection, 'original')),
  'ct reply zone': (view) => ofConnection(view, zoneIn(view.connection, 'reply')),
  'ct assured': (view) => ofConnection(view, known(assured(view))),
  'ct label': (view) => connectionLabels('ct label', view),
  'ct labels': (view) => connectionLabels('ct labels', view),
  connlabel: (view) => connectionLabels('connlabel', view),
  'ct original saddr': address(originalOf, 'source'),
  'ct original daddr': address(originalOf, 'destination'),
  'ct original sport': port(originalOf, 'sourcePort'),
  'ct original dport': port(originalOf, 'destinationPort'),
  'ct reply saddr': address(replyOf, 'source'),
  'ct reply daddr': address(replyOf, 'destination'),
  'ct reply sport': port(replyOf, 'sourcePort'),
  'ct reply dport': port(replyOf, 'destinationPort'),
} satisfies Record<string, FieldReader>;
