import { bridgedPair, testCause } from '../../support/cause-case.ts';

testCause({
  fault: 'a permanent entry with the hardware address of a machine that is gone',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip neighbour replace 10.0.0.3 lladdr 02:00:00:00:aa:aa dev eth0 nud permanent');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['stale-neighbour'],
  at: ['netns:red'],
});
