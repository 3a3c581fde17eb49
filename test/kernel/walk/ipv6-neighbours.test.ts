import { afterEach, beforeEach, describe, it } from 'vitest';
import { agree } from '../../support/agree.ts';
import type { Question } from '../../support/ask-both.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { bridgeAndRouter6 } from '../../support/pairs.ts';

let net: TestNetwork;
afterEach(() => net.close());

beforeEach(async () => {
  net = await buildNetwork();
  await bridgeAndRouter6(net);
});

const TO_BLUE = { from: 'netns:red', to: 'fd00:1::3', protocol: 'tcp', port: 80 } as const;
const TO_GREEN = { from: 'netns:red', to: 'fd00:2::2', protocol: 'tcp', port: 80 } as const;

type Case = readonly [
  name: string,
  question: Question,
  where: string,
  commands: readonly string[],
  there: string,
  back: string,
];

const WELL = ['delivered', 'delivered at red'] as const;

const CASES: readonly Case[] = [
  ['a neighbour on a bridge', TO_BLUE, 'router', [], `${WELL[0]} at blue`, WELL[1]],
  ['through a bridge to a router', TO_GREEN, 'router', [], `${WELL[0]} at green`, WELL[1]],
  [
    'OUTPUT of the asker drops the question',
    TO_BLUE,
    'red',
    ['ip6tables -A OUTPUT -p ipv6-icmp -j DROP'],
    'dropped at red',
    'nothing',
  ],
  [
    'OUTPUT of the asker rejects the question, and nobody is told',
    TO_BLUE,
    'red',
    ['ip6tables -A OUTPUT -p ipv6-icmp -j REJECT'],
    'rejected at red',
    'rejected at red',
  ],
  [
    'a router that rejects the question',
    TO_GREEN,
    'router',
    ['ip6tables -A OUTPUT -o g0 -p ipv6-icmp -j REJECT'],
    'rejected at router',
    'delivered at red',
  ],
  [
    'INPUT of the owner rejects the question',
    TO_BLUE,
    'blue',
    ['ip6tables -A INPUT -p ipv6-icmp -j REJECT'],
    'rejected at blue',
    'delivered at red',
  ],
  [
    'INPUT of the asker rejects the answer',
    TO_BLUE,
    'red',
    ['ip6tables -A INPUT -p ipv6-icmp --icmpv6-type neighbour-advertisement -j REJECT'],
    'rejected at red',
    'delivered at red',
  ],
  [
    'INPUT of the owner drops the question',
    TO_BLUE,
    'blue',
    ['ip6tables -A INPUT -p ipv6-icmp --icmpv6-type neighbour-solicitation -j DROP'],
    'dropped at blue',
    'nothing',
  ],
  [
    'INPUT of the asker drops the answer',
    TO_BLUE,
    'red',
    ['ip6tables -A INPUT -p ipv6-icmp --icmpv6-type neighbour-advertisement -j DROP'],
    'dropped at red',
    'nothing',
  ],
  [
    'a mark leads the answer elsewhere',
    TO_BLUE,
    'blue',
    [
      'ip6tables -t mangle -A OUTPUT -j MARK --set-mark 7',
      'ip -6 rule add pref 50 fwmark 7 lookup 70',
      'ip -6 route add unreachable default table 70',
    ],
    'no-route at blue',
    'nothing',
  ],
  [
    'messages of neighbour discovery are of no connection',
    TO_BLUE,
    'blue',
    [
      'ip6tables -A INPUT -m conntrack --ctstate INVALID -j DROP',
      'ip6tables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'ip6tables -A INPUT -p tcp --dport 80 -j ACCEPT',
      'ip6tables -P INPUT DROP',
    ],
    'dropped at blue',
    'nothing',
  ],
  [
    'with them accepted the same firewall is well',
    TO_BLUE,
    'blue',
    [
      'ip6tables -A INPUT -m conntrack --ctstate INVALID -j DROP',
      'ip6tables -A INPUT -p ipv6-icmp -m hl --hl-eq 255 -j ACCEPT',
      'ip6tables -A INPUT -p tcp --dport 80 -j ACCEPT',
      'ip6tables -P INPUT DROP',
    ],
    `${WELL[0]} at blue`,
    WELL[1],
  ],
  [
    'FORWARD of the router does not see them',
    TO_GREEN,
    'router',
    ['ip6tables -A FORWARD -p ipv6-icmp -j DROP'],
    `${WELL[0]} at green`,
    WELL[1],
  ],
  [
    'a router that speaks for another (proxy_ndp)',
    { ...TO_BLUE, to: 'fd00:1::77' },
    'router',
    [
      'ip -6 route add fd00:1::77/128 via fd00:2::2',
      'sysctl -qw net.ipv6.conf.br0.proxy_ndp=1',
      'ip -6 neigh add proxy fd00:1::77 dev br0',
      'ip netns exec green ip -6 addr add fd00:1::77/128 dev lo',
    ],
    `${WELL[0]} at green`,
    WELL[1],
  ],
  [
    'a router that is not told to speak for another',
    { ...TO_BLUE, to: 'fd00:1::77' },
    'router',
    ['ip -6 route add fd00:1::77/128 via fd00:2::2', 'ip -6 neigh add proxy fd00:1::77 dev br0'],
    'neighbour-unresolved at red',
    'nothing',
  ],
  [
    'a gateway by its link-local address',
    TO_GREEN,
    'red',
    [
      'ip -6 route replace default via fe80::77 dev eth0',
      'ip -n router -6 addr add fe80::77/64 dev br0 nodad',
    ],
    `${WELL[0]} at green`,
    WELL[1],
  ],
  [
    'a link-local source passes a router where it leaves by the device that it came in by',
    TO_BLUE,
    'red',
    ['ip -6 addr del fd00:1::2/64 dev eth0'],
    `${WELL[0]} at blue`,
    WELL[1],
  ],
  [
    'a router that has a wrong hardware address of the asker’s answers it in vain',
    TO_GREEN,
    'router',
    ['ip neigh replace fd00:1::2 lladdr 02:00:00:00:00:99 dev br0 nud permanent'],
    'neighbour-unresolved at red',
    'nothing',
  ],
  [
    'a link-local source does not pass a router to another link',
    TO_GREEN,
    'red',
    ['ip -6 addr del fd00:1::2/64 dev eth0'],
    'filtered-source at router',
    'nothing',
  ],
  [
    'an isolated port',
    TO_BLUE,
    'router',
    ['bridge link set dev vr isolated on', 'bridge link set dev vb isolated on'],
    'filtered-source at router',
    'nothing',
  ],
  [
    'a bridge that hands frames to ip6tables, whose policy drops',
    TO_BLUE,
    'router',
    ['sysctl -qw net.bridge.bridge-nf-call-ip6tables=1', 'ip6tables -P FORWARD DROP'],
    'dropped at router',
    'nothing',
  ],
  [
    'a bridge that hands frames to ip6tables, which lets only TCP through',
    TO_BLUE,
    'router',
    [
      'sysctl -qw net.bridge.bridge-nf-call-ip6tables=1',
      'ip6tables -A FORWARD -p tcp -j ACCEPT',
      'ip6tables -P FORWARD DROP',
    ],
    'dropped at router',
    'nothing',
  ],
  [
    'a bridge that hands frames to ip6tables, which lets answers to neighbours be lost',
    TO_BLUE,
    'router',
    [
      'sysctl -qw net.bridge.bridge-nf-call-ip6tables=1',
      'ip6tables -A FORWARD -m physdev --physdev-in vb -p ipv6-icmp -j DROP',
    ],
    'dropped at router',
    'nothing',
  ],
  [
    'a bridge that hands frames to iptables alone',
    TO_BLUE,
    'router',
    [
      'sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=0',
      'ip6tables -P FORWARD DROP',
    ],
    'delivered at blue',
    WELL[1],
  ],
  [
    'masquerading of IPv6',
    TO_GREEN,
    'router',
    ['ip6tables -t nat -A POSTROUTING -o g0 -j MASQUERADE', 'ip -n green -6 route del default'],
    `${WELL[0]} at green`,
    WELL[1],
  ],
  [
    'another destination by NAT',
    { ...TO_GREEN, to: 'fd00:1::1', port: 8080 },
    'router',
    ['ip6tables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination [fd00:2::2]:80'],
    `${WELL[0]} at green`,
    WELL[1],
  ],
  [
    'a rejection',
    TO_GREEN,
    'router',
    ['ip6tables -A FORWARD -p tcp -j REJECT --reject-with icmp6-adm-prohibited'],
    'rejected at router',
    'delivered at red',
  ],
  [
    'a reset',
    TO_GREEN,
    'router',
    ['ip6tables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset'],
    'rejected at router',
    'delivered at red',
  ],
];

describe('neighbours and firewalls', () => {
  it.each(CASES)('%s', async (_name, question, where, commands, there, back) => {
    for (const command of commands) await net.run(where, command);
    await agree(question, there, back);
  });
});

describe('two gateways, the first of them dead', () => {
  it('is seen at the first try; at the next the second one is taken', async () => {
    await net.run('red', 'ip -6 route del default');
    await net.run('red', 'ip -6 route add default via fd00:1::1 metric 2048');
    await net.run('red', 'ip -6 route add default via fd00:1::99 metric 100');
    await agree(TO_GREEN, 'neighbour-unresolved at red', 'nothing');
    await agree(TO_GREEN, `${WELL[0]} at green`, WELL[1]);
  });
});
