import { expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { hasty, settled } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { routedPair, routedPair6 } from '../../support/pairs.ts';

testCause({
  fault: 'the route to a network of its own leads out by the interface to another',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('router', 'ip route replace 10.0.2.0/24 dev ra')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['neighbour-unresolved'],
  at: ['netns:router'],
  narrow: 'ip route add 10.0.2.0/24 dev rb',
});

testCause({
  fault: 'a router sends the packet back to its sender, which is a router too',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('red', 'sysctl -qw net.ipv4.ip_forward=1');
  },
  breakIt: async (net) => void (await net.run('router', 'ip route add 10.0.2.2/32 via 10.0.1.2')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['more-specific-route'],
  at: ['netns:router'],
});

/** Red, router and blue by IPv6, quick to give up and at rest. */
async function pair6(net: TestNetwork): Promise<void> {
  await routedPair6(net);
  await hasty(net, 'red', 'router', 'blue');
  await settled(net);
}

const ASKED = { from: 'netns:red', to: '[fd00:2::2]:80' };

testCause({
  fault: 'an IPv6 route’s time is up, and the kernel lists it still',
  healthy: pair6,
  breakIt: async (net) => {
    await net.run('red', 'ip -6 route replace default via fd00:1::1 expires 1');
    await net.run('red', [
      'sh',
      '-c',
      'while ip -6 route get fd00:2::2 >/dev/null 2>&1; do sleep 0.05; done',
    ]);
  },
  ask: ASKED,
  causes: ['no-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'the IPv6 address is gone, and the link-local one speaks for it',
  healthy: pair6,
  breakIt: async (net) => void (await net.run('red', 'ip -6 address del fd00:1::2/64 dev eth0')),
  ask: ASKED,
  causes: ['no-address'],
  at: ['netns:red'],
});

test('a host that passes over a gateway which did not answer reaches its peer by the other', async () => {
  await using net = await buildNetwork();
  await pair6(net);
  await net.run('blue', 'ip -6 route replace default nexthop via fd00:2::1 nexthop via fd00:2::66');
  await net.run('blue', 'sysctl -qw net.ipv6.fib_multipath_hash_policy=1');
  const answer = await ask(ASKED);
  expect(answer.probe.agrees, brief(answer)).not.toBe(false);
  expect(['reachable', 'partial']).toContain(answer.verdict);
  // By then it has been asked for often enough.
  const again = await ask(ASKED);
  expect(again, brief(again)).toMatchObject({ verdict: 'reachable', probe: { agrees: true } });
});
