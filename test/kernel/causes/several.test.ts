import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'no gateway, no forwarding, a firewall, no way back: in the order in which the packet meets them',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip route del default');
    await net.run('router', 'sysctl -w net.ipv4.ip_forward=0');
    await net.run('router', 'iptables-nft -A FORWARD -p tcp --dport 80 -j DROP');
    await net.run('blue', 'ip route del default');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-route', 'ip-forward-off', 'filter-drop', 'no-return-route'],
  at: ['netns:red', 'netns:router', 'netns:router', 'netns:blue'],
});

testCause({
  fault: 'an interface that is down behind a bridge port that is loose',
  healthy: async (net) => {
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0 10.0.0.2/24', 'host/vr');
    await net.wire('blue/eth0 10.0.0.3/24', 'host/vb');
    await net.bridge('host/br0 10.0.0.1/24', 'vr', 'vb');
  },
  breakIt: async (net) => {
    await net.run('host', 'ip link set vb nomaster');
    await net.run('blue', 'ip link set eth0 down');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['interface-down', 'not-attached-to-bridge'],
});

testCause({
  fault: 'a wrong gateway, and the right one is down and does not forward',
  healthy: async (net) => {
    await net.namespaces('switch', 'red', 'router', 'blue');
    await net.wire('red/eth0 10.0.1.2/24', 'switch/p1');
    await net.wire('router/ra 10.0.1.1/24', 'switch/p2');
    await net.bridge('switch/br0', 'p1', 'p2');
    await net.wire('router/rb 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
    await net.run('red', 'ip route add default via 10.0.1.1');
    await net.run('blue', 'ip route add default via 10.0.2.1');
    await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run('red', 'ip route replace default via 10.0.1.77');
    await disturb(net, 'router', ['ip link set ra down']);
    await net.run('router', 'sysctl -qw net.ipv4.ip_forward=0');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['gateway-unreachable', 'interface-down', 'ip-forward-off'],
  at: ['netns:red', 'netns:router', 'netns:router'],
});

testCause({
  fault:
    'the way to one of the receiver’s two addresses, which another default route would mend at the cost of the other’s',
  healthy: async (net) => {
    await net.namespaces('red', 'one', 'two', 'blue');
    for (const [router, place] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      await net.wire(`red/r${place} 10.${place}.1.2/24`, `${router}/a 10.${place}.1.1/24`);
      await net.wire(`blue/b${place} 10.${place}.2.2/24`, `${router}/b 10.${place}.2.1/24`);
      await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
    }
    await net.run('red', 'ip route add default via 10.1.1.1');
    await net.run('red', 'ip route add 10.2.2.0/24 via 10.2.1.1');
    await net.run('blue', 'ip route add default via 10.1.2.1');
    await net.run('blue', 'ip route add 10.2.1.0/24 via 10.2.2.1');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run('red', 'ip route del 10.2.2.0/24');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  verdict: 'partial',
  causes: ['wrong-default-gateway'],
  at: ['netns:red'],
});
