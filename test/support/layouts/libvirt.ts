/** A virtual network of libvirt: its bridge, its subnet, and how it reaches others. */
export interface VirtualNetwork {
  readonly bridge: string;
  readonly subnet: string;
  readonly forward: 'nat' | 'route' | 'isolated';
}

const isSix = ({ subnet }: VirtualNetwork): boolean => subnet.includes(':');

/** What libvirt writes with its iptables backend for networks of one family, for iptables-restore (ip6tables-restore). */
export function libvirtIptables(networks: readonly VirtualNetwork[]): string {
  const reject = networks.some(isSix) ? 'icmp6-port-unreachable' : 'icmp-port-unreachable';
  return [
    '*mangle',
    ':LIBVIRT_PRT - [0:0]',
    '-A POSTROUTING -j LIBVIRT_PRT',
    ...networks.map(
      ({ bridge }) => `-A LIBVIRT_PRT -o ${bridge} -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill`,
    ),
    'COMMIT',
    '*filter',
    ...['FWI', 'FWO', 'FWX', 'INP', 'OUT'].map((chain) => `:LIBVIRT_${chain} - [0:0]`),
    '-A INPUT -j LIBVIRT_INP',
    '-A FORWARD -j LIBVIRT_FWX',
    '-A FORWARD -j LIBVIRT_FWI',
    '-A FORWARD -j LIBVIRT_FWO',
    '-A OUTPUT -j LIBVIRT_OUT',
    ...networks.flatMap((network) => filterOf(network, reject)),
    'COMMIT',
    '*nat',
    ':LIBVIRT_PRT - [0:0]',
    '-A POSTROUTING -j LIBVIRT_PRT',
    ...networks
      .filter(({ forward }) => forward === 'nat')
      .flatMap(({ subnet }) => [
        `-A LIBVIRT_PRT -s ${subnet} -d ${subnet.includes(':') ? 'ff02::/16' : '224.0.0.0/24'} -j RETURN`,
        ...['tcp', 'udp'].map(
          (protocol) =>
            `-A LIBVIRT_PRT -s ${subnet} ! -d ${subnet} -p ${protocol} -j MASQUERADE --to-ports 1024-65535`,
        ),
        `-A LIBVIRT_PRT -s ${subnet} ! -d ${subnet} -j MASQUERADE`,
      ]),
    'COMMIT',
    '',
  ].join('\n');
}

function filterOf({ bridge, subnet, forward }: VirtualNetwork, reject: string): readonly string[] {
  const related = forward === 'nat' ? ' -m conntrack --ctstate RELATED,ESTABLISHED' : '';
  const open = forward !== 'isolated';
  return [
    ...[53, 67].flatMap((port) =>
      ['udp', 'tcp'].map(
        (protocol) => `-A LIBVIRT_INP -i ${bridge} -p ${protocol} -m ${protocol} --dport ${port} -j ACCEPT`,
      ),
    ),
    `-A LIBVIRT_OUT -o ${bridge} -p udp -m udp --dport 68 -j ACCEPT`,
    ...(open ? [`-A LIBVIRT_FWI -d ${subnet} -o ${bridge}${related} -j ACCEPT`] : []),
    `-A LIBVIRT_FWI -o ${bridge} -j REJECT --reject-with ${reject}`,
    ...(open ? [`-A LIBVIRT_FWO -s ${subnet} -i ${bridge} -j ACCEPT`] : []),
    `-A LIBVIRT_FWO -i ${bridge} -j REJECT --reject-with ${reject}`,
    `-A LIBVIRT_FWX -i ${bridge} -o ${bridge} -j ACCEPT`,
  ];
}

/** The table that libvirt 10.4 and later writes with its nftables backend for networks of one family, for `nft -f`. */
export function libvirtNft(networks: readonly VirtualNetwork[]): string {
  const ip = networks.some(isSix) ? 'ip6' : 'ip';
  const everybody = ip === 'ip' ? ['224.0.0.0/24', '255.255.255.255/32'] : ['ff02::/16'];
  const lines = (of: (network: VirtualNetwork) => readonly string[]): string =>
    networks.flatMap(of).join('\n    ');
  return `
table ${ip} libvirt_network {
  chain forward { type filter hook forward priority filter; policy accept;
    counter jump guest_cross
    counter jump guest_input
    counter jump guest_output
  }
  chain guest_output {
    ${lines(({ bridge, subnet, forward }) => [
      ...(forward === 'isolated' ? [] : [`${ip} saddr ${subnet} iif "${bridge}" counter accept`]),
      `iif "${bridge}" counter reject`,
    ])}
  }
  chain guest_input {
    ${lines(({ bridge, subnet, forward }) => [
      ...(forward === 'isolated'
        ? []
        : [
            `oif "${bridge}" ${ip} daddr ${subnet} ${forward === 'nat' ? 'ct state related,established ' : ''}counter accept`,
          ]),
      `oif "${bridge}" counter reject`,
    ])}
  }
  chain guest_cross {
    ${lines(({ bridge }) => [`iif "${bridge}" oif "${bridge}" counter accept`])}
  }
  chain guest_nat { type nat hook postrouting priority srcnat; policy accept;
    ${lines(({ subnet, forward }) =>
      forward === 'nat'
        ? [
            ...everybody.map((all) => `${ip} saddr ${subnet} ${ip} daddr ${all} counter return`),
            ...['tcp', 'udp'].map(
              (protocol) =>
                `meta l4proto ${protocol} ${ip} saddr ${subnet} ${ip} daddr != ${subnet} counter masquerade to :1024-65535`,
            ),
            `${ip} saddr ${subnet} ${ip} daddr != ${subnet} counter masquerade`,
          ]
        : [],
    )}
  }
}`;
}
