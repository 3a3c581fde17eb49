import { diceFrom, type Dice } from './dice.ts';
import type { DrawnNetwork } from './draw-network.ts';
import { prefixOf, unusedAddress } from './draw-routes.ts';

/** A command that breaks something, or nothing that is asked about. */
export interface WildFault {
  readonly where: string;
  readonly argv: readonly string[];
  readonly input?: string;
}

/** Faults drawn without a look at what is asked: the walk has to tell what becomes of each packet all the same. */
export function wildFaults(drawn: DrawnNetwork, count: number): readonly WildFault[] {
  const dice = diceFrom(drawn.seed + 500_009);
  return Array.from({ length: count }, () => wildFault(drawn, dice));
}

function wildFault({ segments, routers, leaves }: DrawnNetwork, dice: Dice): WildFault {
  const segment = dice.pick(segments);
  const port = dice.pick(segment.ports);
  const other = dice.pick(segment.ports);
  const target = dice.pick(dice.pick(segments).ports);
  const anyone = dice.pick([...routers, ...leaves]);
  const at = (where: string, text: string, input?: string): WildFault => ({
    where,
    argv: text.split(' '),
    ...(input === undefined ? {} : { input }),
  });
  const { node, dev, address, length } = port;
  const member = segment.bridge
    ? dice.pick(segment.ports.filter((it) => it.dev !== segment.bridge?.dev))
    : null;
  const bridgePort =
    member && segment.bridge
      ? { node: segment.bridge.node, dev: `p${segment.bridge.dev.slice(2)}${member.node}` }
      : null;
  const rule = (): string => {
    const match = dice.pick([
      `-p tcp --dport 80`,
      `-p icmp`,
      `-d ${target.address}`,
      `-s ${target.address}`,
      `-d ${prefixOf(dice.pick(segments))} -p udp`,
      '-m conntrack --ctstate NEW',
      '-m conntrack --ctstate ESTABLISHED',
      `! -s ${target.address}`,
    ]);
    const chain = dice.pick(['INPUT', 'FORWARD', 'OUTPUT', 'FORWARD']);
    const verdict = dice.pick([
      'DROP',
      'REJECT',
      ...(chain === 'INPUT' || match.includes('ESTABLISHED')
        ? []
        : ['REJECT --reject-with icmp-host-prohibited']),
      ...(match.includes('tcp') ? ['REJECT --reject-with tcp-reset'] : []),
    ]);
    return `${dice.pick(['iptables', 'iptables-legacy'])} -A ${chain} ${match} -j ${verdict}`;
  };
  const choices: (() => WildFault)[] = [
    () => at(node, `ip link set ${dev} down`),
    () => at(node, `ip addr del ${address}/${length} dev ${dev}`),
    () => at(node, `ip addr add ${other.address}/${length} dev ${dev}`),
    () => at(node, `ip route replace default via ${unusedAddress(segment)} dev ${dev} onlink`),
    () => at(node, `ip route replace default via ${other.address} dev ${dev} onlink`),
    () => at(node, `ip route replace ${target.address} via ${other.address} dev ${dev} onlink`),
    () =>
      at(
        node,
        `ip route add ${dice.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])} ${target.address}`,
      ),
    () =>
      at(
        node,
        `ip rule add pref 300 to ${target.address} ${dice.pick(['prohibit', 'blackhole', 'unreachable', 'lookup 77'])}`,
      ),
    () => at(node, `ip rule add pref 301 from ${address} lookup 78`),
    () => at(anyone, 'sysctl -qw net.ipv4.ip_forward=0'),
    () => at(node, `sysctl -qw net.ipv4.conf.${dev}.forwarding=0`),
    () => at(node, `sysctl -qw net.ipv4.conf.all.rp_filter=${dice.pick([1, 2])}`),
    () => at(node, 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1'),
    () => at(node, `ip neigh replace ${other.address} lladdr 02:00:00:00:00:99 dev ${dev} nud permanent`),
    () => at(node, `ip link set ${dev} arp off`),
    () => at(anyone, rule()),
    () => at(anyone, rule()),
    () => at(anyone, `iptables -P ${dice.pick(['FORWARD', 'INPUT', 'OUTPUT'])} DROP`),
    () =>
      at(
        anyone,
        'nft -f -',
        `table inet wild${dice.int(1000)} { chain c { type filter hook ${dice.pick(['prerouting', 'input', 'forward', 'output', 'postrouting'])} priority ${dice.pick([-300, -150, -5, 0, 10, 225])}; ${dice.pick(
          [
            'tcp dport 80 drop',
            'meta l4proto icmp drop',
            `ip daddr ${target.address} drop`,
            `ip saddr ${target.address} counter drop`,
            'ct state established drop',
            'tcp flags & (syn|ack) == syn|ack drop',
            'ip ttl < 63 drop',
            `ip daddr ${prefixOf(dice.pick(segments))} meta mark set 5`,
          ],
        )}
}
}`,
      ),
    ...(bridgePort
      ? [
          () => at(bridgePort.node, `ip link set ${bridgePort.dev} nomaster`),
          () =>
            at(
              bridgePort.node,
              `bridge link set dev ${bridgePort.dev} ${dice.pick(['isolated on', 'state 4', 'hairpin on', 'learning off', 'flood off'])}`,
            ),
          () => at(bridgePort.node, `ip link set br${bridgePort.dev.slice(1).split(/[rh]/)[0]} down`),
        ]
      : []),
  ];
  return dice.pick(choices)();
}
