/** A bridge network as a Docker engine knows it, in one address family. */
export interface DockerNetwork {
  readonly bridge: string;
  readonly subnet: string;
  /** What of the containers' own addresses others may use. */
  readonly mode: 'nat' | 'nat-unprotected' | 'routed' | 'internal';
  /** Default: containers of the network may talk to each other. */
  readonly icc?: false;
  readonly published?: readonly PublishedContainer[];
}

export interface PublishedContainer {
  readonly address: string;
  readonly port: number;
  readonly hostPort: number;
  /** Default: every address of the host. */
  readonly hostAddress?: string;
}

export interface DockerLayout {
  readonly family: 4 | 6;
  readonly networks: readonly DockerNetwork[];
  /** `userland-proxy: false`: the kernel serves loopback and a container's own published port. */
  readonly hairpin?: boolean;
  /** Networks are kept apart by two chains of their own, as until 28.1. */
  readonly stages?: boolean;
  /** Rules that the user put in DOCKER-USER. */
  readonly user?: readonly string[];
}

const LOOPBACK = { 4: '127.0.0.0/8', 6: '::1/128' } as const;
const host = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;
const place = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Whether packets that leave the network get the host’s address. */
export const masquerades = ({ mode }: DockerNetwork): boolean => mode === 'nat' || mode === 'nat-unprotected';

/** What Docker 28 writes for its networks with its iptables backend, for iptables-restore (ip6tables-restore). */
export function dockerIptables({
  family,
  networks,
  hairpin = false,
  stages = false,
  user = [],
}: DockerLayout): string {
  const apart = stages ? 'DOCKER-ISOLATION-STAGE-1' : 'DOCKER-INTERNAL';
  const icmp = family === 4 ? 'icmp' : 'ipv6-icmp';
  const filter = networks.flatMap((network) => filterRules(network, { apart, stages, icmp }));
  const inOrder = (chain: string): readonly string[] =>
    filter.filter((rule) => rule.startsWith(`-A ${chain} `));
  return [
    '*raw',
    ':PREROUTING ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...networks.flatMap(rawRules),
    'COMMIT',
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...['DOCKER', 'DOCKER-BRIDGE', 'DOCKER-CT', 'DOCKER-FORWARD', apart, 'DOCKER-USER'].map(
      (chain) => `:${chain} - [0:0]`,
    ),
    ...(stages ? [':DOCKER-ISOLATION-STAGE-2 - [0:0]'] : []),
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -j DOCKER-FORWARD',
    ...inOrder('DOCKER'),
    ...inOrder('DOCKER-BRIDGE'),
    ...inOrder('DOCKER-CT'),
    '-A DOCKER-FORWARD -j DOCKER-CT',
    `-A DOCKER-FORWARD -j ${apart}`,
    '-A DOCKER-FORWARD -j DOCKER-BRIDGE',
    ...inOrder('DOCKER-FORWARD'),
    ...inOrder(apart),
    ...inOrder('DOCKER-ISOLATION-STAGE-2'),
    ...user.map((rule) => `-A DOCKER-USER ${rule}`),
    'COMMIT',
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ':DOCKER - [0:0]',
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    `-A OUTPUT ${hairpin ? '' : `! -d ${LOOPBACK[family]} `}-m addrtype --dst-type LOCAL -j DOCKER`,
    ...networks.filter(masquerades).flatMap((network) => natRules(network, hairpin)),
    'COMMIT',
    '',
  ].join('\n');
}

function rawRules({ bridge, mode, published = [] }: DockerNetwork): readonly string[] {
  if (mode !== 'nat') return [];
  return [
    ...new Set(published.map(({ address }) => `-A PREROUTING -d ${host(address)} ! -i ${bridge} -j DROP`)),
    ...published.flatMap(({ hostAddress, hostPort }) =>
      hostAddress?.startsWith('127.')
        ? [`-A PREROUTING -d ${hostAddress}/32 ! -i lo -p tcp -m tcp --dport ${hostPort} -j DROP`]
        : [],
    ),
  ];
}

function filterRules(
  { bridge, subnet, mode, icc, published = [] }: DockerNetwork,
  { apart, stages, icmp }: { readonly apart: string; readonly stages: boolean; readonly icmp: string },
): readonly string[] {
  if (mode === 'internal')
    return [
      ...(stages
        ? [
            `-A ${apart} ! -s ${subnet} -o ${bridge} -j DROP`,
            `-A ${apart} ! -d ${subnet} -i ${bridge} -j DROP`,
          ]
        : [
            `-A ${apart} ! -s ${subnet} ! -i ${bridge} -o ${bridge} -j DROP`,
            `-A ${apart} ! -d ${subnet} -i ${bridge} ! -o ${bridge} -j DROP`,
          ]),
      `-A DOCKER-FORWARD -i ${bridge} -o ${bridge} -j ${icc === false ? 'DROP' : 'ACCEPT'}`,
    ];
  return [
    ...published.map(
      ({ address, port }) =>
        `-A DOCKER -d ${host(address)} ! -i ${bridge} -o ${bridge} -p tcp -m tcp --dport ${port} -j ACCEPT`,
    ),
    ...(mode === 'routed' ? [`-A DOCKER -o ${bridge} -p ${icmp} -j ACCEPT`] : []),
    ...(mode === 'nat-unprotected'
      ? [`-A DOCKER ! -i ${bridge} -o ${bridge} -j ACCEPT`]
      : [`-A DOCKER ! -i ${bridge} -o ${bridge} -j DROP`]),
    `-A DOCKER-BRIDGE -o ${bridge} -j DOCKER`,
    `-A DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    ...(icc === false
      ? [
          `-A DOCKER-FORWARD -i ${bridge} -o ${bridge} -j DROP`,
          `-A DOCKER-FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`,
        ]
      : [`-A DOCKER-FORWARD -i ${bridge} -j ACCEPT`]),
    ...(stages
      ? [
          `-A ${apart} -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`,
          `-A DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`,
        ]
      : []),
  ];
}

function natRules({ bridge, subnet, published = [] }: DockerNetwork, hairpin: boolean): readonly string[] {
  return [
    ...(hairpin ? [`-A POSTROUTING -o ${bridge} -m addrtype --src-type LOCAL -j MASQUERADE`] : []),
    `-A POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`,
    ...published.flatMap(({ address, port, hostAddress, hostPort }) => [
      ...(hairpin
        ? [
            `-A POSTROUTING -s ${host(address)} -d ${host(address)} -p tcp -m tcp --dport ${port} -j MASQUERADE`,
          ]
        : []),
      `-A DOCKER ${hostAddress === undefined ? '' : `-d ${host(hostAddress)} `}${hairpin ? '' : `! -i ${bridge} `}-p tcp -m tcp --dport ${hostPort} -j DNAT --to-destination ${place(address, port)}`,
    ]),
  ];
}
