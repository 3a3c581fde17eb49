import { execa } from 'execa';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { loadSnapshot } from '../../diagnostics/collect/snapshot-file.ts';
import { walkFlow, type RoundTrip } from '../../diagnostics/simulate/walk.ts';
import { namespaceNamed } from '../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';
import { command, table, time, timing, warm } from './measure.ts';

const HOPLAB = 'dist/cli/hoplab.mjs';
const RUNS = 5;
/** Evaluations that one figure is the mean of. */
const EVALUATIONS = 20;

/** More in one message do not fit into the socket's buffer. */
const BATCH = 200;

type Backend = 'iptables' | 'nft';

/** So many rules before the one that lets the packet pass: none matches, so all of them are looked at. */
async function fill(net: TestNetwork, backend: Backend, count: number): Promise<void> {
  const port = (index: number): number => 10_000 + (index % 50_000);
  const source = (index: number): string => `172.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  if (backend === 'nft')
    await net.run(
      'router',
      'nft -f -',
      'table ip bench { chain forward { type filter hook forward priority 0; }; }',
    );
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => from + index);
    if (backend === 'iptables') {
      const rules = batch.map(
        (it) => `-A FORWARD -s ${source(it)} -p tcp -m tcp --dport ${port(it)} -j DROP`,
      );
      await net.run('router', 'iptables-restore --noflush', ['*filter', ...rules, 'COMMIT', ''].join('\n'));
    } else {
      const rules = batch.map(
        (it) => `add rule ip bench forward ip saddr ${source(it)} tcp dport ${port(it)} drop`,
      );
      await net.run('router', 'nft -f -', rules.join('\n'));
    }
  }
}

/** One question through a router with `count` rules, against the command that lists them. */
async function benchRules(backend: Backend, count: number): Promise<string> {
  await using net = await buildNetwork();
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'router/r0 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/b0 10.0.2.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  console.error(`  … making ${count} rules, ${backend}`);
  await fill(net, backend, count);

  const inRouter = ['nsenter', '--net=/run/netns/router'] as const;
  const list = backend === 'iptables' ? ['iptables-save'] : ['nft', '-j', 'list', 'ruleset'];
  const why = ['why', 'netns:red', '10.0.2.2:80', '--json', '--no-probe'];
  const engine: { collect: number; simulate: number }[] = [];
  const rows = [
    await time(list.join(' '), RUNS, async () => {
      await execa(inRouter[0], [...inRouter.slice(1), ...list]);
    }),
    await time('hoplab why, prediction only', RUNS, async () => {
      const text = await command(process.execPath, HOPLAB, ...why)();
      engine.push((JSON.parse(text) as { timings: (typeof engine)[number] }).timings);
    }),
  ];
  const file = join(tmpdir(), `rules-${backend}-${count}.json`);
  await command(process.execPath, HOPLAB, 'snapshot', '-o', file)();
  const snapshot = await loadSnapshot(file);
  await rm(file);
  const red = namespaceNamed(snapshot, 'netns:red').id;
  const walked = (): RoundTrip =>
    walkFlow(snapshot, {
      from: 'namespace',
      namespace: red,
      destination: '10.0.2.2',
      protocol: 'tcp',
      port: 80,
    });
  const first = performance.now();
  const { forward } = walked();
  const compiled = performance.now() - first;
  // A ruleset that could not be read in time lets everything pass, in doubt: that is no figure.
  if (forward.disposition !== 'delivered' || forward.doubts.length > 0)
    throw new Error([forward.disposition, ...forward.doubts].join(': '));
  const again: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const started = performance.now();
    for (let one = 0; one < EVALUATIONS; one += 1) walked();
    again.push((performance.now() - started) / EVALUATIONS);
  }
  return table(`${count} rules, ${backend}`, [
    ...rows,
    timing(
      '  of it reading and parsing',
      warm(engine).map(({ collect }) => collect),
    ),
    timing(
      '  of it walking',
      warm(engine).map(({ simulate }) => simulate),
    ),
    timing('the first walk, rules compiled on the way', [compiled]),
    timing('one more walk, there and back', again),
  ]);
}

for (const count of process.argv.slice(2).map(Number))
  for (const backend of ['iptables', 'nft'] as const) console.log(`${await benchRules(backend, count)}\n`);
