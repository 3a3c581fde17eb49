/** Protocol names as iptables, nft and /etc/protocols write them (IANA protocol numbers). */
const NUMBERS: Readonly<Record<string, number>> = {
  ip: 0,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ggp: 3,
  ipencap: 4,
  ipip: 4,
  tcp: 6,
  egp: 8,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  skip: 57,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  pim: 103,
  comp: 108,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  isis: 124,
  sctp: 132,
  'mobility-header': 135,
  ipv6mh: 135,
  mh: 135,
  udplite: 136,
  'mpls-in-ip': 137,
  hip: 139,
  shim6: 140,
  mptcp: 262,
};

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;

/** null: a name that is not known here. */
export function protocolNumber(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  return NUMBERS[text.toLowerCase()] ?? null;
}
