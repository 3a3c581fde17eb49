import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { loadSnapshot } from '../../diagnostics/collect/snapshot-file.ts';
import { takeSnapshot } from '../../diagnostics/collect/take-snapshot.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { hoplab } from '../support/command-line.ts';
import { namespaceNamed, value } from '../support/facts.ts';
import { buildNetwork } from '../support/network.ts';

test('a snapshot of everything replays from its file as it was, and holds no secrets', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.1/24', 'blue/eth0 10.0.0.2/24');
  await net.wire('blue/p0', 'red/p1');
  await net.bridge('blue/br0 10.1.0.1/24', 'p0');
  await net.run('blue', 'ip link add vx type vxlan id 7 remote 10.0.0.1 dstport 4789 dev eth0');
  await net.run('blue', 'ip rule add fwmark 1 iif eth0 ipproto udp dport 53 lookup 100');
  await net.run(
    'blue',
    'iptables -A INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -m comment --comment hi -j REJECT',
  );
  await net.run(
    'blue',
    'iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.1.0.2:80',
  );
  await net.run('red', [
    'nft',
    'add table inet own; add set inet own allowed { type ipv4_addr; elements = { 10.0.0.2 } }; add chain inet own in { type filter hook input priority 0; policy drop; }; add rule inet own in ip saddr @allowed tcp dport { 80, 443 } accept',
  ]);
  await net.run('red', 'iptables-legacy -A FORWARD -j DROP');
  await net.listen('red', { protocol: 'tcp', port: 80, address: '::' });
  await net.run('blue', 'busybox nc -w 1 10.0.0.1 80', 'hello');
  process.env['SECRET_OF_THE_TEST'] = 'do-not-tell-4711';
  await net.spawn('red', ['sh', '-c', 'exec sleep infinity # do-not-tell-4711']);

  const taken = await takeSnapshot(createLiveSource(openMachine()));
  const file = join(await mkdtemp(join(tmpdir(), 'snapshot-')), 'file.json');
  const text = JSON.stringify(taken);
  await writeFile(file, text);

  expect(await loadSnapshot(file)).toEqual(JSON.parse(text));
  expect(text).not.toContain('do-not-tell-4711');
  const rulesets = ['netns:red', 'netns:blue'].map((name) =>
    value(namespaceNamed(taken, name).facts.ruleset),
  );
  expect(rulesets.flatMap(({ unknowns }) => unknowns)).toEqual([]);
  expect(rulesets.map(({ tables }) => tables.map(({ backend, name }) => `${backend} ${name}`))).toEqual([
    ['nft own', 'legacy filter'],
    ['iptables-nft filter', 'iptables-nft nat'],
  ]);
});

test('a snapshot goes to standard output where that is asked for, and into no file of that name', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red');
  const { status, stdout } = await hoplab(['snapshot', '--output', '-']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\{"schema":1,[^\n]*"netns","name":"red"[^\n]*\}\n$/);
  expect(existsSync('-')).toBe(false);
});
