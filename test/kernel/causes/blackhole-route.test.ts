import { routedPair, testCause } from '../../support/cause-case.ts';

for (const type of ['blackhole', 'unreachable', 'prohibit'])
  testCause({
    fault: `a ${type} route on the router`,
    healthy: routedPair,
    breakIt: async (net) => {
      await net.run('router', `ip route add ${type} 10.0.2.0/25`);
    },
    ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
    causes: ['blackhole-route'],
    at: ['netns:router'],
  });

testCause({
  fault: 'a route of the router leads to a nexthop object that discards',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'ip nexthop add id 5 blackhole');
    await net.run('router', 'ip route add 10.0.2.0/25 nhid 5');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['blackhole-route'],
  at: ['netns:router'],
});

testCause({
  fault: 'a throw route ends the search in the table that has the default route',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('red', 'ip route add throw 10.0.2.0/24')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['blackhole-route'],
  at: ['netns:red'],
});
