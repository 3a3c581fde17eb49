import { testCause } from '../../support/cause-case.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'the sender’s is too narrow: its neighbour looks remote',
  healthy: async (net) => {
    await bridgedPair(net);
    await net.run('blue', 'ip address add 10.0.0.9/24 dev eth0');
  },
  breakIt: async (net) => {
    await net.run('red', 'ip address add 10.0.0.2/30 dev eth0');
    await net.run('red', 'ip address del 10.0.0.2/24 dev eth0');
  },
  ask: { from: 'netns:red', to: '10.0.0.9:80' },
  causes: ['wrong-prefix'],
  at: ['netns:red'],
});

testCause({
  fault: 'the sender’s is too wide: a remote network looks local',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip address add 10.0.1.2/16 dev eth0');
    await net.run('red', 'ip address del 10.0.1.2/24 dev eth0');
    await net.run('red', 'ip route replace default via 10.0.1.1');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['wrong-prefix'],
  at: ['netns:red'],
});

testCause({
  fault: 'the destination’s is too narrow: it cannot answer its neighbour',
  healthy: async (net) => {
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0 10.0.0.200/24', 'blue/eth0 10.0.0.3/24');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run('blue', 'ip address add 10.0.0.3/25 dev eth0');
    await net.run('blue', 'ip address del 10.0.0.3/24 dev eth0');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['wrong-prefix'],
  at: ['netns:blue'],
});

testCause({
  fault: 'the sender’s leaves out its gateway, so that it could be given no route',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('red', 'ip address flush dev eth0');
    await net.run('red', 'ip address add 10.0.1.134/24 dev eth0');
    await net.run('red', 'ip route replace default via 10.0.1.1');
  },
  breakIt: async (net) => {
    await net.run('red', 'ip address flush dev eth0');
    await net.run('red', 'ip address add 10.0.1.134/30 dev eth0');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['wrong-prefix', 'no-route'],
  at: ['netns:red', 'netns:red'],
});

testCause({
  fault: 'the destination’s is too narrow: its neighbour’s address would be everybody’s there',
  healthy: async (net) => {
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0 10.0.0.7/24', 'blue/eth0 10.0.0.5/24');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run('blue', 'ip address add 10.0.0.5/30 dev eth0');
    await net.run('blue', 'ip address del 10.0.0.5/24 dev eth0');
    // What was learnt while it was a neighbour’s would still help for a while.
    await net.run('blue', 'ip neigh flush all');
  },
  ask: { from: 'netns:red', to: '10.0.0.5:80' },
  causes: ['wrong-prefix'],
  at: ['netns:blue'],
  // The kernel keeps the hardware address of everybody that it sent the answers to.
  mend: async (net) => {
    await net.run('blue', 'ip address add 10.0.0.5/24 dev eth0');
    await net.run('blue', 'ip address del 10.0.0.5/30 dev eth0');
    await net.run('blue', 'ip neigh flush all nud noarp');
  },
});
