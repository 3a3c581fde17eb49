import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

/** red has two wires to blue; what it sends goes by one of them, what blue sends by the other. */
async function asymmetric(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue');
  await net.wire('red/a 10.0.1.2/24', 'blue/a 10.0.1.3/24');
  await net.wire('red/b 10.0.2.2/24', 'blue/b 10.0.2.3/24');
  await net.run('red', 'ip address add 10.9.0.1/32 dev lo');
  await net.run('red', 'ip route add 10.8.0.1 via 10.0.1.3 src 10.9.0.1');
  await net.run('blue', 'ip address add 10.8.0.1/32 dev lo');
  await net.run('blue', 'ip route add 10.9.0.1 via 10.0.2.2');
  for (const end of ['red', 'blue'])
    for (const key of ['all', 'a', 'b']) await net.run(end, `sysctl -w net.ipv4.conf.${key}.rp_filter=0`);
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

testCause({
  fault: 'strict, on an asymmetric way',
  healthy: asymmetric,
  breakIt: async (net) => {
    await net.run('blue', 'sysctl -w net.ipv4.conf.a.rp_filter=1');
  },
  ask: { from: 'netns:red', to: '10.8.0.1:80' },
  causes: ['rp-filter'],
  at: ['netns:blue'],
});

testCause({
  fault: 'strict, and the way back is a wrong route: that is to be mended, not the check',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('router', 'sysctl -qw net.ipv4.conf.all.rp_filter=1');
    await net.run('red', 'ip address add 10.77.0.2/32 dev lo');
    await net.run('router', 'ip route add 10.77.0.2 via 10.0.1.2');
    await net.run('red', 'ip route replace default via 10.0.1.1 src 10.77.0.2');
  },
  breakIt: async (net) => void (await net.run('router', 'ip route replace 10.77.0.2 via 10.0.2.2')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['rp-filter'],
  at: ['netns:router'],
  narrow: 'ip route replace 10.77.0.2 via 10.0.1.2 dev ra',
});

testCause({
  fault: 'strict for all interfaces of the sender: the answer is dropped',
  healthy: asymmetric,
  breakIt: async (net) => {
    await net.run('red', 'sysctl -w net.ipv4.conf.all.rp_filter=1');
  },
  ask: { from: 'netns:red', to: '10.8.0.1:80' },
  causes: ['rp-filter'],
  at: ['netns:red'],
});

testCause({
  fault: 'no way back at all: the loose mode would not help',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('router', 'sysctl -qw net.ipv4.conf.all.rp_filter=1');
    await net.run('red', 'ip address add 10.77.0.2/32 dev lo');
    await net.run('router', 'ip route add 10.77.0.2 via 10.0.1.2');
    await net.run('red', 'ip route replace default via 10.0.1.1 src 10.77.0.2');
  },
  breakIt: async (net) => void (await net.run('router', 'ip route del 10.77.0.2')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['rp-filter'],
  at: ['netns:router'],
});

testCause({
  fault: 'and the way back is refused: the refusing route is the cause',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('blue', 'sysctl -qw net.ipv4.conf.all.rp_filter=1');
  },
  breakIt: async (net) => void (await net.run('blue', 'ip route add prohibit 10.0.1.2')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['blackhole-route'],
  at: ['netns:blue'],
});
