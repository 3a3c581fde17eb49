import { execa } from 'execa';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { bridgedPair, testCause } from '../../support/cause-case.ts';
import { serveNames } from '../../support/name-server.ts';
import type { TestNetwork } from '../../support/network.ts';

/** Stands for /etc/resolv.conf while these tests run. */
let file: string;
const resolver = (text: string): Promise<void> => writeFile(file, text);
const SERVED = 'nameserver 10.0.0.3\n';

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
  fault: 'no name server is configured',
  healthy: served,
  breakIt: () => resolver('# nobody to ask\n'),
  ask: askedByName,
  causes: ['no-resolver'],
  at: ['netns:red'],
  mend: () => resolver(SERVED),
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
