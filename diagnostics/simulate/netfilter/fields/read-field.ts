import { parseAddress, prefixRange } from '../../../model/ip.ts';
import type { Field, PlainField } from '../../../model/rule-field.ts';
import type { View } from '../state.ts';
import { ARP_FIELDS, isOfArp } from './arp.ts';
import { CLOCK_FIELDS } from './clock.ts';
import { CONNECTION_FIELDS, connectionLabels, countedSoFar, statusBits } from './connection.ts';
import { DEVICE_FIELDS } from './devices.ts';
import { ABSENT, UNKNOWN, type FieldReader, type FieldValue } from './field-value.ts';
import { FRAME_FIELDS } from './frame.ts';
import { clusterNode, hashed } from './hash.ts';
import { headerPart } from './header-bytes.ts';
import { PACKET_FIELDS } from './packet.ts';
import { ROUTE_FIELDS } from './routes.ts';
import { SENDER_FIELDS } from './sender.ts';
import { SOCKET_FIELDS } from './socket.ts';
import { tcpOption } from './tcp-option.ts';

const PLAIN: Readonly<Record<PlainField, FieldReader>> = {
  ...PACKET_FIELDS,
  ...FRAME_FIELDS,
  ...ARP_FIELDS,
  ...DEVICE_FIELDS,
  ...ROUTE_FIELDS,
  ...CONNECTION_FIELDS,
  ...SENDER_FIELDS,
  ...SOCKET_FIELDS,
  ...CLOCK_FIELDS,
  'ipsec in': ipsec,
  'ipsec out': ipsec,
  hash: () => UNKNOWN,
  chance: () => UNKNOWN,
};

const READERS: ReadonlyMap<string, FieldReader> = new Map(Object.entries(PLAIN));

function ipsec({ scope }: View): FieldValue {
  return scope.ipsecPolicies === false ? 'none' : UNKNOWN;
}

/** Reads a field of a packet, as the kernel's expressions do. */
export function readField(field: Field, view: View): FieldValue {
  const { packet } = view;
  if (packet.arp && !isOfArp(field)) return ABSENT;
  const reader = READERS.get(field);
  return reader ? reader(view) : withParameters(field, view);
}

function withParameters(field: Field, view: View): FieldValue {
  if (/^ct (?:packets|bytes|average) /.test(field)) return countedSoFar(field, view);
  if (field.startsWith('jhash ')) return hashed(field, (part) => readField(part, view));
  if (field.startsWith('bits ')) return masked(field, view);
  if (field.startsWith('cluster ')) return clusterNode(field, view);
  if (field.startsWith('network ')) return network(field, view);
  if (field.startsWith('ct status bits ')) return statusBits(field, view);
  if (field.startsWith('ct labels ')) return connectionLabels(field, view);
  if (field.startsWith('tcp option ')) return tcpOption(field, view.packet);
  // The others are of a snapshot file of a newer version.
  return /^[nt]h /.test(field) ? headerPart(field, view.packet) : UNKNOWN;
}

/** `network 24 saddr` */
function network(field: string, { packet }: View): FieldValue {
  const [, length, end] = field.split(' ');
  const address = end === 'saddr' ? packet.source : packet.destination;
  return parseAddress(prefixRange({ address, length: Number(length) })?.from ?? '') ?? ABSENT;
}

/** `bits 255 mark` */
function masked(field: string, view: View): FieldValue {
  const [, mask, of = ''] = /^bits (\d+) (.+)$/.exec(field) ?? [];
  const held = readField(of as Field, view);
  return typeof held === 'number' ? (held & Number(mask)) >>> 0 : held === ABSENT ? ABSENT : UNKNOWN;
}
