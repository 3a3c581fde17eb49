import { testCause, type CauseCase } from '../../support/cause-case.ts';
import { forgetNeighbours } from '../../support/neighbours.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair6 } from '../../support/pairs.ts';

/** red and blue on one wire. */
async function wired(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 fd00:1::2/64', 'blue/eth0 fd00:1::3/64');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
}

const TO_BLUE = { from: 'netns:red', to: '[fd00:2::2]:80' } as const;
const TO_NEIGHBOUR = { from: 'netns:red', to: '[fd00:1::3]:80' } as const;

/** What is broken by these commands in a namespace. */
const by =
  (namespace: string, ...commands: readonly string[]): CauseCase['breakIt'] =>
  async (net) => {
    for (const command of commands) await net.run(namespace, command);
  };

const forget = (net: TestNetwork): Promise<void> => forgetNeighbours(net, 'red', 'blue');

const ROUTED: readonly Omit<CauseCase, 'healthy' | 'ask'>[] = [
  {
    fault: 'a router does not forward IPv6',
    breakIt: by('router', 'sysctl -qw net.ipv6.conf.all.forwarding=0'),
    causes: ['ip-forward-off'],
    at: ['netns:router'],
  },
  {
    fault: 'an MTU that is too small for IPv6 takes the router’s gateway address away',
    breakIt: by('router', 'ip link set ra mtu 1200'),
    causes: ['ipv6-disabled'],
    at: ['netns:router'],
    narrow: 'ip address add fd00:1::1/64 dev ra',
  },
  {
    fault: 'an MTU that is too small for IPv6 takes the network of the server away from the router',
    breakIt: by('router', 'ip link set rb mtu 1200'),
    causes: ['ipv6-disabled'],
    at: ['netns:router'],
    narrow: 'ip address add fd00:2::1/64 dev rb',
  },
  {
    fault: 'red has no default route',
    breakIt: by('red', 'ip -6 route del default'),
    causes: ['no-route'],
    at: ['netns:red'],
  },
  {
    fault: 'blue has no route back',
    breakIt: by('blue', 'ip -6 route del default'),
    causes: ['no-return-route'],
    at: ['netns:blue'],
  },
  {
    fault: 'a gateway that nobody has',
    breakIt: by('red', 'ip -6 route replace default via fd00:1::99'),
    causes: ['gateway-unreachable'],
    at: ['netns:red'],
  },
  {
    fault: 'an unreachable route',
    breakIt: by('router', 'ip -6 route add unreachable fd00:2::2'),
    causes: ['blackhole-route'],
    at: ['netns:router'],
  },
  {
    fault: 'a mask that is too wide',
    breakIt: by('red', 'ip addr del fd00:1::2/64 dev eth0', 'ip addr add fd00:1::2/16 dev eth0 nodad'),
    causes: ['wrong-prefix'],
    at: ['netns:red'],
  },
  {
    fault: 'ip6tables drops TCP on the router',
    breakIt: by('router', 'ip6tables -A FORWARD -p tcp --dport 80 -j DROP'),
    causes: ['filter-drop'],
    at: ['netns:router'],
  },
  {
    fault: 'an inet table rejects',
    breakIt: async (net) => {
      await net.run('blue', 'nft add table inet f');
      await net.run('blue', 'nft add chain inet f in { type filter hook input priority 0 ; }');
      await net.run('blue', 'nft add rule inet f in tcp dport 80 reject');
    },
    causes: ['filter-reject'],
    at: ['netns:blue'],
  },
];

for (const one of ROUTED) testCause({ ...one, healthy: routedPair6, ask: TO_BLUE });

