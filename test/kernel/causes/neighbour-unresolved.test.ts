import { testCause } from '../../support/cause-case.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'nobody has the address',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('blue', 'ip address del 10.0.0.3/24 dev eth0');
    await net.run('blue', 'ip address add 10.0.0.30/24 dev eth0');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['neighbour-unresolved'],
  at: ['netns:red'],
  mend: async (net) => {
    await net.run('blue', 'ip address add 10.0.0.3/24 dev eth0');
  },
});

testCause({
  fault: 'the default route names no gateway',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('red', 'ip route replace default dev eth0')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['neighbour-unresolved'],
  at: ['netns:red'],
  narrow: 'ip route replace default via 10.0.1.1 dev eth0',
});

testCause({
  fault: 'the same by an interface that has no address',
  healthy: async (net) => {
    await routedPair(net);
    await net.wire('red/eth1', 'host/vr1');
  },
  breakIt: async (net) => void (await net.run('red', 'ip route replace default dev eth1')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['neighbour-unresolved'],
  at: ['netns:red'],
  narrow: 'ip route replace default via 10.0.1.1 dev eth0',
});

testCause({
  fault: 'a router has no link-local address to ask its neighbours with (IPv6)',
  healthy: async (net) => {
    await net.namespaces('red', 'router', 'blue');
    await net.wire('red/eth0 fd01::2/64', 'router/ra fd01::1/64');
    await net.wire('blue/eth0 fd02::2/64', 'router/rb fd02::1/64');
    await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    await net.run('red', 'ip -6 route add default via fd01::1');
    await net.run('blue', 'ip -6 route add default via fd02::1');
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  },
  breakIt: async (net) => {
    await net.run('router', ['sh', '-c', 'ip -6 address flush dev rb scope link; ip -6 neigh flush dev rb']);
  },
  ask: { from: 'netns:red', to: '[fd02::2]:80' },
  causes: ['neighbour-unresolved'],
  at: ['netns:router'],
  forget: async (net) => void (await net.run('router', 'ip -6 neigh flush dev rb')),
});
