/** Who is banned, and in which way that program keeps them. */
export interface Bans {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}

const list = (addresses: readonly string[], ending = ''): string =>
  addresses.length === 0 ? '' : `elements = { ${addresses.map((address) => address + ending).join(', ')} }`;

/** The tables of CrowdSec's firewall bouncer in nftables mode, for `nft -f`. */
export const crowdsec = ({ v4, v6 }: Bans, hooks: readonly string[] = ['input', 'forward']): string =>
  [
    { ip: 'ip', type: 'ipv4_addr', name: 'crowdsec', banned: v4 },
    { ip: 'ip6', type: 'ipv6_addr', name: 'crowdsec6', banned: v6 },
  ]
    .map(
      ({ ip, type, name, banned }) => `
table ${ip} ${name} {
  set ${name}-blacklists { type ${type}; flags timeout; ${list(banned, ' timeout 4h expires 3h')} }
  ${hooks
    .map(
      (hook) => `chain ${name}-chain-${hook} { type filter hook ${hook} priority filter - 10; policy accept;
    ${ip} saddr @${name}-blacklists counter drop
  }`,
    )
    .join('\n  ')}
}`,
    )
    .join('');

/** A jail of fail2ban with its nftables action, for `nft -f`. */
export const fail2ban = ({ v4, v6 }: Bans, jail: string, ports: string): string => `
table inet f2b-table {
  set addr-set-${jail} { type ipv4_addr; flags interval; ${list(v4)} }
  set addr6-set-${jail} { type ipv6_addr; flags interval; ${list(v6)} }
  chain f2b-chain { type filter hook input priority filter - 1; policy accept;
    tcp dport ${ports} ip saddr @addr-set-${jail} reject with icmp port-unreachable
    tcp dport ${ports} ip6 saddr @addr6-set-${jail} reject with icmpv6 port-unreachable
  }
}`;

/** The same by its iptables action, for `iptables-restore -n`: a chain a jail, the ban above the RETURN. */
export const fail2banIptables = (banned: readonly string[], jail: string, ports: string): string =>
  [
    '*filter',
    `:f2b-${jail} - [0:0]`,
    `-I INPUT -p tcp -m multiport --dports ${ports} -j f2b-${jail}`,
    ...banned.map((address) => `-A f2b-${jail} -s ${address} -j REJECT --reject-with icmp-port-unreachable`),
    `-A f2b-${jail} -j RETURN`,
    'COMMIT',
    '',
  ].join('\n');
