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

testCause({
  fault: 'the second of two routers does not know the sender’s network',
  healthy: async (net) => {
    await net.namespaces('red', 'one', 'two', 'blue');
    await net.wire('red/eth0 10.0.1.2/24', 'one/left 10.0.1.1/24');
    await net.wire('one/right 10.0.12.1/24', 'two/left 10.0.12.2/24');
    await net.wire('two/right 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
    for (const router of ['one', 'two']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
    await net.run('red', 'ip route add default via 10.0.1.1');
    await net.run('one', 'ip route add 10.0.2.0/24 via 10.0.12.2');
    await net.run('two', 'ip route add 10.0.1.0/24 via 10.0.12.1');
    await net.run('blue', 'ip route add default via 10.0.2.1');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => void (await net.run('two', 'ip route del 10.0.1.0/24')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-return-route'],
  at: ['netns:two'],
});
