import type { TestNetwork } from '../../support/network.ts';
import { testCause } from '../../support/cause-case.ts';
import { routedPair, twoRouters } from '../../support/pairs.ts';

testCause({
  fault: 'the destination has no way back',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('blue', 'ip route del default');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-return-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'the same with ping',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('blue', 'ip route del default');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['no-return-route'],
});

testCause({
  fault: 'the second of two routers does not know the sender’s network',
  healthy: twoRouters,
  breakIt: async (net) => void (await net.run('two', 'ip route del 10.0.1.0/24')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-return-route'],
  at: ['netns:two'],
});

/** As network plug-ins for containers do it: an address alone, a gateway that is nobody's network, a route for each container. */
const routedContainers: (net: TestNetwork) => Promise<void> = async (net) => {
  await net.namespaces('red', 'node', 'blue');
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1');
  for (const [index, name] of ['red', 'blue'].entries()) {
    const address = `192.168.7.${index + 1}`;
    await net.wire(`${name}/eth0 ${address}/32`, `node/to-${name}`);
    await net.run('node', `ip address add 169.254.1.1/32 dev to-${name}`);
    await net.run('node', `ip route add ${address} dev to-${name} scope link`);
    await net.run(name, 'ip route add 169.254.1.1 dev eth0 scope link');
    await net.run(name, 'ip route add default via 169.254.1.1');
  }
  await net.listen('blue', { protocol: 'tcp', port: 80 });
};

testCause({
  fault: 'the node has lost its route to one of the containers that have an address and no network',
  healthy: routedContainers,
  breakIt: async (net) => void (await net.run('node', 'ip route del 192.168.7.1')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-return-route'],
  at: ['netns:node'],
});

testCause({
  fault: 'a container with an address and no network has lost its default route',
  healthy: routedContainers,
  breakIt: async (net) => void (await net.run('blue', 'ip route del default')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-return-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'the same of IPv6, where routers are known by their link-local addresses',
  healthy: async (net) => {
    await net.namespaces('red', 'node', 'blue');
    await net.run('node', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    for (const [index, name] of ['red', 'blue'].entries()) {
      const address = `2001:db8:7::${index + 1}`;
      await net.wire(`${name}/eth0 ${address}/128`, `node/to-${name}`);
      await net.run('node', `ip address add fe80::1/64 dev to-${name} nodad`);
      await net.run('node', `ip -6 route add ${address} dev to-${name}`);
      await net.run(name, 'ip -6 route add default via fe80::1 dev eth0');
    }
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  },
  breakIt: async (net) => void (await net.run('node', 'ip -6 route del 2001:db8:7::1')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-return-route'],
  at: ['netns:node'],
});

testCause({
  fault: 'a route says to speak from an address that nobody else knows',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('red', 'ip address add 172.16.0.9/32 dev lo');
  },
  breakIt: async (net) => void (await net.run('red', 'ip route replace default via 10.0.1.1 src 172.16.0.9')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['no-return-route'],
  narrow: 'ip route replace default via 10.0.1.1 dev eth0',
});
