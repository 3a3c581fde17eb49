import { parseAddress } from '../../model/ip.ts';
import { hasPorts, type ArpMessage, type Packet } from '../../model/packet.ts';
import { protocolNumber } from '../ip/packets.ts';
import { TCP_OPTION, tcpFlagBits } from '../ip/tcp-header.ts';
import type { Field } from '../../model/rule-field.ts';
import { socketField } from './socket-fields.ts';
import type { View } from './state.ts';
import { ABSENT, UNKNOWN, known, type FieldValue } from './field-value.ts';
import {
  assured,
  connectionLabels,
  connectionStates,
  connectionStatus,
  countedSoFar,
  ofConnection,
  replyOf,
  statusBits,
  zoneIn,
} from './connection-fields.ts';
import { clockField } from './clock-fields.ts';
import { hashed } from './hash-fields.ts';
import { etherOf, frameType } from './frame.ts';
import { headerPart } from './header-bytes.ts';
import { tcpOption } from './tcp-option.ts';
import type { DeviceSeen, Sender } from './types.ts';

const DONT_FRAGMENT = 0x4000;
/** The lower bits of the type-of-service byte (RFC 3168). */
const ECN_BITS = 2;

/** Where a port would be, other protocols have something else. */
const ports = ({ packet }: View, port: number): FieldValue => (hasPorts(packet) ? port : UNKNOWN);

function addressTypeOf(view: View, address: string, device: string | null): FieldValue {
  return known(
    device === null ? view.scope.input.addressType(address) : view.scope.input.addressType(address, device),
  );
}

/** skb->pkt_type: by the frame's destination where it came in, `host` where it was made here. */
function packetType(view: View): FieldValue {
  if (view.scope.input.layer === 'bridge') return known(frameType(view));
  if (view.scope.input.inDev === null) return 'host';
  if (view.scope.input.packetType) return view.scope.input.packetType;
  const type = view.scope.input.addressType(view.packet.destination);
  if (type === null) return UNKNOWN;
  return type === 'broadcast' || type === 'multicast' ? type : 'host';
}

const protocolOf = ({ arp, family }: View['packet']): string =>
  arp ? 'arp' : family === 4 ? 'ipv4' : 'ipv6';

function reverseRoute(view: View, mark: number): FieldValue {
  const { inDev, routesBackBy } = view.scope.input;
  if (inDev === null) return 'missing';
  // nft_fib_is_loopback(): the loopback is always a way back to itself.
  if (inDev === 'lo') return 'exists';
  const answer = routesBackBy?.(view.packet.source, inDev, mark) ?? null;
  return answer === null ? UNKNOWN : answer ? 'exists' : 'missing';
}

/** meta skuid and skgid, xt_owner: only what a process here made has an owner. */
function ofSender(
  { scope: { input } }: View,
  read: (sender: Sender) => number | null,
  nobody: FieldValue,
): FieldValue {
  if (input.sender === undefined) return UNKNOWN;
  return input.sender === null ? nobody : known(read(input.sender));
}

function deviceField(
  dev: string | null,
  { scope }: View,
  read: (seen: DeviceSeen) => FieldValue | null | undefined,
): FieldValue {
  if (dev === null) return ABSENT;
  const seen = scope.input.deviceSeen?.(dev);
  return seen ? (read(seen) ?? UNKNOWN) : UNKNOWN;
}

/** nft_fib_is_loopback(): what comes by the loopback is looked for there. */
function routeTo({ scope: { input } }: View, address: string, other: string, mark: number): FieldValue {
  if (input.inDev === 'lo') return 'lo';
  return known(input.routeDevice?.(address, other, mark));
}

/** nft_rt_get_eval(): before it is routed a packet has no next hop; what stays here goes to its own address. */
function nextHop({ scope: { hook, input }, destination }: View): FieldValue {
  if (hook === 'prerouting' || hook === 'ingress') return ABSENT;
  if (hook === 'input') return destination ?? ABSENT;
  return known(input.nextHop === undefined ? null : parseAddress(input.nextHop));
}

/** RFC 9293, 3.7.1: only where a connection begins, its ends say how large segments may be. */
const asksForSegments = ({ protocol, tcpFlags, tcpOptions }: Packet): boolean =>
  protocol === 'tcp' &&
  (tcpFlags === 'S' || tcpFlags === 'SA') &&
  tcpOptions?.removed?.includes(TCP_OPTION.mss) !== true;

/** nft_rt_get_eval(), realm_mt(): before it is routed a packet has none; IPv6's routes are all of realm 0. */
const realmOf = ({ scope: { hook, input }, packet: { family } }: View): FieldValue =>
  hook === 'prerouting' || hook === 'ingress' ? ABSENT : family === 6 ? 0 : known(input.realm?.());

/** Nobody's, where there is no such interface (nft_meta_get_eval_ifgroup()). */
const groupOf = ({ scope: { input } }: View, dev: string | null): FieldValue =>
  dev === null ? ABSENT : known(input.groupOf?.(dev));

const UNASKED = '00:00:00:00:00:00';

