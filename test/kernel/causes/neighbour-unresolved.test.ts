import { bridgedPair, testCause } from '../../support/cause-case.ts';

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
