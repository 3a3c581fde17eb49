import { routedPair, testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';

const ask = { from: 'netns:red', to: '10.0.2.2:80' };

testCause({
  fault: 'a bridge of red’s own has the range of blue’s network',
  healthy: async (net) => {
    await routedPair(net);
    await net.bridge('red/br-app');
    await net.namespaces('app');
    await net.wire('app/eth0 10.0.2.77/24', 'red/vapp');
    await net.run('red', 'ip link set vapp master br-app');
  },
  breakIt: (net) => disturb(net, 'red', ['ip addr add 10.0.2.1/24 dev br-app']),
  ask,
  causes: ['subnet-overlap'],
  at: ['netns:red'],
});

testCause({
  fault: 'a network of the router’s is a part of one that it has a route to',
  healthy: async (net) => {
    await routedPair(net);
    await net.namespaces('lab');
    await net.wire('lab/eth0 10.9.0.9/24', 'router/rl');
    await net.run('blue', 'ip addr add 172.30.5.5/32 dev lo');
    await net.run('router', 'ip route add 172.30.0.0/16 via 10.0.2.2');
  },
  breakIt: (net) => disturb(net, 'router', ['ip addr add 172.30.5.1/24 dev rl']),
  ask: { from: 'netns:red', to: '172.30.5.5:80' },
  causes: ['subnet-overlap'],
  at: ['netns:router'],
});
