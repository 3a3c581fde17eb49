/** A managed bridge of Incus (or LXD, whose table is called `lxd`). */
export interface IncusNetwork {
  readonly bridge: string;
  readonly v4: string;
  readonly v6: string;
  /** Rules of the ACLs that the network has, in nft's words; what none of them decides is rejected. */
  readonly acl?: readonly string[];
  /** `incus network forward`: an address of the host, and where its port leads. */
  readonly forwards?: readonly {
    readonly address: string;
    readonly port: number;
    readonly to: string;
    readonly toPort: number;
  }[];
}

/** An instance's own interface with `security.mac_filtering` and the like, by the bridge's port. */
export interface GuardedPort {
  readonly port: string;
  readonly mac: string;
  readonly v4: string;
  readonly v6: string;
}

/** The tables of Incus with its nftables driver, for `nft -f`. */
export function incus(networks: readonly IncusNetwork[], guarded: readonly GuardedPort[] = []): string {
  return `
table inet incus {
  ${networks.map(networkChains).join('\n  ')}
}
table bridge incus {
  ${guarded.map(portChains).join('\n  ')}
}`;
}

function networkChains({ bridge, v4, v6, acl, forwards = [] }: IncusNetwork): string {
  return `chain pstrt.${bridge} { type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${v4} ip daddr != ${v4} masquerade
    ip6 saddr ${v6} ip6 daddr != ${v6} masquerade
  }
  chain fwd.${bridge} { type filter hook forward priority filter; policy accept;
    ip version 4 oifname "${bridge}" accept
    ip version 4 iifname "${bridge}" accept
    ip6 version 6 oifname "${bridge}" accept
    ip6 version 6 iifname "${bridge}" accept
  }
  chain in.${bridge} { type filter hook input priority filter; policy accept;
    iifname "${bridge}" tcp dport 53 accept
    iifname "${bridge}" udp dport 53 accept
    iifname "${bridge}" icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
    iifname "${bridge}" udp dport 67 accept
    iifname "${bridge}" icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } accept
    iifname "${bridge}" udp dport 547 accept
  }
  chain out.${bridge} { type filter hook output priority filter; policy accept;
    oifname "${bridge}" tcp sport 53 accept
    oifname "${bridge}" udp sport 53 accept
    oifname "${bridge}" udp sport 67 accept
  }
  ${forwards.length === 0 ? '' : forwardChains(bridge, forwards)}
  ${acl === undefined ? '' : aclChains(bridge, acl)}`;
}

const forwardChains = (bridge: string, forwards: NonNullable<IncusNetwork['forwards']>): string => {
  const translate = forwards
    .map(
      ({ address, port, to, toPort }) => `ip daddr ${address} tcp dport ${port} dnat ip to ${to}:${toPort}`,
    )
    .join('\n    ');
  return `chain fwdprert.${bridge} { type nat hook prerouting priority dstnat; policy accept;
    ${translate}
  }
  chain fwdout.${bridge} { type nat hook output priority -100; policy accept;
    ${translate}
  }
  chain fwdpstrt.${bridge} { type nat hook postrouting priority srcnat; policy accept;
    ${forwards.map(({ to, toPort }) => `ip saddr ${to} ip daddr ${to} tcp dport ${toPort} masquerade`).join('\n    ')}
  }`;
};

const aclChains = (
  bridge: string,
  acl: readonly string[],
): string => `chain aclin.${bridge} { type filter hook input priority filter; policy accept;
    iifname "${bridge}" jump acl.${bridge}
  }
  chain aclout.${bridge} { type filter hook output priority filter; policy accept; oifname "${bridge}" jump acl.${bridge}; }
  chain aclfwd.${bridge} { type filter hook forward priority filter; policy accept;
    iifname "${bridge}" jump acl.${bridge}
    oifname "${bridge}" jump acl.${bridge}
  }
  chain acl.${bridge} {
    ct state established,related accept
    ${acl.join('\n    ')}
    iifname "${bridge}" reject
    oifname "${bridge}" reject
  }`;

const portChains = ({ port, mac, v4, v6 }: GuardedPort): string => {
  const rules = (mapped: boolean): string =>
    [
      `iifname "${port}" ether saddr != ${mac} drop`,
      `iifname "${port}" arp saddr ether != ${mac} drop`,
      `iifname "${port}" ether type arp arp saddr ip != ${v4} drop`,
      `iifname "${port}" ether type ip ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp dport 67 accept`,
      `iifname "${port}" ether type ip ip saddr != ${v4} drop`,
      `iifname "${port}" ether type ip6 ip6 saddr fe80::/10 ip6 daddr ff02::/16 accept`,
      `iifname "${port}" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`,
      `iifname "${port}" ether type ip6 ip6 saddr != ${v6} drop`,
      ...(mapped ? [`iifname "${port}" ether type != { arp, ip, ip6 } drop`] : []),
    ].join('\n    ');
  return `chain in.${port} { type filter hook input priority filter; policy accept;
    ${rules(true)}
  }
  chain fwd.${port} { type filter hook forward priority filter; policy accept;
    ${rules(true)}
  }`;
};
