import { etherOf, frameType } from '../frame.ts';
import type { View } from '../state.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';
import { protocolOf } from './packet.ts';

/** skb->pkt_type: by the frame's destination where it came in, `host` where it was made here. */
function packetType(view: View): FieldValue {
  if (view.scope.input.layer === 'bridge') return known(frameType(view));
  if (view.scope.input.inDev === null) return 'host';
  if (view.scope.input.packetType) return view.scope.input.packetType;
  const type = view.scope.input.addressType(view.packet.destination);
  if (type === null) return UNKNOWN;
  return type === 'broadcast' || type === 'multicast' ? type : 'host';
}

const hardwareAddress =
  (end: 'source' | 'destination'): FieldReader =>
  (view) =>
    etherOf(view, end) ?? (view.scope.input.inDev === null ? ABSENT : UNKNOWN);

const ofTag =
  (read: (vlan: number, view: View) => FieldValue): FieldReader =>
  (view) =>
    view.scope.input.vlan === undefined ? ABSENT : read(view.scope.input.vlan, view);

/** Of the frame that the packet is in. */
export const FRAME_FIELDS = {
  pkttype: packetType,
  'ether saddr': hardwareAddress('source'),
  'ether daddr': hardwareAddress('destination'),
  'ether type': ({ scope, packet }) => (scope.input.vlan === undefined ? protocolOf(packet) : '8021q'),
  'vlan id': ofTag((vlan) => vlan),
  'vlan pcp': ofTag(() => 0),
  'vlan type': ofTag((_, { packet }) => protocolOf(packet)),
} satisfies Record<string, FieldReader>;
