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
