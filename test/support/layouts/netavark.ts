/** A network of podman as netavark's nftables driver knows it. */
export interface PodmanNetwork {
  readonly bridge: string;
  readonly subnet: string;
  readonly isolate?: 'true' | 'strict';
  readonly published: readonly {
    readonly address: string;
    readonly port: number;
    readonly hostPort: number;
  }[];
}

/** The table of netavark's nftables driver, for `nft -f`. */
export function netavark(networks: readonly PodmanNetwork[]): string {
  const chain = ({ subnet }: PodmanNetwork): string =>
    `nv_${[...subnet]
      .map((letter) => letter.charCodeAt(0).toString(16))
      .join('')
      .slice(0, 8)}_${subnet.replaceAll(/[./:]/g, '_')}`;
  const family = (subnet: string): string => (subnet.includes(':') ? 'ip6' : 'ip');
  const place = (address: string, port: number): string =>
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const isolated = networks.filter(({ isolate }) => isolate !== undefined);
  return `
table inet netavark {
  chain INPUT { type filter hook input priority filter; policy accept;
    ${networks.map(({ subnet }) => `${family(subnet)} saddr ${subnet} meta l4proto { tcp, udp } th dport 53 accept`).join('\n    ')}
  }
  chain FORWARD { type filter hook forward priority filter; policy accept;
    ct state invalid drop
    jump NETAVARK-ISOLATION-1
    ${networks.map(({ subnet }) => `${family(subnet)} daddr ${subnet} ct state { established, related } accept\n    ${family(subnet)} saddr ${subnet} accept`).join('\n    ')}
  }
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept;
    meta mark & 0x00002000 == 0x00002000 masquerade
    ${networks.map((one) => `${family(one.subnet)} saddr ${one.subnet} jump ${chain(one)}`).join('\n    ')}
  }
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; fib daddr type local jump NETAVARK-HOSTPORT-DNAT; }
  chain OUTPUT { type nat hook output priority -100; policy accept; fib daddr type local jump NETAVARK-HOSTPORT-DNAT; }
  chain NETAVARK-HOSTPORT-DNAT {
    ${networks.flatMap((one) => one.published.map(({ hostPort }) => `meta nfproto ${family(one.subnet) === 'ip' ? 'ipv4' : 'ipv6'} tcp dport ${hostPort} jump ${chain(one)}_dnat`)).join('\n    ')}
  }
  chain NETAVARK-HOSTPORT-SETMARK { meta mark set meta mark | 0x00002000; }
  chain NETAVARK-ISOLATION-1 {
    ${isolated.map(({ bridge, isolate }) => `iifname "${bridge}" oifname != "${bridge}" jump NETAVARK-ISOLATION-${isolate === 'strict' ? 3 : 2}`).join('\n    ')}
  }
  chain NETAVARK-ISOLATION-2 { ${isolated.map(({ bridge }) => `oifname "${bridge}" drop;`).join(' ')} }
  chain NETAVARK-ISOLATION-3 {
    ${networks
      .filter(({ isolate }) => isolate === undefined)
      .map(({ bridge }) => `oifname "${bridge}" drop`)
      .join('\n    ')}
    jump NETAVARK-ISOLATION-2
  }
  ${networks
    .map(
      (one) => `chain ${chain(one)} {
    ${family(one.subnet)} daddr ${one.subnet} accept
    ${family(one.subnet)} daddr != ${family(one.subnet) === 'ip' ? '224.0.0.0/4' : 'ff00::/8'} masquerade
  }
  chain ${chain(one)}_dnat {
    ${one.published
      .flatMap(({ address, port, hostPort }) => [
        `${family(one.subnet)} saddr ${one.subnet} tcp dport ${hostPort} jump NETAVARK-HOSTPORT-SETMARK`,
        ...(family(one.subnet) === 'ip'
          ? [`ip saddr 127.0.0.1 tcp dport ${hostPort} jump NETAVARK-HOSTPORT-SETMARK`]
          : []),
        `tcp dport ${hostPort} dnat ${family(one.subnet)} to ${place(address, port)}`,
      ])
      .join('\n    ')}
  }`,
    )
    .join('\n  ')}
}`;
}
