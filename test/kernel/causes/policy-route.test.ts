import { routedPair, testCause } from '../../support/cause-case.ts';

const ask = { from: 'netns:red', to: 'netns:blue', port: 80 };

testCause({
  fault: 'the sender’s own rule prohibits it',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('red', 'ip rule add pref 5 to 10.0.2.0/24 prohibit')),
  ask,
  causes: ['policy-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'a router discards what comes in by one interface',
  healthy: routedPair,
  breakIt: async (net) =>
    void (await net.run('router', 'ip rule add pref 7 from 10.0.1.0/24 iif ra blackhole')),
  ask,
  causes: ['policy-route'],
  at: ['netns:router'],
});

testCause({
  fault: 'the answer is refused, and so is all that is not for one network',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('blue', 'ip rule add pref 7 not to 10.9.0.0/16 unreachable')),
  ask,
  causes: ['policy-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'a rule leads to a table whose only route refuses',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'ip route add prohibit default table 77');
    await net.run('router', 'ip rule add pref 9 to 10.0.1.0/24 lookup 77');
  },
  ask,
  causes: ['blackhole-route'],
  at: ['netns:router'],
});
