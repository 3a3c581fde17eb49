/** What of a packet (or of its place) a match looks at. Names follow nft(8). */
export type Field = PlainField | FieldWithParameters;

/** What the name alone tells. */
export type PlainField =
  | 'saddr'
  | 'daddr'
  | 'l4proto'
  | 'nfproto'
  | 'sport'
  | 'dport'
  | 'iif'
  | 'oif'
  /** Groups of these interfaces (`ip link set … group`). */
  | 'iif group'
  | 'oif group'
  /** ARPHRD_* of these interfaces, what made them (`veth`), and the bridge that they are ports of. */
  | 'iif type'
  | 'oif type'
  | 'iif kind'
  | 'oif kind'
  | 'iif bridge'
  | 'oif bridge'
  | 'ct state'
  | 'ct status'
  | 'ct direction'
  | 'ct mark'
  | 'ct zone'
  /** In one direction of the connection. */
  | 'ct original zone'
  | 'ct reply zone'
  /** `yes` or `no`: conntrack has seen that both ends mean it. */
  | 'ct assured'
  /** What the connection says it carries, and of which family it is. */
  | 'ct l4proto'
  | 'ct nfproto'
  /** How long it is kept from now on: never known. */
  | 'ct expiration'
  /** Bits that rules have set: each, and all of them as one text (`5,7`). */
  | 'ct label'
  | 'ct labels'
  /** The same as the first for iptables, whose negation holds where there is no connection. */
  | 'connlabel'
  | 'ct original saddr'
  | 'ct original daddr'
  | 'ct original sport'
  | 'ct original dport'
  | 'ct reply saddr'
  | 'ct reply daddr'
  | 'ct reply sport'
  | 'ct reply dport'
  | 'mark'
  /** skb->priority, by which queues sort. */
  | 'priority'
  /** Of the route that the packet takes (`ip route … realm`). */
  | 'realm'
  /** The port of a VRF that the packet came in by; '': none. */
  | 'vrf port'
  /** Second of the day and second since 1970 in UTC; day of the week by the kernel's own zone, Sunday is 0. */
  | 'hour'
  | 'day'
  | 'time'
  /** Numeric ids of whoever owns the socket that a packet was made by. */
  | 'uid'
  | 'gid'
  /** The same, and `none` where no socket made it: iptables' negation holds then. */
  | 'owner uid'
  | 'owner gid'
  /** `exists` or `missing`: a socket that a packet was made by. */
  | 'socket owner'
  /** Control group of that socket: never known; `none` without one. */
  | 'cgroup'
  /** The same for nft, which asks nobody where there is no socket. */
  | 'meta cgroup'
  /** Of the socket that a packet would come to, or comes from: 0 or 1, and its mark. Absent where there is none. */
  | 'socket transparent'
  /** 1: bound to every address. */
  | 'socket wildcard'
  | 'socket mark'
  | 'socket cgroup'
  /** `none`: no IPsec on the way in (out). */
  | 'ipsec in'
  | 'ipsec out'
  /** The whole type-of-service byte (traffic class), its six upper bits, its two lower ones. */
  | 'tos'
  | 'dscp'
  | 'ecn'
  | 'tcp flags'
  /** The largest segment that the sender asks for; `none` of a packet that says nothing: iptables' negation holds then. */
  | 'mss option'
  | 'icmp type'
  | 'icmp code'
  | 'saddr type'
  | 'daddr type'
  /** The same, where only an address of the incoming or outgoing interface counts as local. */
  | 'saddr type iif'
  | 'saddr type oif'
  | 'daddr type iif'
  | 'daddr type oif'
  /** `exists` or `missing`: a route to the source by the interface it came in (`fib saddr . iif oif`, rpfilter). */
  | 'reverse route'
  | 'reverse route with mark'
  /** The interface that it came in by, where a route to the source (destination) leaves by it; '': none does. */
  | 'reverse device'
  | 'reverse device with mark'
  | 'onward device'
  | 'onward device with mark'
  /** The device of the route to the source (destination); '': there is none. */
  | 'route to source'
  | 'route to destination'
  | 'route to source with mark'
  | 'route to destination with mark'
  | 'next hop'
  /** The TCP segment that fits the routes there and back. */
  | 'route mss'
  /** Of the frame: what it says it carries, which is a VLAN where it has a tag. */
  | 'ether type'
  /** Its VLAN, and what the tag says it carries. */
  | 'vlan id'
  | 'vlan pcp'
  | 'vlan type'
  /** Of ARP: of IP's packets there is none of these. */
  | 'arp operation'
  | 'arp htype'
  | 'arp hlen'
  | 'arp plen'
  | 'arp saddr ip'
  | 'arp daddr ip'
  | 'arp saddr ether'
  | 'arp daddr ether'
  | 'length'
  | 'ttl'
  | 'pkttype'
  | 'ether saddr'
  | 'ether daddr'
  /** `yes` or `no`: an address of IPv6 is made of the hardware address that the frame came from. */
  | 'eui64'
  | 'physical in'
  | 'physical out'
  /** The same, and absent of what came by a port and leaves by none: iptables' negation does not hold either. */
  | 'physical out by name'
  /** Offset and flags of the IPv4 header. */
  | 'frag-off'
  /** Any IPv6 extension header: the packets of a walk have none, so that a comparison with one never holds. */
  | 'exthdr'
  /** A number the kernel makes of the packet (`jhash`, `symhash`): which one is not computed here. */
  | 'hash'
  /** A number the kernel draws for each connection (`numgen`): in the long run every one comes up. */
  | 'chance';

/** A name with what is asked of it behind. */
export type FieldWithParameters =
  /** Bytes from one of the network or transport header on, and how many: `th 2 2`. */
  | `${'nh' | 'th'} ${number} ${number}`
  /** The same of bits: `nh bits 4 4`. */
  | `${'nh' | 'th'} bits ${number} ${number}`
  /** The status of a connection as IPS_* of nf_conntrack_common.h, those bits under a mask. */
  | `ct status bits ${number}`
  /** Those labels of a connection that have these numbers, as one text: `ct labels 5,7`. */
  | `ct labels ${string}`
  /** How much of the connection has come by, in one direction or both. */
  | `ct ${'packets' | 'bytes' | 'average'} ${'original' | 'reply' | 'both'}`
  /** 1 or 0: whether a segment has an option of this kind. */
  | `tcp option ${number}`
  /** Bytes of such an option: from where on, and how many. */
  | `tcp option ${number} ${number} ${number}`
  /** Bits of another field, a number: `bits 255 mark`. */
  | `bits ${number} ${string}`
  /** The network of so many bits that an end of the packet is in, as an address: `network 24 saddr`. */
  | `network ${number} ${'saddr' | 'daddr'}`
  /** The node of a cluster that a connection is of: `cluster NODES SEED`. */
  | `cluster ${number} ${number}`
  /** A hash where the rule says all that it is made of: `jhash MODULUS SEED OFFSET saddr . dport`. */
  | `jhash ${number} ${number} ${number} ${string}`;
