import { bridgedPair, testCause } from '../../support/cause-case.ts';

testCause({
  fault: 'the sender was given none',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip address flush dev eth0');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['no-address'],
  at: ['netns:red'],
});
