import { formatAddress, parseAddress } from '../../../diagnostics/model/ip.ts';
import { diceFrom, type Dice } from './dice.ts';
import type { DrawnNetwork, Setup } from './draw-network.ts';
import type { PathFault } from './path-fault.ts';
import type { WildFault } from './wild-faults.ts';

/**
 * A network that was drawn for IPv4, said in IPv6: each address keeps its bits, at one of two places of the longer one, so that
 * prefixes are as long relative to each other as before. What only one family has (reverse path filters, ARP) is left out, and
 * IPv6's own takes its place.
 */
export interface Six {
  readonly address: (address: string) => string;
  readonly length: (length: number) => number;
  /** A command, a setting or rules, in words of IPv6; null where IPv6 has no such thing. */
  readonly text: (text: string) => string | null;
}

const BASE = 0xfd00n << 112n;
/** Bits below the embedded address: hosts at the very end, or as many networks. */
const SHIFTS = [0n, 64n] as const;

export function sixFor(seed: number): Six {
  const shift = diceFrom(seed + 77_003).pick(SHIFTS);
  const length = (own: number): number => (own === 0 ? 0 : 128 - Number(shift) - (32 - own));
  const address = (text: string): string => {
    if (text.startsWith('127.')) return '::1';
    const parsed = parseAddress(text);
    return parsed?.family === 4 ? formatAddress({ family: 6, value: BASE | (parsed.value << shift) }) : text;
  };
  return { address, length, text: (text) => inSix(text, address, length) };
}

const ADDRESS = /(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?(:\d+)?/g;

/** Settings that IPv6 has under another name. */
const SETTINGS: readonly (readonly [RegExp, string])[] = [
  [/net\.ipv4\.ip_forward/g, 'net.ipv6.conf.all.forwarding'],
  [/net\.ipv4\.icmp_echo_ignore_all/g, 'net.ipv6.icmp.echo_ignore_all'],
  [/net\.ipv4\.conf\.(\S+)\.(forwarding|accept_redirects)/g, 'net.ipv6.conf.$1.$2'],
  [/net\.ipv4\.conf\.(\S+)\.proxy_arp=/g, 'net.ipv6.conf.$1.proxy_ndp='],
  [/net\.ipv4\.(fib_multipath_hash_policy|fwmark_reflect)/g, 'net.ipv6.$1'],
];

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^ip (route|rule|addr|nexthop(?!.* group ))/, 'ip -6 $1'],
  [/\biptables-legacy/g, 'ip6tables-legacy'],
  [/\biptables/g, 'ip6tables'],
  [/icmp-host-prohibited/g, 'icmp6-adm-prohibited'],
  [/-p icmp\b/g, '-p ipv6-icmp'],
  [/l4proto icmp\b/g, 'l4proto ipv6-icmp'],
  [/\bicmp type\b/g, 'icmpv6 type'],
  [/\bip (saddr|daddr)/g, 'ip6 $1'],
  [/\bip ttl/g, 'ip6 hoplimit'],
  [/table ip /g, 'table ip6 '],
  [/\bipv4_addr\b/g, 'ipv6_addr'],
  [/dnat ip to/g, 'dnat ip6 to'],
  [/-j TTL --ttl-set/g, '-j HL --hl-set'],
  [/^(addr add .*) brd \+/, '$1'],
  [/^(ip -6 addr add .*|addr add .*)$/, '$1 nodad'],
  [/0\.0\.0\.0\/1\b/g, '::/1'],
  [/128\.0\.0\.0\/1\b/g, '8000::/1'],
];

function inSix(text: string, address: Six['address'], length: Six['length']): string | null {
  const named = SETTINGS.reduce((now, [pattern, words]) => now.replace(pattern, words), text);
  if (named.includes('net.ipv4.')) return null;
  return WORDS.reduce((now, [pattern, words]) => now.replace(pattern, words), named).replace(
    ADDRESS,
    (_all, own: string, prefix: string | undefined, port: string | undefined) => {
      const six = prefix === undefined ? address(own) : `${address(own)}/${length(Number(prefix))}`;
      return port === undefined ? six : `[${six}]${port}`;
    },
  );
}

const said = (texts: readonly string[], { text }: Six): readonly string[] =>
  texts.map(text).filter((one) => one !== null);

export function networkInSix(drawn: DrawnNetwork, six: Six): DrawnNetwork {
  const dice = diceFrom(drawn.seed + 88_001);
  return {
    ...drawn,
    family: 6,
    segments: drawn.segments.map((segment) => ({
      ...segment,
      network: six.address(segment.network),
      length: six.length(segment.length),
      ports: segment.ports.map((port) => ({
        ...port,
        address: six.address(port.address),
        length: six.length(port.length),
      })),
    })),
    setups: drawn.setups.map((setup) => setupInSix(drawn, setup, six, dice)),
    published: drawn.published.map((shown) => ({ ...shown, address: six.address(shown.address) })),
  };
}

