import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const ask = { from: 'netns:red', to: '10.0.2.2:80' };

/** The router has a way to the rest of the world too: by a machine beside it. */
async function withUplink(net: TestNetwork): Promise<void> {
  await routedPair(net);
  await net.namespaces('uplink');
  await net.wire('router/ru 10.0.9.2/24', 'uplink/eth0 10.0.9.1/24');
  await net.run('router', 'ip route add default via 10.0.9.1');
}

testCause({
  fault: 'the router’s route to the server’s network was deleted, and its default route takes over',
  healthy: withUplink,
  breakIt: async (net) => void (await net.run('router', 'ip route del 10.0.2.0/24')),
  ask,
  causes: ['connected-route-missing'],
  at: ['netns:router'],
});

testCause({
  fault: 'the address towards the client was given without a route: answers go astray',
  healthy: withUplink,
  breakIt: async (net) => {
    await net.run('router', 'ip address del 10.0.1.1/24 dev ra');
    await net.run('router', 'ip address add 10.0.1.1/24 dev ra noprefixroute');
  },
  ask,
  causes: ['connected-route-missing'],
  at: ['netns:router'],
});

testCause({
  fault: 'the same with IPv6',
  healthy: async (net) => {
    await withUplink(net);
    await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    for (const [name, dev, address] of [
      ['red', 'eth0', 'fd00:1::2'],
      ['router', 'ra', 'fd00:1::1'],
      ['router', 'rb', 'fd00:2::1'],
      ['blue', 'eth0', 'fd00:2::2'],
      ['router', 'ru', 'fd00:9::2'],
      ['uplink', 'eth0', 'fd00:9::1'],
    ] as const)
      await net.run(name, `ip address add ${address}/64 dev ${dev} nodad`);
    await net.run('red', 'ip -6 route add default via fd00:1::1');
    await net.run('blue', 'ip -6 route add default via fd00:2::1');
    await net.run('router', 'ip -6 route add default via fd00:9::1');
    await net.listen('blue', { protocol: 'tcp', port: 81, address: '::' });
  },
  breakIt: async (net) => void (await net.run('router', 'ip -6 route del fd00:2::/64')),
  ask: { from: 'netns:red', to: '[fd00:2::2]:81' },
  causes: ['connected-route-missing'],
  at: ['netns:router'],
});
