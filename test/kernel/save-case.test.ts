import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { hoplab } from '../support/command-line.ts';
import { buildNetwork } from '../support/network.ts';

test('a saved case holds question, answer and facts, and is asked again without words', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.1/24', 'blue/eth0 10.0.0.2/24');
  await net.run('blue', 'iptables -A INPUT -p tcp --dport 80 -j DROP');
  const file = join(await mkdtemp(join(tmpdir(), 'case-')), 'case.json');

  const saved = await hoplab(['why', 'netns:red', 'netns:blue:80', '--json', '--save-case', file]);
  expect(saved.status).toBe(1);
  expect(saved.stderr).toContain('Look before you publish it');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const then = JSON.parse(saved.stdout) as Diagnosis;
  expect(then.probe).toMatchObject({ outcome: 'timeout', agrees: true });

  const replayed = await hoplab(['why', '--from-snapshot', file, '--json']);
  const now = JSON.parse(replayed.stdout) as Diagnosis;
  expect(replayed.status).toBe(1);
  expect(now.flow).toEqual(then.flow);
  expect(now.causes).toEqual(then.causes);
  expect(now.legs).toEqual(then.legs);

  const other = await hoplab(['why', 'netns:blue', 'netns:red', '--from-snapshot', file]);
  expect(other.status).toBe(0);
  const plain = join(file, '..', 'plain.json');
  await hoplab(['snapshot', '-o', plain]);
  expect((await hoplab(['why', '--from-snapshot', plain])).status).toBe(64);
  expect((await hoplab(['why', 'host', '127.0.0.1', '--apply', '--save-case', file])).status).toBe(64);
});

test('a disk that is full takes no case, and keeps the one that it has', async () => {
  await using net = await buildNetwork();
  const disk = await mkdtemp(join(tmpdir(), 'disk-'));
  await net.run('host', `mount -t tmpfs -o size=8k small ${disk}`);
  const file = join(disk, 'case.json');
  await writeFile(file, 'what was there');
  const refused = await hoplab(['snapshot', '-o', file]);
  expect(refused).toMatchObject({ status: 64, stderr: expect.stringContaining('no space left') as unknown });
  expect(await readFile(file, 'utf8')).toBe('what was there');
  expect(await readdir(disk)).toEqual(['case.json']);
  await net.run('host', `umount ${disk}`);
});