function setupInSix(drawn: DrawnNetwork, setup: Setup, six: Six, dice: Dice): Setup {
  const devices = drawn.segments.flatMap(({ ports }) => ports.filter(({ node }) => node === setup.node));
  return {
    node: setup.node,
    ip: said(setup.ip, six),
    sysctls: [...said(setup.sysctls, six), ...(dice.chance(0.25) ? oddSettings(devices[0]?.dev, dice) : [])],
    rules: setup.rules.flatMap(({ argv, input }) => {
      const inner = six.text(input);
      const words = said(argv, six);
      return inner === null || words.length < argv.length ? [] : [{ argv: words, input: inner }];
    }),
  };
}

/** What only IPv6 has, and a working network may well have. */
const oddSettings = (dev: string | undefined, dice: Dice): readonly string[] =>
  dev === undefined
    ? []
    : [
        dice.pick([
          `net.ipv6.conf.${dev}.proxy_ndp=1`,
          'net.ipv6.conf.all.proxy_ndp=1',
          `net.ipv6.conf.${dev}.forwarding=0`,
          `net.ipv6.conf.${dev}.forwarding=1`,
          `net.ipv6.conf.${dev}.force_forwarding=1`,
          `net.ipv6.conf.${dev}.use_oif_addrs_only=1`,
          `net.ipv6.conf.${dev}.ignore_routes_with_linkdown=1`,
          `net.ipv6.conf.${dev}.hop_limit=9`,
        ]),
      ];

/** Some of IPv4's faults have no like in IPv6: then one that only IPv6 has. */
export function faultsInSix(
  drawn: DrawnNetwork,
  faults: readonly WildFault[],
  six: Six,
): readonly WildFault[] {
  const dice = diceFrom(drawn.seed + 99_007);
  return faults.map((fault) => {
    const words = six.text(fault.argv.join(' '));
    const input = fault.input === undefined ? undefined : six.text(fault.input);
    if (words === null || input === null || dice.chance(0.35)) return ownFault(drawn, six, dice);
    return { where: fault.where, argv: words.split(' '), ...(input === undefined ? {} : { input }) };
  });
}

/** Faults that were found on the way of a question by IPv6, in its words; those that only IPv4 can have are left out. */
export const pathFaultsInSix = (faults: readonly PathFault[], six: Six): readonly PathFault[] =>
  faults.flatMap((fault) => {
    const commands = fault.commands.map(({ argv, input }) => ({
      words: six.text(argv.join(' ')),
      input: input === undefined ? undefined : six.text(input),
    }));
    const said = commands.flatMap(({ words, input }) =>
      words === null || input === null
        ? []
        : [{ argv: words.split(' '), ...(input === undefined ? {} : { input }) }],
    );
    const { stops } = fault;
    return said.length < commands.length
      ? []
      : [
          {
            ...fault,
            commands: said,
            ...(stops?.again === undefined ? {} : { stops: { ...stops, again: six.address(stops.again) } }),
          },
        ];
  });

function ownFault({ segments, routers, leaves }: DrawnNetwork, six: Six, dice: Dice): WildFault {
  const { node, dev, address } = dice.pick(dice.pick(segments).ports);
  const target = dice.pick(dice.pick(segments).ports);
  const anyone = dice.pick([...routers, ...leaves]);
  const at = (where: string, text: string): WildFault => ({ where, argv: text.split(' ') });
  const type = dice.pick([133, 134, 135, 136, 128, 129, 1, 2]);
  const own = `${six.address(address)}/${six.length(32)}`;
  return dice.pick([
    () => at(node, `sysctl -qw net.ipv6.conf.${dev}.disable_ipv6=1`),
    () => at(anyone, 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1'),
    () => at(anyone, 'sysctl -qw net.ipv6.icmp.echo_ignore_all=1'),
    () => at(node, `ip -6 addr flush dev ${dev} scope link`),
    () => at(node, `ip -6 addr change ${own} dev ${dev} preferred_lft 0`),
    () => at(node, `ip -6 route add ${six.address(target.address)} dev ${dev}`),
    () => at(node, `ip -6 neigh add proxy ${six.address(target.address)} dev ${dev}`),
    () =>
      at(anyone, `ip6tables -A ${dice.pick(['INPUT', 'OUTPUT'])} -p ipv6-icmp --icmpv6-type ${type} -j DROP`),
    () =>
      at(
        anyone,
        `ip6tables-legacy -A ${dice.pick(['INPUT', 'OUTPUT', 'FORWARD'])} -p ipv6-icmp --icmpv6-type ${type} -j DROP`,
      ),
    () => at(node, `sysctl -qw net.ipv6.conf.${dev}.proxy_ndp=1`),
    () => at(node, `sysctl -qw net.ipv6.conf.${dev}.forwarding=0`),
    () => at(anyone, 'sysctl -qw net.ipv6.conf.all.forwarding=1'),
  ])();
}
