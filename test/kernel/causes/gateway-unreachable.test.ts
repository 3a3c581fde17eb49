import { routedPair, testCause } from '../../support/cause-case.ts';

testCause({
  fault: 'the default gateway’s address is nobody’s',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip route replace default via 10.0.1.99');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['gateway-unreachable'],
  at: ['netns:red'],
});

testCause({
  fault: 'the same on the way back',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('blue', 'ip route replace default via 10.0.2.99');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['gateway-unreachable'],
  at: ['netns:blue'],
});
