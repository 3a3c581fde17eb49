import { routedPair, testCause } from '../../support/cause-case.ts';

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
