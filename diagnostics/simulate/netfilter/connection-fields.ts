import { ABSENT, UNKNOWN, type FieldValue } from './field-value.ts';
import { hasConnection, type View } from './state.ts';
import type { Connection } from './types.ts';

/** ctinfo and the NAT bits that iptables' `--ctstate` counts among the states. */
export function connectionStates(view: View): FieldValue {
  const { scope, connection } = view;
  if (connection.state === 'untracked') return ['untracked'];
  if (!scope.tracked || connection.state === 'invalid') return ['invalid'];
  return [connection.state, ...natStates(view)];
}

const natStates = ({ connection }: View): readonly string[] => [
  ...(connection.dnat ? ['dnat'] : []),
  ...(connection.snat ? ['snat'] : []),
];

export function connectionStatus(view: View): FieldValue {
  if (!hasConnection(view)) return ABSENT;
  const { connection } = view;
  const seenReply = connection.state === 'established' || connection.direction === 'reply';
  // What comes back by the loopback went through the last hook of its way out, where a connection is confirmed.
  const confirmed = seenReply || view.scope.input.inDev === 'lo';
  return [...natStates(view), ...(seenReply ? ['seen-reply'] : []), ...(confirmed ? ['confirmed'] : [])];
}

export const ofConnection = (view: View, value: FieldValue): FieldValue =>
  hasConnection(view) ? value : ABSENT;

/** nf_ct_invert_tuple(): an answer is expected from where the packet goes to now. */
export function replyOf({ packet, connection }: View): Connection['original'] {
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
export const zoneIn = ({ zone }: Connection, direction: 'original' | 'reply'): number =>
  zone && (zone.directions === 'both' || zone.directions === direction) ? zone.id : 0;

/** Conntrack counts a packet before rules see it; of what went before the first one there is nothing to know. */
export function countedSoFar(field: string, view: View): FieldValue {
  if (!hasConnection(view)) return ABSENT;
  const { connection, packet } = view;
  if (connection.state !== 'new') return UNKNOWN;
  if (field.endsWith(' reply')) return 0;
  return field.startsWith('ct packets') ? 1 : packet.size;
}
