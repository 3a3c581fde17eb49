/** The table of OpenWrt's fw4: br-a and br-b are of zone lan, eth0 is wan with masquerading, and a port is forwarded with reflection. */
export interface Fw4Layout {
  readonly lan: readonly string[];
  readonly wan: readonly string[];
  /** `config redirect`: the port at the wan address, and whom it is for. */
  readonly forwarded: readonly {
    readonly port: number;
    readonly to: string;
    readonly toPort: number;
    readonly wanAddress: string;
    readonly lanNetwork: string;
    readonly lanAddress: string;
  }[];
  /** Ports of the router that wan may ask for. */
  readonly open?: readonly number[];
  readonly synFlood?: boolean;
}

const set = (devices: readonly string[]): string =>
  `{ ${devices.map((device) => `"${device}"`).join(', ')} }`;

/** What fw4 of OpenWrt 22.03 and later loads for zones lan and wan. */
export function fw4({ lan, wan, forwarded, open = [], synFlood = true }: Fw4Layout): string {
  return `
table inet fw4 {
  chain input { type filter hook input priority filter; policy drop;
    iif "lo" accept comment "!fw4: Accept traffic from loopback"
    ct state vmap { established : accept, related : accept } comment "!fw4: Handle inbound flows"
    ${synFlood ? 'tcp flags & (fin | syn | rst | ack) == syn jump syn_flood comment "!fw4: Rate limit TCP syn packets"' : ''}
    iifname ${set(lan)} jump input_lan comment "!fw4: Handle lan IPv4/IPv6 input traffic"
    iifname ${set(wan)} jump input_wan comment "!fw4: Handle wan IPv4/IPv6 input traffic"
    jump handle_reject
  }
  chain forward { type filter hook forward priority filter; policy drop;
    ct state vmap { established : accept, related : accept } comment "!fw4: Handle forwarded flows"
    iifname ${set(lan)} jump forward_lan comment "!fw4: Handle lan IPv4/IPv6 forward traffic"
    iifname ${set(wan)} jump forward_wan comment "!fw4: Handle wan IPv4/IPv6 forward traffic"
    jump handle_reject
  }
  chain output { type filter hook output priority filter; policy accept;
    oif "lo" accept
    ct state vmap { established : accept, related : accept }
    oifname ${set(lan)} jump output_lan
    oifname ${set(wan)} jump output_wan
  }
  chain prerouting { type filter hook prerouting priority filter; policy accept;
    iifname ${set(lan)} jump helper_lan comment "!fw4: Handle lan IPv4/IPv6 helper assignment"
  }
  chain handle_reject {
    meta l4proto tcp reject with tcp reset comment "!fw4: Reject TCP traffic"
    reject comment "!fw4: Reject any other traffic"
  }
  chain syn_flood { limit rate 25/second burst 50 packets return comment "!fw4: Accept SYN packets below rate-limit"
    drop comment "!fw4: Drop excess packets"
  }
  chain input_lan { ct status dnat accept comment "!fw4: Accept port redirections"
    jump accept_from_lan
  }
  chain output_lan { jump accept_to_lan; }
  chain forward_lan {
    jump accept_to_wan comment "!fw4: Accept lan to wan forwarding"
    ct status dnat accept comment "!fw4: Accept port forwards"
    jump accept_to_lan
  }
  chain helper_lan { }
  chain accept_from_lan { iifname ${set(lan)} counter accept comment "!fw4: accept lan IPv4/IPv6 traffic"; }
  chain accept_to_lan { oifname ${set(lan)} counter accept comment "!fw4: accept lan IPv4/IPv6 traffic"; }
  chain input_wan {
    meta nfproto ipv4 udp dport 68 counter accept comment "!fw4: Allow-DHCP-Renew"
    icmp type echo-request counter accept comment "!fw4: Allow-Ping"
    icmpv6 type { destination-unreachable, time-exceeded, echo-request, echo-reply, packet-too-big, nd-router-solicit, nd-neighbor-solicit, nd-router-advert, nd-neighbor-advert } limit rate 1000/second counter accept comment "!fw4: Allow-ICMPv6-Input"
    ${open.map((port) => `tcp dport ${port} counter accept`).join('\n    ')}
    ct status dnat accept comment "!fw4: Accept port redirections"
    jump reject_from_wan
  }
  chain output_wan { jump accept_to_wan; }
  chain forward_wan {
    icmpv6 type { destination-unreachable, time-exceeded, echo-request, echo-reply, packet-too-big } limit rate 1000/second counter accept comment "!fw4: Allow-ICMPv6-Forward"
    meta l4proto esp counter jump accept_to_lan comment "!fw4: Allow-IPSec-ESP"
    ct status dnat accept comment "!fw4: Accept port forwards"
    jump reject_to_wan
  }
  chain accept_to_wan {
    meta nfproto ipv4 oifname ${set(wan)} ct state invalid counter drop comment "!fw4: Prevent NAT leakage"
    oifname ${set(wan)} counter accept comment "!fw4: accept wan IPv4/IPv6 traffic"
  }
  chain reject_from_wan { iifname ${set(wan)} counter jump handle_reject comment "!fw4: reject wan IPv4/IPv6 traffic"; }
  chain reject_to_wan { oifname ${set(wan)} counter jump handle_reject comment "!fw4: reject wan IPv4/IPv6 traffic"; }
  chain dstnat { type nat hook prerouting priority dstnat; policy accept;
    iifname ${set(lan)} jump dstnat_lan
    iifname ${set(wan)} jump dstnat_wan
  }
  chain srcnat { type nat hook postrouting priority srcnat; policy accept;
    oifname ${set(lan)} jump srcnat_lan
    oifname ${set(wan)} jump srcnat_wan
  }
  chain dstnat_lan {
    ${forwarded.map((one) => `ip saddr ${one.lanNetwork} ip daddr ${one.wanAddress} tcp dport ${one.port} dnat ip to ${one.to}:${one.toPort} comment "!fw4: (reflection)"`).join('\n    ')}
  }
  chain srcnat_lan {
    ${forwarded.map((one) => `ip saddr ${one.lanNetwork} ip daddr ${one.to} tcp dport ${one.toPort} snat ip to ${one.lanAddress} comment "!fw4: (reflection)"`).join('\n    ')}
  }
  chain dstnat_wan {
    ${forwarded.map((one) => `meta nfproto ipv4 tcp dport ${one.port} counter dnat ip to ${one.to}:${one.toPort}`).join('\n    ')}
  }
  chain srcnat_wan { meta nfproto ipv4 masquerade comment "!fw4: Masquerade IPv4 wan traffic"; }
  chain raw_prerouting { type filter hook prerouting priority raw; policy accept; }
  chain raw_output { type filter hook output priority raw; policy accept; }
  chain mangle_prerouting { type filter hook prerouting priority mangle; policy accept; }
  chain mangle_postrouting { type filter hook postrouting priority mangle; policy accept;
    oifname ${set(wan)} tcp flags & (syn | fin | rst) == syn tcp option maxseg size set rt mtu comment "!fw4: Zone wan IPv4/IPv6 egress MTU fixing"
  }
  chain mangle_output { type route hook output priority mangle; policy accept; }
  chain mangle_forward { type filter hook forward priority mangle; policy accept;
    iifname ${set(wan)} tcp flags & (syn | fin | rst) == syn tcp option maxseg size set rt mtu comment "!fw4: Zone wan IPv4/IPv6 ingress MTU fixing"
    oifname ${set(wan)} tcp flags & (syn | fin | rst) == syn tcp option maxseg size set rt mtu comment "!fw4: Zone wan IPv4/IPv6 egress MTU fixing"
  }
}`;
}
