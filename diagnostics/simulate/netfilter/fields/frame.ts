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

/** ARPHRD_ETHER */
const ETHERNET = 1;

/** mac_mt() of xt_mac.c; nft asks for the device's type itself: where none came in by Ethernet, nothing is met. */
const hardwareAddress =
  (end: 'source' | 'destination'): FieldReader =>
  (view) => {
    const { inDev, deviceSeen } = view.scope.input;
    if (inDev === null) return etherOf(view, end) ?? ABSENT;
    const type = deviceSeen?.(inDev)?.type ?? ETHERNET;
    return type === ETHERNET ? (etherOf(view, end) ?? UNKNOWN) : ABSENT;
  };

/** RFC 4291, appendix A: a hardware address with ff:fe in its middle, and its second bit turned over. */
const interfaceId = (mac: string): bigint => {
  const [first = 0, ...others] = mac.split(':').map((part) => Number.parseInt(part, 16));
  const bytes = [first ^ 2, ...others.slice(0, 2), 0xff, 0xfe, ...others.slice(2)];
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
};

/** eui64_mt6() of ip6t_eui64.c: the source is made of the hardware address that the frame came from. */
function eui64(view: View): FieldValue {
  const mac = etherOf(view, 'source');
  if (view.scope.input.inDev === null || !view.source) return 'no';
  if (mac === undefined) return UNKNOWN;
  return BigInt.asUintN(64, view.source.value) === interfaceId(mac) ? 'yes' : 'no';
}

const ofTag =
  (read: (vlan: number, view: View) => FieldValue): FieldReader =>
  (view) =>
    view.scope.input.vlan === undefined ? ABSENT : read(view.scope.input.vlan, view);

/** Of the frame that the packet is in. */
export const FRAME_FIELDS = {
  pkttype: packetType,
  'ether saddr': hardwareAddress('source'),
  'ether daddr': hardwareAddress('destination'),
  eui64,
  'ether type': ({ scope, packet }) => (scope.input.vlan === undefined ? protocolOf(packet) : '8021q'),
  'vlan id': ofTag((vlan) => vlan),
  'vlan pcp': ofTag(() => 0),
  'vlan type': ofTag((_, { packet }) => protocolOf(packet)),
} satisfies Record<string, FieldReader>;
