import type { Field } from '../../../model/rule-field.ts';
import type { ArpMessage } from '../../../model/packet.ts';
import type { View } from '../state.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';

/** ARPHRD_ETHER, and the lengths of its addresses and of IPv4's. */
const ETHERNET = 1;
const ETHERNET_LENGTH = 6;
const IPV4_LENGTH = 4;
const REQUEST = 1;
const REPLY = 2;
const UNASKED = '00:00:00:00:00:00';

const ofMessage =
  (read: (message: ArpMessage, view: View) => FieldValue): FieldReader =>
  (view) =>
    view.packet.arp ? read(view.packet.arp, view) : ABSENT;

/** Of an ARP message (RFC 826); IP's packets have none of these. */
export const ARP_FIELDS = {
  'arp operation': ofMessage(({ operation }) => (operation === 'request' ? REQUEST : REPLY)),
  'arp htype': ofMessage(() => ETHERNET),
  'arp hlen': ofMessage(() => ETHERNET_LENGTH),
  'arp plen': ofMessage(() => IPV4_LENGTH),
  'arp saddr ip': ofMessage((_, { source }) => source ?? ABSENT),
  'arp daddr ip': ofMessage((_, { destination }) => destination ?? ABSENT),
  'arp saddr ether': ofMessage(({ senderMac }) => known(senderMac)),
  'arp daddr ether': ofMessage(
    ({ operation, targetMac }) => targetMac ?? (operation === 'request' ? UNASKED : UNKNOWN),
  ),
} satisfies Record<string, FieldReader>;

const WITH_ARP: ReadonlySet<Field> = new Set<Field>([
  ...(Object.keys(ARP_FIELDS) as (keyof typeof ARP_FIELDS)[]),
  'nfproto',
  'ether type',
  'vlan id',
  'vlan pcp',
  'vlan type',
  'iif',
  'oif',
  'iif group',
  'oif group',
  'mark',
  'length',
  'pkttype',
  'ether saddr',
  'ether daddr',
  'physical in',
  'physical out',
  'chance',
]);

/** Whether ARP has such a field: its own message's, or the frame's; nothing of IP. */
export const isOfArp = (field: Field): boolean => WITH_ARP.has(field);
