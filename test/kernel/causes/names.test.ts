import { execa } from 'execa';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { serveNames } from '../../support/name-server.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { bridgedPair } from '../../support/pairs.ts';

/** Stands for /etc/resolv.conf while these tests run. */
let file: string;
const resolver = (text: string): Promise<void> => writeFile(file, text);
/** Silence is waited out often here. */
const PATIENCE = 'options timeout:1\n';
const SERVED = `${PATIENCE}nameserver 10.0.0.3\n`;

beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'resolver-')), 'resolv.conf');
  await resolver(SERVED);
  await execa('mount', ['--bind', file, '/etc/resolv.conf']);
});
afterAll(() => execa('umount', ['/etc/resolv.conf']));

const served = async (net: TestNetwork): Promise<void> => {
  await bridgedPair(net);
  await serveNames(net, 'blue', '10.0.0.3', { shop: '10.0.0.3' });
};
const askedByName = { from: 'netns:red', to: 'shop:80' };

testCause({
  fault: 'what is written as name server is no address, and is passed over',
  healthy: served,
  breakIt: () => resolver(`${PATIENCE}nameserver ten.0.0.3\n`),
  ask: askedByName,
  causes: ['no-resolver'],
  at: ['netns:red'],
  mend: () => resolver(SERVED),
});

testCause({
  fault: 'no name server is configured',
  healthy: served,
  breakIt: () => resolver('# nobody to ask\n'),
  ask: askedByName,
  causes: ['no-resolver'],
  at: ['netns:red'],
  mend: () => resolver(SERVED),
});

test('a name that is blocked with the address of nobody leads to the asker itself, and that is told', async () => {
  await using net = await buildNetwork();
  await bridgedPair(net);
  await serveNames(net, 'blue', '10.0.0.3', { ads: '0.0.0.0' });
  const blocked = await ask({ from: 'netns:red', to: 'ads:80' });
  expect(blocked.verdict, brief(blocked)).toBe('unreachable');
  expect(blocked.probe.agrees, brief(blocked)).toBe(true);
  expect(blocked.causes.map(({ id, namespace }) => [id, namespace])).toEqual([['no-listener', 'netns:red']]);
  expect(blocked.notes.join(' ')).toContain('gives ads the address 0.0.0.0, which is nobody');
  await net.listen('red', { protocol: 'tcp', port: 80 });
  const own = await ask({ from: 'netns:red', to: 'ads:80' });
  expect(own.verdict, brief(own)).toBe('reachable');
  expect(own.probe.agrees, brief(own)).toBe(true);
});

test('name-not-known: the first server says no, and the second, which knows the name, is not asked', async () => {
  await using net = await buildNetwork();
  await served(net);
  await net.run('blue', 'ip address add 10.0.0.53/24 dev eth0');
  await serveNames(net, 'blue', '10.0.0.53', {});
  await resolver(`${PATIENCE}nameserver 10.0.0.3\nnameserver 10.0.0.53\n`);
  expect((await ask(askedByName)).verdict).toBe('reachable');
  await resolver(`${PATIENCE}nameserver 10.0.0.53\nnameserver 10.0.0.3\n`);
  const broken = await ask(askedByName);
  await resolver(SERVED);
  expect(broken.causes.map(({ id }) => id)).toEqual(['name-not-known']);
  expect(broken.causes[0]?.explanation).toContain('10.0.0.3 stands in resolv.conf too and was not asked');
});

testCause({
  fault: 'the name server is not there',
  healthy: served,
  breakIt: () => resolver('nameserver 10.0.0.2\n'),
  ask: askedByName,
  causes: ['resolver-unreachable'],
  at: ['netns:red'],
  mend: () => resolver(SERVED),
});

testCause({
  fault: 'a firewall lets nothing through to the name server: the rule is named, and mended',
  healthy: served,
  breakIt: async (net) => {
    await net.run('blue', 'iptables -A INPUT -p udp --dport 53 -j DROP');
  },
  ask: askedByName,
  causes: ['resolver-unreachable'],
  at: ['netns:blue'],
  live: true,
});

testCause({
  fault: 'the name server’s answers are stopped, the second thing wrong comes to light with the first',
  healthy: served,
  breakIt: async (net) => {
    await net.run('blue', 'iptables -A INPUT -p udp --dport 53 -j DROP');
    await net.run('red', 'iptables -A INPUT -p udp --sport 53 -j DROP');
  },
  ask: askedByName,
  causes: ['resolver-unreachable', 'resolver-unreachable'],
  at: ['netns:blue', 'netns:red'],
  live: true,
});

testCause({
  fault: 'the answer does not fit into a datagram, and a firewall stops TCP',
  healthy: async (net) => {
    await resolver(SERVED);
    await bridgedPair(net);
    await serveNames(net, 'blue', '10.0.0.3', { shop: '10.0.0.3' }, 'by-tcp');
  },
  breakIt: async (net) => {
    await net.run('blue', 'iptables -A INPUT -p tcp --dport 53 -j REJECT');
  },
  ask: askedByName,
  causes: ['resolver-unreachable'],
  at: ['netns:blue'],
  live: true,
});

test('resolver-unreachable: a server that answers that it cannot tell has been reached', async () => {
  await using net = await buildNetwork();
  await bridgedPair(net);
  await serveNames(net, 'blue', '10.0.0.3', {}, 'failing');
  const { causes, legs } = await ask(askedByName);
  expect(causes.map(({ id, params, fixes }) => [id, params['server'], fixes])).toEqual([
    ['resolver-unreachable', null, []],
  ]);
  expect(causes[0]?.explanation).toContain('SERVFAIL');
  expect(legs.map(({ forward }) => forward.disposition)).toEqual(['delivered']);
});

test('a name server that does not answer is waited for before the one that does: a note says so', async () => {
  await using net = await buildNetwork();
  await served(net);
  await resolver(`${PATIENCE}nameserver 10.0.0.77\nnameserver 10.0.0.3\n`);
  const slow = await ask(askedByName);
  await resolver(SERVED);
  const quick = await ask(askedByName);
  expect([slow.verdict, quick.verdict]).toEqual(['reachable', 'reachable']);
  expect(slow.notes.filter((note) => /10\.0\.0\.77.*1 second\b.*10\.0\.0\.3/.test(note))).toHaveLength(1);
  expect(quick.notes.filter((note) => note.includes('second'))).toEqual([]);
});

test('resolver-unreachable: of two name servers that are silent the one is explained that can be mended', async () => {
  await using net = await buildNetwork();
  await served(net);
  await net.run('blue', 'iptables -A INPUT -p udp --dport 53 -j DROP');
  await resolver(`${PATIENCE}nameserver 10.0.0.77\nnameserver 10.0.0.3\n`);
  const { causes } = await ask(askedByName);
  await resolver(SERVED);
  expect(causes.map(({ id, namespace, fixes }) => [id, namespace, fixes[0]?.proven])).toEqual([
    ['resolver-unreachable', 'netns:blue', true],
  ]);
});

test('on paper a server that no question gets to says nothing: the same cause without asking', async () => {
  await using net = await buildNetwork();
  await served(net);
  await net.run('blue', 'iptables -A INPUT -p udp --dport 53 -j DROP');
  const { causes, probe, verdict } = await ask(askedByName, false);
  expect([verdict, probe.agrees]).toEqual(['unreachable', null]);
  expect(causes.map(({ id, namespace, fixes }) => [id, namespace, fixes[0]?.proven])).toEqual([
    ['resolver-unreachable', 'netns:blue', true],
  ]);
});
