import { testCause } from '../../support/cause-case.ts';
import { routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'the destination is told not to answer pings',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('blue', 'sysctl -w net.ipv4.icmp_echo_ignore_all=1');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['echo-ignored'],
  at: ['netns:blue'],
});
