import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { readFileBelow } from '../../diagnostics/host/guarded-file.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { topologyOf } from '../../diagnostics/model/topology-of.ts';
import { namespaceNamed, snapshotOf, value } from '../support/facts.ts';
import { buildNetwork } from '../support/network.ts';

/** Names that a terminal, a browser, a shell or Markdown would obey. */
const HOSTILE = [
  '\u001b[31mred',
  '<img src=x onerror=alert(1)>'.replaceAll('/', ''),
  '$(reboot);`id`|&',
  '[click](command:x)',
  '--help',
  'two words\ttab',
  '$(zap)',
  '\u202egnp.exe',
];

test.each(HOSTILE)('a namespace named %j is data', async (name) => {
  await using net = await buildNetwork();
  await net.namespaces('plain');
  await net.wire('plain/eth0 10.0.0.1/24', 'host/peer');
  await net.rename('plain', name);
  const snapshot = await snapshotOf(createLiveSource(openMachine()), ['links', 'routes', 'resolver']);
  const found = namespaceNamed(snapshot, `netns:${name}`);
  expect(value(found.facts.links).map((link) => link.name)).toEqual(['lo', 'eth0']);
  expect(value(found.facts.resolver).nameservers).not.toEqual([]);
  const node = topologyOf(snapshot).nodes.find(({ endpoint }) => endpoint === `netns:${name}`);
  expect(displayText(node?.label ?? '')).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test('an interface, and a process, may be named to deceive', async () => {
  await using net = await buildNetwork();
  await net.namespaces('inside');
  await net.wire('inside/eth0', 'host/peer');
  const name = `$(i)'"\\<\u001b[m`;
  await net.run('inside', ['ip', 'link', 'set', 'dev', 'eth0', 'name', name]);
  await net.run('inside', ['sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=2']);
  const server = await net.listen('inside', {
    ...{ protocol: 'tcp', port: 80, address: '::' },
    name: 'a",pid=1,fd=2))',
  });
  const snapshot = await snapshotOf(createLiveSource(openMachine()), ['links', 'sysctls', 'sockets']);
  const { facts } = namespaceNamed(snapshot, 'netns:inside');
  expect(value(facts.links)[1]?.name).toBe(name);
  expect(value(facts.sysctls)[`net/ipv4/conf/${name}/rp_filter`]).toBeDefined();
  const [socket] = value(facts.sockets);
  expect(socket).toMatchObject({ port: 80, v6only: false, address: '::' });
  expect(socket?.process?.pid).toBe(server.pid);
});

test("a container's files cannot lead out of its root, block, or fill the memory", async () => {
  await using net = await buildNetwork();
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  const etc = join(root, 'etc');
  await mkdir(etc);
  await writeFile(join(root, 'inner'), 'inner');
  await writeFile(`${root}-secret`, 'outside');
  await symlink('/inner', join(etc, 'absolute'));
  await symlink('../../../../../../inner', join(etc, 'above'));
  await symlink(`${root}-secret`, join(etc, 'escape'));
  await symlink(`../../${root.split('/').at(-1) ?? ''}-secret`, join(etc, 'sideways'));
  await symlink('loop', join(etc, 'loop'));
  await symlink('/proc/self/environ', join(etc, 'proc'));
  await mkdir(join(etc, 'directory'));
  await writeFile(join(etc, 'large'), '');
  await truncate(join(etc, 'large'), 1e9);
  await net.run('host', ['mkfifo', join(etc, 'pipe')]);
  const read = async (name: string): Promise<string> => {
    const answer = await readFileBelow(root, `/etc/${name}`);
    return answer.state === 'read' ? answer.text : answer.state;
  };
  expect(await read('absolute')).toBe('inner');
  expect(await read('above')).toBe('inner');
  for (const name of ['escape', 'sideways', 'proc', 'missing']) expect(await read(name)).toBe('absent');
  for (const name of ['loop', 'directory', 'large', 'pipe']) expect(await read(name)).toBe('refused');
  expect(await readFile(`${root}-secret`, 'utf8')).toBe('outside');
  await rm(root, { recursive: true });
  await rm(`${root}-secret`);
});