/** Of ARP there is the frame, and the message itself (RFC 826). */
function readArp(field: Field, { operation, senderMac, targetMac }: ArpMessage, view: View): FieldValue {
  switch (field) {
    case 'arp operation':
      return operation === 'request' ? 1 : 2;
    case 'arp htype':
      return 1;
    case 'arp hlen':
      return 6;
    case 'arp plen':
      return 4;
    case 'arp saddr ip':
      return view.source ?? ABSENT;
    case 'arp daddr ip':
      return view.destination ?? ABSENT;
    case 'arp saddr ether':
      return known(senderMac);
    case 'arp daddr ether':
      return targetMac ?? (operation === 'request' ? UNASKED : UNKNOWN);
    case 'nfproto':
    case 'ether type':
    case 'vlan id':
    case 'vlan pcp':
    case 'vlan type':
    case 'iif':
    case 'oif':
    case 'iif group':
    case 'oif group':
    case 'mark':
    case 'pkttype':
    case 'ether saddr':
    case 'ether daddr':
    case 'physical in':
    case 'physical out':
    case 'chance':
      return readPacket(field, view);
    case 'length':
      return UNKNOWN;
    default:
      return ABSENT;
  }
}

/** Reads a field of a packet, as the kernel's expressions do. */
export function readField(field: Field, view: View): FieldValue {
  return view.packet.arp ? readArp(field, view.packet.arp, view) : readPacket(field, view);
}

/** `bits 255 mark` */
function masked(field: string, view: View): FieldValue {
  const [, mask, of = ''] = /^bits (\d+) (.+)$/.exec(field) ?? [];
  const held = readPacket(of as Field, view);
  return typeof held === 'number' ? (held & Number(mask)) >>> 0 : held === ABSENT ? ABSENT : UNKNOWN;
}

