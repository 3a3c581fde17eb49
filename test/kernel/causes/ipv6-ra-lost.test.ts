import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { namespaceNamed, snapshotOf, value } from '../../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** Announces a prefix and itself, with an MTU and a hop limit, so that a network of our own shows all effects. */
const ADVERTISED = `
interface ra {
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  AdvLinkMTU 1400;
  AdvCurHopLimit 33;
  prefix fd01::/64 { };
};
`;

/** node – router – far: the router advertises itself to node, which has nothing but what it is told. */
async function advertised(net: TestNetwork): Promise<void> {
  await net.namespaces('node', 'router', 'far');
  await net.wire('router/ra fd01::1/64', 'node/eth0');
  await net.wire('router/rb fd02::1/64', 'far/eth0 fd02::2/64');
  await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.run('far', 'ip route add default via fd02::1');
  await net.listen('far', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('node', { protocol: 'tcp', port: 80, address: '::' });
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-radvd-'));
  const file = join(folder, 'radvd.conf');
  await writeFile(file, ADVERTISED);
  await net.spawn('router', ['radvd', '-n', '-m', 'stderr', '-C', file, '-p', join(folder, 'pid')]);
  await told(net);
}

/** Until node has an address of its own that others may use, and a default route. */
async function told(net: TestNetwork): Promise<void> {
  const state = async (): Promise<string> =>
    `${await net.run('node', 'ip -6 route show default')}\n${await net.run('node', 'ip -6 address show dev eth0')}`;
  await expect
    .poll(state, { interval: 100 })
    .toMatch(/proto ra[^]*fd01::\S+\/64 scope global (?!.*tentative)/);
}

/** As an engine does that starts on this machine. */
const becomesRouter = async (net: TestNetwork): Promise<void> => {
  await net.run('node', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
};

/** What came from advertisements while they were listened to. */
const forget = async (net: TestNetwork): Promise<void> => {
  await net.run('node', 'ip -6 route flush default');
};

testCause({
  fault: 'a machine that forwards listens to no router any more',
  healthy: advertised,
  breakIt: becomesRouter,
  ask: { from: 'netns:node', to: '[fd02::2]:80' },
  causes: ['ipv6-ra-lost'],
  at: ['netns:node'],
  forget,
});

testCause({
  fault: 'on the way of an answer',
  healthy: advertised,
  breakIt: becomesRouter,
  ask: { from: 'netns:far', to: 'netns:node:80' },
  causes: ['ipv6-ra-lost'],
  at: ['netns:node'],
  forget,
});

test('a router that was told to listen all the same keeps its default route: no cause', async () => {
  await using net = await buildNetwork();
  await advertised(net);
  await net.run('node', 'sysctl -qw net.ipv6.conf.eth0.accept_ra=2');
  await becomesRouter(net);
  const answer = await ask({ from: 'netns:node', to: '[fd02::2]:80' });
  expect(answer.verdict, brief(answer)).toBe('reachable');
  expect(answer.causes).toEqual([]);
});

test('without a route that advertisements gave, a missing one is a missing one', async () => {
  await using net = await buildNetwork();
  await net.namespaces('node', 'router', 'far');
  await net.wire('router/ra fd01::1/64', 'node/eth0 fd01::2/64');
  await net.wire('router/rb fd02::1/64', 'far/eth0 fd02::2/64');
  for (const name of ['router', 'node']) await net.run(name, 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  const answer = await ask({ from: 'netns:node', to: '[fd02::2]:80' });
  expect(
    answer.causes.map(({ id }) => id),
    brief(answer),
  ).toContain('no-route');
});

test('what an advertisement says is read: route, MTU and hop limit; and packets go by it', async () => {
  await using net = await buildNetwork();
  await advertised(net);
  const snapshot = await snapshotOf(createLiveSource(openMachine()), ['links', 'routes', 'sysctls']);
  const { facts } = namespaceNamed(snapshot, 'netns:node');
  const route = value(facts.routes).find(
    ({ family, destination }) => family === 6 && destination.length === 0,
  );
  expect(route).toMatchObject({ protocol: 'ra', metric: 1024 });
  expect(value(facts.sysctls)['net/ipv6/conf/eth0/mtu']).toBe('1400');
  const answer = await ask({ from: 'netns:node', to: '[fd02::2]:80' });
  const [leg] = answer.legs;
  const sent = leg?.forward.hops[0]?.steps.find((step) => step.kind === 'send');
  expect(sent?.kind === 'send' ? [sent.packet.ttl, sent.packet.mss] : null).toEqual([33, 1340]);
  expect(answer.probe.agrees, brief(answer)).toBe(true);
});
