import { expect, test } from 'vitest';
import { ask as asking, brief, testCause } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'the sender was given none',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip address flush dev eth0');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['no-address'],
  at: ['netns:red'],
});

const ask = { from: 'netns:red', to: 'netns:blue', port: 80 };

testCause({
  fault: 'the router has none where the sender looks for its gateway',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'ip address del 10.0.1.1/24 dev ra');
    await net.run('red', 'ip neigh flush all');
  },
  ask,
  causes: ['no-address'],
  at: ['netns:router'],
  certainty: 'likely',
});

testCause({
  fault: 'the router has none on the sender’s network, whose neighbour entry still leads there',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('router', 'ip address del 10.0.1.1/24 dev ra')),
  ask,
  causes: ['no-address'],
  at: ['netns:router'],
  certainty: 'likely',
});

test('neighbour-unresolved: nobody has a link-local address, and no router there was left without one', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.run('router', 'ip address add fd02::1/64 dev rb nodad');
  // Until its own has been tested for a duplicate, red has none to ask from.
  await expect
    .poll(() => net.run('red', 'ip -6 -o address show dev eth0 scope link -tentative'))
    .toContain('inet6 fe80:');
  const lost = await asking({ from: 'netns:red', to: 'fe80::77%eth0' });
  expect(lost.verdict, brief(lost)).toBe('unreachable');
  expect(lost.causes.map(({ id, namespace }) => [id, namespace])).toEqual([
    ['neighbour-unresolved', 'netns:red'],
  ]);
});

test('of a machine without IPv6 the interface is named that leads to others, and no bridge of its own', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red', 'router', 'c0');
  await net.wire('c0/eth0 172.17.0.2/16', 'red/v0');
  await net.bridge('red/docker0 172.17.0.1/16', 'v0');
  await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  const asked = { from: 'netns:red', to: '[fd00:2::2]:80' };
  const named = async (): Promise<readonly unknown[]> =>
    (await asking(asked)).causes.map(({ id, params }) => [id, params['device']]);
  expect(await named()).toEqual([['no-address', 'eth0']]);
  await net.run('red', 'ip route del default');
  expect(await named()).toEqual([['no-address', 'eth0']]);
});
