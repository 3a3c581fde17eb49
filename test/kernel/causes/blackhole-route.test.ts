import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

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

/** red’s own table has the way to blue; a table that is asked later discards whatever no other knows. */
const ownTable = async (net: TestNetwork): Promise<void> => {
  await routedPair(net);
  await net.run('red', 'ip route add default via 10.0.1.1 table 11');
  await net.run('red', 'ip route add blackhole default table 12');
  await net.run('red', 'ip rule add pref 11 lookup 11');
  await net.run('red', 'ip rule add pref 12 lookup 12');
};

testCause({
  fault: 'a throw route hands the packet on to a table that discards the rest, as it should',
  healthy: async (net) => {
    await ownTable(net);
    await net.run('red', 'ip route del default');
  },
  breakIt: async (net) => void (await net.run('red', 'ip route add throw 10.0.2.0/24 table 11')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['blackhole-route'],
  at: ['netns:red'],
  narrow: 'ip route del throw 10.0.2.0/24 table 11',
});

testCause({
  fault: 'what a throw route hands on to the main table is discarded on the way there',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('red', 'ip route add default via 10.0.1.99 table 11');
    await net.run('red', 'ip route add throw 10.0.2.0/24 table 11');
    await net.run('red', 'ip rule add pref 11 lookup 11');
  },
  breakIt: async (net) => {
    await net.run('red', 'ip route add blackhole default table 12');
    await net.run('red', 'ip rule add pref 12 lookup 12');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['blackhole-route'],
  at: ['netns:red'],
  narrow: 'ip route del blackhole default table 12',
});
