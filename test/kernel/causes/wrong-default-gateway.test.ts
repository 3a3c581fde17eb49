import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';

/** red in two networks, front and back; blue is behind the back one's router. The front one's knows nothing of it. */
async function twoNetworks(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'front', 'back', 'blue');
  await net.wire('red/eth0 10.1.0.2/24', 'front/eth0 10.1.0.1/24');
  await net.wire('red/eth1 10.2.0.2/24', 'back/eth0 10.2.0.1/24');
  await net.wire('blue/eth0 10.3.0.2/24', 'back/eth1 10.3.0.1/24');
  for (const router of ['front', 'back']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('red', 'ip route add default via 10.2.0.1');
  await net.run('blue', 'ip route add default via 10.3.0.1');
  for (const node of ['red', 'blue']) await net.listen(node, { protocol: 'tcp', port: 80 });
}

testCause({
  fault: 'the default route goes out by the network that leads nowhere',
  healthy: twoNetworks,
  breakIt: (net) => disturb(net, 'red', ['ip route replace default via 10.1.0.1']),
  ask: { from: 'netns:red', to: '10.3.0.2:80' },
  causes: ['wrong-default-gateway'],
  at: ['netns:red'],
});

testCause({
  fault: 'requests come in by one network, and answers go out by the other',
  healthy: twoNetworks,
  breakIt: (net) => disturb(net, 'red', ['ip route replace default via 10.1.0.1']),
  ask: { from: 'netns:blue', to: '10.2.0.2:80' },
  causes: ['wrong-default-gateway'],
  at: ['netns:red'],
});

testCause({
  fault: 'the default route for the senders of one network goes out by the other one (IPv6)',
  healthy: async (net) => {
    await net.namespaces('red', 'front', 'back', 'blue');
    await net.wire('red/eth0 fd01::2/64', 'front/eth0 fd01::1/64');
    await net.wire('red/eth1 fd02::2/64', 'back/eth0 fd02::1/64');
    await net.wire('blue/eth0 fd03::2/64', 'back/eth1 fd03::1/64');
    for (const router of ['front', 'back'])
      await net.run(router, 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    await net.run('red', 'ip -6 route add default from fd02::/64 via fd02::1');
    await net.run('back', 'ip -6 route add fd01::/64 via fd02::2');
    await net.run('blue', 'ip -6 route add default via fd03::1');
  },
  breakIt: (net) => disturb(net, 'red', ['ip -6 route replace default from fd02::/64 via fd01::1']),
  ask: { from: 'netns:red', to: 'fd03::2' },
  causes: ['wrong-default-gateway'],
  at: ['netns:red'],
  narrow: 'default from fd02::/64 via fd02::1',
});