function readPacket(field: Field, view: View): FieldValue {
  const { packet, connection, scope } = view;
  switch (field) {
    case 'saddr':
      return view.source ?? ABSENT;
    case 'daddr':
      return view.destination ?? ABSENT;
    case 'l4proto':
      return protocolNumber(view.packet.protocol, view.packet.family);
    case 'nfproto':
      return protocolOf(packet);
    case 'sport':
      return ports(view, packet.sourcePort);
    case 'dport':
      return ports(view, packet.destinationPort);
    case 'iif':
      return scope.input.inDev ?? '';
    case 'oif':
      return scope.input.outDev ?? '';
    case 'iif group':
      return groupOf(view, scope.input.inDev);
    case 'oif group':
      return groupOf(view, scope.input.outDev);
    case 'ct state':
      return connectionStates(view);
    case 'ct status':
      return connectionStatus(view);
    case 'ct direction':
      return ofConnection(view, connection.direction);
    case 'ct mark':
      return ofConnection(view, connection.mark);
    case 'ct zone':
      return ofConnection(view, connection.zone?.id ?? 0);
    case 'ct original saddr':
      return ofConnection(view, parseAddress(connection.original.source) ?? ABSENT);
    case 'ct original daddr':
      return ofConnection(view, parseAddress(connection.original.destination) ?? ABSENT);
    case 'ct original sport':
      return ofConnection(view, ports(view, connection.original.sourcePort));
    case 'ct original dport':
      return ofConnection(view, ports(view, connection.original.destinationPort));
    case 'ct reply saddr':
      return ofConnection(view, parseAddress(replyOf(view).source) ?? ABSENT);
    case 'ct reply daddr':
      return ofConnection(view, parseAddress(replyOf(view).destination) ?? ABSENT);
    case 'ct reply sport':
      return ofConnection(view, ports(view, replyOf(view).sourcePort));
    case 'ct reply dport':
      return ofConnection(view, ports(view, replyOf(view).destinationPort));
    case 'mark':
      return packet.mark;
    case 'uid':
      return ofSender(view, ({ uid }) => uid, ABSENT);
    case 'gid':
      return ofSender(view, ({ gid }) => gid, ABSENT);
    case 'owner uid':
      return ofSender(view, ({ uid }) => uid, 'none');
    case 'owner gid':
      return ofSender(view, ({ gid }) => gid, 'none');
    case 'socket owner':
      return scope.input.sender === undefined ? UNKNOWN : scope.input.sender === null ? 'missing' : 'exists';
    case 'cgroup':
      return scope.input.sender === null ? 'none' : UNKNOWN;
    case 'meta cgroup':
      return scope.input.sender === null ? ABSENT : UNKNOWN;
    case 'socket transparent':
    case 'socket wildcard':
    case 'socket mark':
    case 'socket cgroup': {
      const held = socketField(field, view);
      return held === 'none' ? ABSENT : known(held);
    }
    case 'ipsec in':
    case 'ipsec out':
      return view.scope.ipsecPolicies === false ? 'none' : UNKNOWN;
    case 'tos':
      return packet.tos ?? 0;
    case 'dscp':
      return (packet.tos ?? 0) >> ECN_BITS;
    case 'ecn':
      return (packet.tos ?? 0) & ((1 << ECN_BITS) - 1);
    case 'tcp flags':
      return packet.protocol !== 'tcp' ? ABSENT : known(tcpFlagBits(packet));
    case 'icmp type':
      return packet.protocol === 'icmp' ? known(packet.icmp?.type) : ABSENT;
    case 'icmp code':
      return packet.protocol === 'icmp' ? known(packet.icmp?.code) : ABSENT;
    case 'saddr type':
      return addressTypeOf(view, packet.source, null);
    case 'daddr type':
      return addressTypeOf(view, packet.destination, null);
    case 'saddr type iif':
      return addressTypeOf(view, packet.source, scope.input.inDev);
    case 'saddr type oif':
      return addressTypeOf(view, packet.source, scope.input.outDev);
    case 'daddr type iif':
      return addressTypeOf(view, packet.destination, scope.input.inDev);
    case 'daddr type oif':
      return addressTypeOf(view, packet.destination, scope.input.outDev);
    case 'reverse route':
      return reverseRoute(view, 0);
    case 'reverse route with mark':
      return reverseRoute(view, packet.mark);
    case 'length':
      return packet.size;
    case 'ttl':
      return packet.ttl;
    case 'pkttype':
      return packetType(view);
    case 'iif type':
      return deviceField(scope.input.inDev, view, ({ type }) => type);
    case 'oif type':
      return deviceField(scope.input.outDev, view, ({ type }) => type);
    case 'iif kind':
      return deviceField(scope.input.inDev, view, ({ kind }) => (kind === null ? ABSENT : kind));
    case 'oif kind':
      return deviceField(scope.input.outDev, view, ({ kind }) => (kind === null ? ABSENT : kind));
    case 'iif bridge':
      return deviceField(scope.input.inDev, view, ({ bridge }) => bridge ?? ABSENT);
    case 'oif bridge':
      return deviceField(scope.input.outDev, view, ({ bridge }) => bridge ?? ABSENT);
    case 'route to source':
      return routeTo(view, packet.source, packet.destination, 0);
    case 'route to source with mark':
      return routeTo(view, packet.source, packet.destination, packet.mark);
    case 'route to destination':
      return routeTo(view, packet.destination, packet.source, 0);
    case 'route to destination with mark':
      return routeTo(view, packet.destination, packet.source, packet.mark);
    case 'next hop':
      return nextHop(view);
    case 'route mss':
      return known(scope.input.routeMss?.());
    case 'ether type':
      return scope.input.vlan === undefined ? protocolOf(packet) : '8021q';
    case 'vlan id':
      return scope.input.vlan ?? ABSENT;
    case 'vlan pcp':
      return scope.input.vlan === undefined ? ABSENT : 0;
    case 'vlan type':
      return scope.input.vlan === undefined ? ABSENT : protocolOf(packet);
    case 'mss option':
      return asksForSegments(packet) ? known(packet.mss) : 'none';
    case 'ct original zone':
    case 'ct reply zone':
      return ofConnection(view, zoneIn(connection, field === 'ct reply zone' ? 'reply' : 'original'));
    case 'priority':
      return packet.priority ?? 0;
    case 'realm':
      return realmOf(view);
    case 'vrf port':
      return scope.input.vrfPort ?? '';
    case 'hour':
    case 'day':
    case 'time':
      return clockField(field, scope);
    case 'ct label':
    case 'ct labels':
    case 'connlabel':
      return connectionLabels(field, view);
    case 'ct assured':
      return ofConnection(view, known(assured(view)));
    case 'ether saddr':
      return etherOf(view, 'source') ?? (scope.input.inDev === null ? ABSENT : UNKNOWN);
    case 'ether daddr':
      return etherOf(view, 'destination') ?? (scope.input.inDev === null ? ABSENT : UNKNOWN);
    case 'physical in':
      return scope.input.physicalIn ?? '';
    case 'physical out':
      return scope.input.physicalOut ?? '';
    case 'physical out by name':
      // physdev_mt() of xt_physdev.c: only what no port was seen of at all is met by the opposite.
      return scope.input.physicalOut ?? (scope.input.physicalIn === undefined ? '' : ABSENT);
    case 'frag-off':
      return packet.family === 4 ? (packet.dontFragment ? DONT_FRAGMENT : 0) : ABSENT;
    case 'exthdr':
    case 'arp operation':
    case 'arp htype':
    case 'arp hlen':
    case 'arp plen':
    case 'arp saddr ip':
    case 'arp daddr ip':
    case 'arp saddr ether':
    case 'arp daddr ether':
      return ABSENT;
    case 'hash':
    case 'chance':
      return UNKNOWN;
    default:
      // The others are of a snapshot file of a newer version.
      if (/^ct (?:packets|bytes|average) /.test(field)) return countedSoFar(field, view);
      if (field.startsWith('jhash ')) return hashed(field, (part) => readField(part, view));
      if (field.startsWith('bits ')) return masked(field, view);
      if (field.startsWith('ct status bits ')) return statusBits(field, view);
      if (field.startsWith('ct labels ')) return connectionLabels(field, view);
      if (field.startsWith('tcp option ')) return tcpOption(field, packet);
      return /^[nt]h /.test(field) ? headerPart(field, packet) : UNKNOWN;
  }
}