const NEIGHBOURS: readonly Omit<CauseCase, 'healthy' | 'ask'>[] = [
  {
    fault: 'an INPUT policy that accepts the service and forgets neighbour discovery',
    breakIt: async (net) => {
      await by('blue', 'ip6tables -A INPUT -p tcp --dport 80 -j ACCEPT', 'ip6tables -P INPUT DROP')(net);
      await forget(net);
    },
    forget,
    causes: ['ndp-filtered'],
    at: ['netns:blue'],
  },
  {
    fault: 'the asker’s own rules reject its questions, and let the service’s packets out',
    breakIt: async (net) => {
      await by(
        'red',
        'ip6tables -A OUTPUT -p tcp --dport 80 -j ACCEPT',
        'ip6tables -A OUTPUT -p ipv6-icmp -j REJECT',
      )(net);
      await forget(net);
    },
    forget,
    causes: ['ndp-filtered'],
    at: ['netns:red'],
  },
  {
    fault: 'one firewall knows the service, and another one forgets neighbour discovery',
    breakIt: async (net) => {
      await by('blue', 'ip6tables -A INPUT -p tcp --dport 80 -j ACCEPT', 'ip6tables -P INPUT DROP')(net);
      await net.run('blue', 'nft add table inet guard');
      await net.run('blue', 'nft add chain inet guard in { type filter hook input priority 10 ; }');
      await net.run('blue', 'nft add rule inet guard in tcp dport 80 accept');
      await forget(net);
    },
    forget,
    causes: ['ndp-filtered'],
    at: ['netns:blue'],
  },
  {
    fault: 'a rule that drops all of ICMPv6, both ways',
    breakIt: async (net) => {
      await net.run('blue', 'nft add table ip6 f');
      await net.run('blue', 'nft add chain ip6 f out { type filter hook output priority 0 ; }');
      await net.run('blue', 'nft add rule ip6 f out meta l4proto ipv6-icmp drop');
      await forget(net);
    },
    forget,
    causes: ['ndp-filtered'],
    at: ['netns:blue'],
  },
  {
    fault: 'an INPUT policy that accepts neighbour discovery and forgets the service',
    breakIt: by('blue', 'ip6tables -A INPUT -p ipv6-icmp -j ACCEPT', 'ip6tables -P INPUT DROP'),
    causes: ['policy-drop'],
    at: ['netns:blue'],
  },
  {
    fault: 'IPv6 is switched off at blue',
    breakIt: by('blue', 'sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1'),
    causes: ['ipv6-disabled'],
    at: ['netns:blue'],
  },
  {
    fault: 'IPv6 is switched off in all of red',
    breakIt: by('red', 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1'),
    causes: ['ipv6-disabled'],
    at: ['netns:red'],
  },
  {
    fault: 'an MTU that is too small for IPv6 takes blue’s address away',
    breakIt: by('blue', 'ip link set eth0 mtu 1000'),
    causes: ['ipv6-disabled'],
    at: ['netns:blue'],
    narrow: 'ip address add fd00:1::3/64 dev eth0',
  },
  {
    fault: 'an MTU that is too small for IPv6 takes red’s address away',
    breakIt: by('red', 'ip link set eth0 mtu 1279'),
    causes: ['ipv6-disabled'],
    at: ['netns:red'],
  },
  {
    fault: 'blue’s interface is switched off, which takes its address away',
    breakIt: by('blue', 'ip link set eth0 down'),
    causes: ['interface-down'],
    at: ['netns:blue'],
  },
  {
    fault: 'red’s own interface is switched off',
    breakIt: by('red', 'ip link set eth0 down'),
    causes: ['interface-down'],
    at: ['netns:red'],
  },
  {
    fault: 'red has no IPv6 address',
    breakIt: by('red', 'ip addr del fd00:1::2/64 dev eth0'),
    causes: ['no-address'],
    at: ['netns:red'],
  },
  {
    fault: 'nobody has the address',
    breakIt: by('blue', 'ip addr del fd00:1::3/64 dev eth0'),
    causes: ['neighbour-unresolved'],
    at: ['netns:red'],
    mend: async (net) => {
      await net.run('blue', 'ip addr add fd00:1::3/64 dev eth0 nodad');
    },
  },
  {
    fault: 'the server listens for itself',
    breakIt: async (net) => {
      await net.stop('blue', 'tcp', 80);
      await net.listen('blue', { protocol: 'tcp', port: 80, address: '::1' });
    },
    causes: ['listens-on-loopback'],
    at: ['netns:blue'],
    mend: async (net) => {
      await net.stop('blue', 'tcp', 80);
      await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
    },
  },
  {
    fault: 'the server listens by IPv4 alone',
    breakIt: async (net) => {
      await net.stop('blue', 'tcp', 80);
      await net.listen('blue', { protocol: 'tcp', port: 80, address: '0.0.0.0' });
    },
    causes: ['listens-on-other-address'],
    at: ['netns:blue'],
    mend: async (net) => {
      await net.stop('blue', 'tcp', 80);
      await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
    },
  },
];

for (const one of NEIGHBOURS) testCause({ ...one, healthy: wired, ask: TO_NEIGHBOUR });

testCause({
  fault: 'a ping by IPv6 is not answered',
  healthy: wired,
  breakIt: by('blue', 'sysctl -qw net.ipv6.icmp.echo_ignore_all=1'),
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['echo-ignored'],
  at: ['netns:blue'],
});

/** Asked for by name, an end that lost its only address has none to ask for. */
const LOST: readonly Omit<CauseCase, 'healthy' | 'ask'>[] = [
  {
    fault: 'an MTU that is too small for IPv6 takes away the only address of the end',
    breakIt: by('blue', 'ip link set eth0 mtu 1000'),
    causes: ['ipv6-disabled'],
    at: ['netns:blue'],
  },
  {
    fault: 'IPv6 is switched off at the end, which has no other address',
    breakIt: by('blue', 'sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1'),
    causes: ['ipv6-disabled'],
    at: ['netns:blue'],
  },
  {
    fault: 'the end’s interface is switched off, which takes its only address away',
    breakIt: by('blue', 'ip link set eth0 down'),
    causes: ['interface-down'],
    at: ['netns:blue'],
  },
  {
    fault: 'the end has no address among neighbours that have IPv6 alone',
    breakIt: by('blue', 'ip addr del fd00:1::3/64 dev eth0'),
    causes: ['no-address'],
    at: ['netns:blue'],
    narrow: '/64 dev eth0',
  },
];

for (const one of LOST)
  testCause({
    ...one,
    healthy: wired,
    ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
    agrees: null,
  });
