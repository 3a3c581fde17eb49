import { masquerades, type DockerLayout, type DockerNetwork } from './docker.ts';

/** The table of Docker 29 with its nftables backend for networks of one address family, for `nft -f`. */
export function dockerNft({ family, networks, hairpin = false }: DockerLayout): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  const jumps = (map: string, chain: string): string =>
    `map ${map} { type ifname : verdict; elements = { ${networks.map(({ bridge }) => `"${bridge}" : jump ${chain}__${bridge}`).join(', ')} } }`;
  return `
table ${ip} docker-bridges {
  ${jumps('filter-forward-in-jumps', 'filter-forward-in')}
  ${jumps('filter-forward-out-jumps', 'filter-forward-out')}
  ${jumps('nat-postrouting-in-jumps', 'nat-postrouting-in')}
  ${jumps('nat-postrouting-out-jumps', 'nat-postrouting-out')}
  chain filter-FORWARD { type filter hook forward priority filter; policy accept;
    oifname vmap @filter-forward-in-jumps
    iifname vmap @filter-forward-out-jumps
  }
  chain nat-OUTPUT { type nat hook output priority -100; policy accept;
    ${hairpin ? '' : `${ip} daddr != ${family === 4 ? '127.0.0.0/8' : '::1'} `}fib daddr type local counter jump nat-prerouting-and-output
  }
  chain nat-POSTROUTING { type nat hook postrouting priority srcnat; policy accept;
    iifname vmap @nat-postrouting-out-jumps
    oifname vmap @nat-postrouting-in-jumps
  }
  chain nat-PREROUTING { type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump nat-prerouting-and-output
  }
  chain nat-prerouting-and-output {
    ${networks.flatMap((network) => translations(network, { ip, hairpin })).join('\n    ')}
  }
  chain raw-PREROUTING { type filter hook prerouting priority raw; policy accept;
    ${networks.flatMap((network) => guards(network, ip)).join('\n    ')}
  }
  ${networks.map((network) => networkChains(network, { ip, hairpin })).join('\n  ')}
}`;
}

interface Way {
  readonly ip: string;
  readonly hairpin: boolean;
}

function translations(network: DockerNetwork, { ip, hairpin }: Way): readonly string[] {
  if (!masquerades(network)) return [];
  return (network.published ?? []).map(({ address, port, hostAddress, hostPort }) =>
    [
      ...(hairpin ? [] : [`iifname != "${network.bridge}"`]),
      ...(ip === 'ip6' ? ['ip6 saddr != fe80::/10'] : []),
      ...(hostAddress === undefined ? [] : [`${ip} daddr ${hostAddress}`]),
      `tcp dport ${hostPort} counter dnat to ${ip === 'ip6' ? `[${address}]` : address}:${port} comment "DNAT"`,
    ].join(' '),
  );
}

function guards({ bridge, mode, published = [] }: DockerNetwork, ip: string): readonly string[] {
  if (mode !== 'nat') return [];
  return [
    ...new Set(
      published.map(
        ({ address }) =>
          `${ip} daddr ${address} iifname != "${bridge}" counter drop comment "DROP DIRECT ACCESS"`,
      ),
    ),
    ...published.flatMap(({ hostAddress, hostPort }) =>
      hostAddress?.startsWith('127.')
        ? [
            `iifname != "lo" ip daddr ${hostAddress} tcp dport ${hostPort} counter drop comment "DROP REMOTE LOOPBACK"`,
          ]
        : [],
    ),
  ];
}

function networkChains(network: DockerNetwork, { ip, hairpin }: Way): string {
  const { bridge, subnet, mode, icc, published = [] } = network;
  const within = icc === false ? 'drop' : 'accept';
  const into =
    mode === 'internal'
      ? [
          `iifname != "${bridge}" counter drop comment "INTERNAL NETWORK INGRESS"`,
          `counter ${within} comment "ICC"`,
        ]
      : [
          ...(mode === 'routed'
            ? [`meta l4proto ${ip === 'ip' ? 'icmp' : 'ipv6-icmp'} counter accept comment "ICMP"`]
            : []),
          `iifname "${bridge}" counter ${within} comment "ICC"`,
          ...published.map(({ address, port }) => `${ip} daddr ${address} tcp dport ${port} counter accept`),
          mode === 'nat-unprotected'
            ? 'counter accept comment "UNPROTECTED PORTS"'
            : 'counter drop comment "UNPUBLISHED PORT DROP"',
        ];
  const out =
    mode === 'internal'
      ? `oifname != "${bridge}" counter drop comment "INTERNAL NETWORK EGRESS"`
      : 'counter accept comment "OUTGOING"';
  const masquerading = masquerades(network);
  return `chain filter-forward-in__${bridge} {
    ct state established,related counter accept
    ${into.join('\n    ')}
  }
  chain filter-forward-out__${bridge} {
    ct state established,related counter accept
    ${out}
  }
  chain nat-postrouting-in__${bridge} {
    ${
      hairpin && masquerading
        ? [
            'fib saddr type local counter masquerade comment "MASQUERADE FROM HOST"',
            ...published.map(
              ({ address, port }) =>
                `${ip} saddr ${address} ${ip} daddr ${address} tcp dport ${port} counter masquerade comment "MASQ TO OWN PORT"`,
            ),
          ].join('\n    ')
        : ''
    }
  }
  chain nat-postrouting-out__${bridge} {
    ${masquerading ? `oifname != "${bridge}" ${ip} saddr ${subnet} counter masquerade comment "MASQUERADE"` : ''}
  }`;
}
