import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { ask, brief } from '../support/cause-case.ts';
import { expectChinese } from '../support/chinese-report.ts';
import { serveDns } from '../support/dns-server.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';
import { layResolverFiles } from '../support/resolver-files.ts';

/** A name that has addresses of both families: whether one of them is dead, and what a search list made of a name. */
let net: TestNetwork;
let files: Awaited<ReturnType<typeof layResolverFiles>>;

const SERVER = 'nameserver 10.0.0.3\n';
const NAMES = {
  'good.test': ['10.0.0.3', 'fd00::3'],
  'dead-four.test': ['10.0.0.77', 'fd00::3'],
  'dead-six.test': ['10.0.0.3', 'fd00::77'],
  'dead.test': ['10.0.0.77', 'fd00::77'],
  'far-six.test': ['10.0.0.3', 'fd99::1'],
  'far-four.test': ['10.99.0.1', 'fd00::3'],
  'shop.corp.test': ['10.0.0.77'],
};

beforeAll(async () => {
  files = await layResolverFiles();
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.2/24 fd00::2/64', 'blue/eth0 10.0.0.3/24 fd00::3/64');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await serveDns(net, 'blue', { address: '10.0.0.3', names: NAMES });
  await files.write({ resolv: SERVER });
});
afterAll(async () => {
  await net.close();
  await files.close();
});

test.each([
  ['good.test', 'reachable', [], 'good.test has the IPv6 address fd00::3 too, which is reached as well.'],
  [
    'dead-four.test',
    'partial',
    ['neighbour-unresolved 10.0.0.77'],
    'dead-four.test has the IPv6 address fd00::3 too, and that one is reached: a program that tries every address gets through, one that tries only the first may not.',
  ],
  [
    'dead-six.test',
    'partial',
    ['neighbour-unresolved fd00::77'],
    'dead-six.test has the IPv6 address fd00::77 too, and that one is not reached: a program that tries it first has to wait for it, or fails.',
  ],
  [
    'dead.test',
    'unreachable',
    ['neighbour-unresolved 10.0.0.77'],
    'dead.test has the IPv6 address fd00::77 too, and that one is not reached either.',
  ],
  ['far-six.test', 'reachable', [], undefined],
  [
    'far-four.test',
    'reachable',
    [],
    'far-four.test has the IPv4 address 10.99.0.1 too, to which there is no route from here: programs leave it out.',
  ],
])('%s: %s', async (name, verdict, causes, note) => {
  const asked = { from: 'netns:red', to: name, port: 80 };
  const diagnosis = await ask(asked);
  expect(diagnosis.verdict, brief(diagnosis)).toBe(verdict);
  expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
  expect(diagnosis.causes.map(({ id, params }) => `${id} ${params['address']}`)).toEqual(causes);
  expect(diagnosis.notes, brief(diagnosis)).toEqual(note === undefined ? [] : [note]);
  expectChinese(await ask(asked, true, openMachine(), 'zh-cn'));
});

test('a name that the search list made leads to nobody', async () => {
  await files.write({ resolv: `${SERVER}search corp.test\n` });
  const asked = { from: 'netns:red', to: 'shop', port: 80 };
  const diagnosis = await ask(asked);
  expect(diagnosis.causes.map(({ id }) => id)).toEqual(['neighbour-unresolved']);
  expect(diagnosis.notes).toEqual([
    '10.0.0.77 is the address of shop.corp.test, which the “search” line of resolv.conf has made of shop. If something else is meant, write its whole name with a dot at the end.',
  ]);
  expectChinese(await ask(asked, true, openMachine(), 'zh-cn'));
  await files.write({ resolv: SERVER });
});
