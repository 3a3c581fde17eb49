import { expect, test } from 'vitest';
import { ask, brief, testCause, type CauseCase } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { forgetNeighbours } from '../../support/neighbours.ts';

/** Proxied neighbours are answered for at once, not after a random part of a second (proxy_delay). */
const AT_ONCE = 'sysctl -qw net.ipv6.neigh.ra.proxy_delay=0 net.ipv4.neigh.ra.proxy_delay=0';

/** up – router – blue: blue has one address of up's network, behind the router, which answers for it. */
async function behindRouter(net: TestNetwork): Promise<void> {
  await net.namespaces('up', 'router', 'blue');
  await net.wire('up/eth0 fd00:1::1/64 10.0.1.1/24', 'router/ra fd00:1::2/64 10.0.1.2/24');
  await net.wire('blue/eth0 fd00:1::3/128 10.0.1.3/32', 'router/rb fd00:2::1/64 10.0.2.1/24');
  await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1');
  await net.run('router', AT_ONCE);
  await net.run('router', 'ip route add 10.0.1.3/32 dev rb');
  await net.run('router', 'ip -6 route add fd00:1::3/128 dev rb');
  await net.run('blue', 'ip route add 10.0.2.1/32 dev eth0');
  await net.run('blue', 'ip -6 route add fd00:2::1/128 dev eth0');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('blue', 'ip -6 route add default via fd00:2::1');
  await net.run('router', 'sysctl -qw net.ipv6.conf.ra.proxy_ndp=1');
  await net.run('router', 'ip neigh add proxy 10.0.1.3 dev ra');
  await net.run('router', 'ip neigh add proxy fd00:1::3 dev ra');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
}

const base: Pick<CauseCase, 'healthy' | 'causes' | 'at' | 'forget'> = {
  healthy: behindRouter,
  causes: ['neighbour-unresolved'],
  at: ['netns:up'],
  forget: (net) => forgetNeighbours(net, 'up'),
};

/** What is done to the router, and who had asked it before has forgotten the answer. */
const by =
  (...commands: readonly string[]): CauseCase['breakIt'] =>
  async (net) => {
    for (const command of commands) await net.run('router', command);
    await forgetNeighbours(net, 'up');
  };

const SIX = { from: 'netns:up', to: '[fd00:1::3]:80' } as const;
const FOUR = { from: 'netns:up', to: '10.0.1.3:80' } as const;

testCause({
  ...base,
  fault: 'a router has no proxy entry for an address behind it (proxy_ndp)',
  ask: SIX,
  breakIt: by('ip neigh del proxy fd00:1::3 dev ra'),
  narrow: 'ip neighbour add proxy fd00:1::3 dev ra',
});

testCause({
  ...base,
  fault: 'a router has the entry, and proxy_ndp is off',
  ask: SIX,
  breakIt: by('sysctl -qw net.ipv6.conf.ra.proxy_ndp=0'),
  narrow: 'net.ipv6.conf.ra.proxy_ndp=1',
});

testCause({
  ...base,
  fault: 'a router has neither the entry nor the setting',
  ask: SIX,
  breakIt: by('sysctl -qw net.ipv6.conf.ra.proxy_ndp=0', 'ip neigh del proxy fd00:1::3 dev ra'),
  narrow: 'ip neighbour add proxy fd00:1::3 dev ra',
});

testCause({
  ...base,
  fault: 'a router has no proxy entry for an IPv4 address behind it',
  ask: FOUR,
  breakIt: by('ip neigh del proxy 10.0.1.3 dev ra'),
  narrow: 'ip neighbour add proxy 10.0.1.3 dev ra',
});

test('neighbour-unresolved: who leads nowhere is not asked to answer for others', async () => {
  await using net = await buildNetwork();
  await behindRouter(net);
  await by('ip neigh del proxy fd00:1::3 dev ra', 'ip -6 route del fd00:1::3/128 dev rb')(net);
  const broken = await ask(SIX);
  expect(
    broken.causes.map(({ id, fixes }) => [id, fixes.length]),
    brief(broken),
  ).toEqual([['neighbour-unresolved', 0]]);
});

testCause({
  fault: 'a router whose own network is the narrower one does not answer for those behind it',
  healthy: async (net) => {
    await net.namespaces('red', 'router', 'blue');
    await net.wire('red/eth0 10.0.0.2/16', 'router/ra 10.0.1.1/24');
    await net.wire('blue/eth0 10.0.2.2/24', 'router/rb 10.0.2.1/24');
    await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.ra.proxy_arp=1');
    await net.run('router', AT_ONCE);
    await net.run('router', 'ip route add 10.0.0.2 dev ra');
    await net.run('blue', 'ip route add default via 10.0.2.1');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run('router', 'sysctl -qw net.ipv4.conf.ra.proxy_arp=0');
    await forgetNeighbours(net, 'red');
  },
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['neighbour-unresolved'],
  at: ['netns:red'],
  narrow: 'ip neighbour add proxy 10.0.2.2 dev ra',
  forget: (net) => forgetNeighbours(net, 'red'),
});
