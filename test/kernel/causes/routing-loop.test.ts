import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';

/** red – one – two – blue, by both families; a server on blue's port 80. */
async function twoRouters(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'one', 'two', 'blue');
  await net.wire('red/eth0 10.0.1.2/24 fd00:1::2/64', 'one/ra 10.0.1.1/24 fd00:1::1/64');
  await net.wire('one/rb 10.0.12.1/24 fd00:12::1/64', 'two/ra 10.0.12.2/24 fd00:12::2/64');
  await net.wire('two/rb 10.0.2.1/24 fd00:2::1/64', 'blue/eth0 10.0.2.2/24 fd00:2::2/64');
  // A second address of blue's that only a route tells of.
  await net.run('blue', 'ip addr add 172.16.0.9/32 dev lo');
  for (const [node, ...routes] of [
    ['red', 'default via 10.0.1.1', 'default via fd00:1::1'],
    ['one', '10.0.2.0/24 via 10.0.12.2', 'default via 10.0.12.2', 'default via fd00:12::2'],
    ['two', '10.0.1.0/24 via 10.0.12.1', '172.16.0.0/24 via 10.0.2.2', 'fd00:1::/64 via fd00:12::1'],
    ['blue', 'default via 10.0.2.1', 'default via fd00:2::1'],
  ] as const)
    for (const route of routes) await net.run(node, `ip route add ${route}`);
  for (const router of ['one', 'two'])
    await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
}

testCause({
  fault: 'two routers send a network to each other',
  healthy: twoRouters,
  breakIt: (net) => disturb(net, 'two', ['ip route replace 172.16.0.0/24 via 10.0.12.1']),
  ask: { from: 'netns:red', to: '172.16.0.9:80' },
  causes: ['routing-loop'],
  at: ['netns:two'],
});

testCause({
  fault: 'a route to one address leads back',
  healthy: twoRouters,
  breakIt: (net) => disturb(net, 'two', ['ip route add 10.0.2.2 via 10.0.12.1']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['routing-loop'],
  at: ['netns:two'],
});

testCause({
  fault: 'a route to one address leads back, by IPv6',
  healthy: twoRouters,
  breakIt: (net) => disturb(net, 'two', ['ip route add fd00:2::2 via fd00:12::1']),
  ask: { from: 'netns:red', to: '[fd00:2::2]:80' },
  causes: ['routing-loop'],
  at: ['netns:two'],
});

testCause({
  fault: 'a link went down, and its network goes to the default gateway and comes back',
  healthy: async (net) => {
    await twoRouters(net);
    await net.run('two', 'ip route add default via 10.0.12.1');
  },
  breakIt: (net) => disturb(net, 'two', ['ip link set rb down']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['interface-down'],
  at: ['netns:two'],
});
