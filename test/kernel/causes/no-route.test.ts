import { expect, test } from 'vitest';
import { ask, testCause } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'the sender has no default gateway',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip route del default');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'a router in the middle does not know the next network',
  healthy: async (net) => {
    await net.namespaces('red', 'r1', 'r2', 'blue');
    await net.wire('red/eth0 10.0.1.2/24', 'r1/a 10.0.1.1/24');
    await net.wire('r1/b 10.0.9.1/30', 'r2/b 10.0.9.2/30');
    await net.wire('r2/a 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
    for (const router of ['r1', 'r2']) await net.run(router, 'sysctl -w net.ipv4.ip_forward=1');
    await net.run('red', 'ip route add default via 10.0.1.1');
    await net.run('blue', 'ip route add default via 10.0.2.1');
    await net.run('r1', 'ip route add 10.0.2.0/24 via 10.0.9.2');
    await net.run('r2', 'ip route add 10.0.1.0/24 via 10.0.9.1');
  },
  breakIt: async (net) => {
    await net.run('r1', 'ip route del 10.0.2.0/24');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['no-route'],
  at: ['netns:r1'],
});

testCause({
  fault: 'the server has its address, and no local route for it',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('blue', 'ip route del local 10.0.2.2 dev eth0 table local')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['no-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'an address without the route to its network (noprefixroute)',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip addr del 10.0.0.2/24 dev eth0');
    await net.run('red', 'ip addr add 10.0.0.2/24 dev eth0 noprefixroute');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['no-route'],
  at: ['netns:red'],
  narrow: 'ip route add 10.0.0.0/24 dev eth0',
});

test('a policy rule that passes over the default route is told beside the route that is missing', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.run('red', 'ip rule del pref 32766');
  await net.run('red', 'ip rule add pref 32766 lookup main suppress_prefixlength 0');
  const { causes } = await ask({ from: 'netns:red', to: '10.0.2.2:80' }, false);
  expect(causes.map(({ id }) => id)).toEqual(['no-route']);
  expect(causes[0]?.explanation).toContain('default via 10.0.1.1');
  expect(causes[0]?.explanation).toContain('suppress_prefixlength 0');
});
