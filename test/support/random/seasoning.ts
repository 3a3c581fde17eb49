import type { Dice } from './dice.ts';
import { hostAddress, type DrawnNetwork, type Setup, type Skeleton } from './draw-network.ts';
import { prefixOf, type DrawnRoute } from './draw-routes.ts';
import { firewallFor, type Firewall } from './seasoning-firewall.ts';

/** Settings that a working network may well have, and that the walk has to understand. */
export function season(skeleton: Skeleton, routes: readonly DrawnRoute[], dice: Dice): DrawnNetwork {
  const { routers, leaves, switches } = skeleton;
  const listeners = leaves.flatMap((node) => [
    ...(dice.chance(0.8) ? [{ node, protocol: 'tcp' as const, port: 80 }] : []),
    ...(dice.chance(0.2) ? [{ node, protocol: 'udp' as const, port: 80 }] : []),
  ]);
  const firewalls = new Map<string, Firewall>(
    [...routers, ...leaves].flatMap((node) =>
      dice.chance(0.35) ? [[node, firewallFor(skeleton, node, dice)] as const] : [],
    ),
  );
  const setups = [...routers, ...leaves, ...switches].map((node): Setup => {
    const own = routes.filter((route) => route.node === node);
    return {
      node,
      ip: [...extraAddresses(skeleton, node, dice), ...writeRoutes(skeleton, node, own, dice)],
      sysctls: [
        ...(node.startsWith('r') ? ['net.ipv4.ip_forward=1'] : []),
        // What a redirect taught is in no table that could be read: the walk cannot know of earlier ones.
        'net.ipv4.conf.all.accept_redirects=0',
        'net.ipv4.conf.default.accept_redirects=0',
        ...acceptingNoRedirects(skeleton, node),
        ...oddSysctls(skeleton, node, dice),
      ],
      rules: firewalls.get(node)?.rules ?? [],
    };
  });
  return {
    ...skeleton,
    setups,
    listeners,
    published: [...firewalls.values()].flatMap(({ published }) => published),
  };
}

/** Further addresses: of the same network, of one of their own, of a host alone. */
function extraAddresses({ segments }: Skeleton, node: string, dice: Dice): readonly string[] {
  const ports = segments.flatMap((segment, at) =>
    segment.ports.filter((port) => port.node === node).map((port) => ({ ...port, segment, at })),
  );
  return ports.flatMap(({ dev, segment, at, address, length }) => {
    if (!dice.chance(0.15)) return [];
    const last = Number(address.split('.')[3]) - Number(segment.network.split('.')[3]);
    return [
      dice.pick([
        `addr add ${hostAddress(segment.network, last + 6)}/${length} dev ${dev}`,
        `addr add ${hostAddress(segment.network, last + 6)}/32 dev ${dev}`,
        `addr add 10.200.${at}.${last}/24 dev ${dev}`,
      ]),
    ];
  });
}

/** The same ways, written differently: in a table of their own, with a source, as two halves, beside decoys. */
function writeRoutes(
  skeleton: Skeleton,
  node: string,
  routes: readonly DrawnRoute[],
  dice: Dice,
): readonly string[] {
  const plain = routes.map(({ target, via, dev }) => `${target} via ${via} dev ${dev}`);
  const style = dice.pick([
    'plain',
    'plain',
    'plain',
    'table',
    'iif',
    'suppress',
    'source',
    'onlink',
    'halves',
    'metric',
  ]);
  const decoys = dice.chance(0.2)
    ? [
        dice.pick([
          'blackhole 10.0.0.0/8 metric 900',
          'unreachable 198.51.100.0/24',
          'prohibit 192.0.2.0/24',
        ]),
      ].map((text) => `route add ${text}`)
    : [];
  const add = (lines: readonly string[]): readonly string[] => [
    ...lines.map((line) => `route add ${line}`),
    ...decoys.filter(
      (text) => !text.includes('10.0.0.0/8') || lines.every((line) => !line.startsWith('default')),
    ),
  ];
  switch (style) {
    case 'table':
      return [
        ...plain.map((line) => `route add ${line} table 100`),
        'rule add pref 1000 lookup 100',
        ...decoys,
      ];
    case 'iif': {
      // Only what comes in is looked up there; what the node sends itself uses the main table.
      if (!node.startsWith('r')) return add(plain);
      return [
        ...add(plain),
        ...plain.map((line) => `route add ${line} table 101`),
        ...skeleton.segments.flatMap(({ ports }) =>
          ports.flatMap((port) =>
            port.node === node ? [`rule add pref 900 iif ${port.dev} lookup 101`] : [],
          ),
        ),
      ];
    }
    case 'suppress':
      return [
        ...plain.map((line) => `route add ${line} table 102`),
        'rule add pref 500 lookup main suppress_prefixlength 0',
        'rule add pref 501 lookup 102',
      ];
    case 'source':
      return add(
        routes.map(({ target, via, dev }, at) => {
          const port = skeleton.segments
            .flatMap(({ ports }) => ports)
            .find((it) => it.node === node && it.dev === dev);
          return `${plain[at] ?? `${target} via ${via} dev ${dev}`}${port ? ` src ${port.address}` : ''}`;
        }),
      );
    case 'onlink':
      return add(plain.map((line) => `${line} onlink`));
    case 'halves':
      return add(
        routes.flatMap(({ target, via, dev }) =>
          target === 'default'
            ? ['0.0.0.0/1', '128.0.0.0/1'].map((half) => `${half} via ${via} dev ${dev}`)
            : [`${target} via ${via} dev ${dev}`],
        ),
      );
    case 'metric':
      return add([...plain.map((line) => `${line} metric 50`), ...plain.map((line) => `${line} metric 100`)]);
    default:
      return add(plain);
  }
}

const acceptingNoRedirects = ({ wires }: Skeleton, node: string): readonly string[] =>
  wires
    .flatMap(({ a, b }) => [a, b])
    .flatMap((end) => (end.node === node ? [`net.ipv4.conf.${end.dev}.accept_redirects=0`] : []));

function oddSysctls({ segments }: Skeleton, node: string, dice: Dice): readonly string[] {
  if (!dice.chance(0.4)) return [];
  const devices = segments.flatMap(({ ports }) => ports.filter((port) => port.node === node));
  const [first] = devices;
  if (!first) return [];
  const { dev } = dice.pick(devices);
  const conf = `net.ipv4.conf.${dev}`;
  return [
    dice.pick([
      'net.ipv4.conf.all.rp_filter=2',
      'net.ipv4.conf.all.rp_filter=1',
      `${conf}.rp_filter=1`,
      `${conf}.arp_ignore=1`,
      `${conf}.arp_ignore=2`,
      'net.ipv4.conf.all.arp_announce=2',
      `${conf}.proxy_arp=1`,
      'net.ipv4.conf.all.arp_filter=1',
      'net.ipv4.conf.all.send_redirects=0',
      `${conf}.accept_local=1`,
      'net.ipv4.ip_default_ttl=17',
      'net.ipv4.icmp_errors_use_inbound_ifaddr=1',
    ]),
  ];
}

export const networksOf = (skeleton: Skeleton): readonly string[] => skeleton.segments.map(prefixOf);
