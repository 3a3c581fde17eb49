import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { serveDns } from '../../support/dns-server.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { bridgedPair } from '../../support/pairs.ts';
import { layResolverFiles } from '../../support/resolver-files.ts';

let files: Awaited<ReturnType<typeof layResolverFiles>>;
beforeAll(async () => {
  files = await layResolverFiles();
});
afterAll(() => files.close());

const SERVED = 'nameserver 10.0.0.3\n';
const ASKED = { from: 'netns:red', to: 'shop:80' };

/** red and blue on a bridge; blue serves the shop, and the names. */
const served =
  (names: Readonly<Record<string, readonly string[]>> = { shop: ['10.0.0.3'] }) =>
  async (net: TestNetwork): Promise<void> => {
    await files.write({ resolv: SERVED });
    await bridgedPair(net);
    await serveDns(net, 'blue', { address: '10.0.0.3', names });
  };

testCause({
  fault: 'a forgotten line of /etc/hosts sends the name to a machine that is gone',
  healthy: served(),
  breakIt: () => files.write({ resolv: SERVED, hosts: '127.0.0.1 localhost\n10.0.0.77 shop\n' }),
  ask: ASKED,
  causes: ['hosts-file-override'],
  live: true,
  at: ['netns:red'],
});

testCause({
  fault: 'and the machine that name servers know rejects as well',
  healthy: served(),
  breakIt: async (net) => {
    await files.write({ resolv: SERVED, hosts: '127.0.0.1 localhost\n10.0.0.77 shop\n' });
    await net.run('blue', 'iptables -A INPUT -p tcp --dport 80 -j REJECT');
  },
  ask: ASKED,
  causes: ['hosts-file-override', 'filter-reject'],
  live: true,
  at: ['netns:red', 'netns:blue'],
});

testCause({
  fault: 'the line names others too, which stay',
  healthy: served(),
  breakIt: () => files.write({ resolv: SERVED, hosts: '# test\n10.0.0.2 red shop.example SHOP\n' }),
  ask: ASKED,
  causes: ['hosts-file-override'],
  live: true,
});

test('the fix of a named namespace’s hosts file leaves the host’s own as it is', async () => {
  await using net = await buildNetwork();
  await served()(net);
  await files.write({ resolv: SERVED, hosts: '10.0.0.77 shop\n' });
  const diagnosis = await ask(ASKED);
  expect(diagnosis.causes[0]?.fixes[0]?.steps.map(({ argv }) => argv.join(' '))).toEqual([
    'mkdir -p -- /etc/netns/red',
    'sed -n -e 1d -e w /etc/netns/red/hosts -- /etc/hosts',
  ]);
  const own = await ask({ ...ASKED, from: 'host' });
  expect(own.causes.map(({ id }) => id)).toEqual(['hosts-file-override']);
  expect(own.causes[0]?.fixes[0]?.steps.map(({ argv }) => argv.join(' '))).toEqual([
    'cp -- /etc/hosts /etc/hosts.before-hoplab',
    'sed -n -e 1d -e w /etc/hosts -- /etc/hosts.before-hoplab',
  ]);
  expect(await readFile('/etc/hosts', 'utf8')).toBe('10.0.0.77 shop\n');
});

test('a line of /etc/hosts that says the same as DNS is not what is wrong', async () => {
  await using net = await buildNetwork();
  await served()(net);
  await files.write({ resolv: SERVED, hosts: '10.0.0.3 shop\n' });
  const diagnosis = await ask({ ...ASKED, to: 'shop:81' });
  expect(
    diagnosis.causes.map(({ id }) => id),
    brief(diagnosis),
  ).toEqual(['no-listener']);
});

testCause({
  fault: 'a wildcard of the search domain takes the name away',
  healthy: served({ shop: ['10.0.0.3'], '*.corp.test': ['10.0.0.99'] }),
  breakIt: () => files.write({ resolv: `${SERVED}search corp.test\n` }),
  ask: ASKED,
  causes: ['search-domain'],
  live: true,
  at: ['netns:red'],
});

testCause({
  fault: 'ndots:5 sends a name with dots through the search list first',
  healthy: served({ 'shop.prod': ['10.0.0.3'], '*.cluster.test': ['10.0.0.99'] }),
  breakIt: () => files.write({ resolv: `${SERVED}search cluster.test\noptions ndots:5\n` }),
  ask: { from: 'netns:red', to: 'shop.prod:80' },
  causes: ['search-domain'],
  live: true,
});

testCause({
  fault: 'the host’s stub resolver is named in a namespace that has another loopback',
  healthy: served(),
  breakIt: async (net) => {
    await net.run('host', 'mkdir -p /run/systemd/resolve');
    await net.run('host', ['sh', '-c', `echo 'nameserver 10.0.0.3' > /run/systemd/resolve/resolv.conf`]);
    await files.write({ resolv: 'nameserver 127.0.0.53\noptions edns0\n' });
  },
  ask: ASKED,
  causes: ['stub-resolver-in-container'],
  live: true,
  at: ['netns:red'],
});

test('a stub that runs in this very namespace is asked like any other server', async () => {
  await using net = await buildNetwork();
  await served()(net);
  await serveDns(net, 'red', { address: '127.0.0.53', names: { shop: ['10.0.0.3'] } });
  await files.write({ resolv: 'nameserver 127.0.0.53\n' });
  const healthy = await ask(ASKED);
  expect([healthy.verdict, healthy.causes], brief(healthy)).toEqual(['reachable', []]);
  const unknown = await ask({ ...ASKED, to: 'nobody:80' });
  expect(unknown.causes.map(({ id }) => id)).toEqual(['name-not-known']);
});
