import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNetwork } from '../support/network.ts';
import { onOneBridge } from './bridged.ts';
import { command, table, time, timeInTurn, timing, warm } from './measure.ts';
import { rawReader } from './raw-facts.ts';

const HOPLAB = 'dist/cli/hoplab.mjs';
const RUNS = 3;
const TURNS = 7;

/** What `hoplab snapshot` reads of each namespace, asked by hand. */
const FACTS = [
  'ip -j -d address',
  'ip -j -4 route show table all',
  'ip -j -6 route show table all',
  'ip -j rule',
  'ip -j neighbour',
  'bridge -j fdb',
  'iptables-save',
  'ip6tables-save',
  'nft -j list ruleset',
  'ss -Hlntu',
  'sysctl -a -r "^net.ipv[46].conf"',
].join('; ');
const FILE = join(tmpdir(), 'bench.json');

/** The figures that `hoplab why --json` reports of itself. */
interface Own {
  readonly timings: { readonly collect: number; readonly simulate: number };
}

/** One question on a machine with `count` namespaces on one bridge, against raw commands and bare process start. */
async function benchNamespaces(count: number): Promise<string> {
  console.error(`  … making ${count} namespaces`);
  await using net = await buildNetwork();
  const names = await onOneBridge(net, count);
  const why = ['why', 'netns:b1', `netns:b${count}`, '--json'];

  const engine: number[] = [];
  const rows = [
    await time(`ip -j -d address in ${count} namespaces, one process each`, RUNS, async () => {
      for (const name of names)
        await command('nsenter', `--net=/run/netns/${name}`, 'ip', '-j', '-d', 'address')();
    }),
    await time('the same facts with one sh per namespace', RUNS, async () => {
      for (const name of names) await command('nsenter', `--net=/run/netns/${name}`, 'sh', '-c', FACTS)();
    }),
    await time('plotnetcfg, which finds all namespaces and links', RUNS, command('plotnetcfg')),
    await time('node alone', RUNS, command(process.execPath, '--eval', '0')),
    await time('hoplab --version', RUNS, command(process.execPath, HOPLAB, '--version')),
    await time('hoplab why, prediction only', RUNS, async () => {
      const answer = JSON.parse(await command(process.execPath, HOPLAB, ...why, '--no-probe')()) as Own;
      engine.push(answer.timings.collect + answer.timings.simulate);
    }),
    await time('hoplab why, with the live probe', RUNS, command(process.execPath, HOPLAB, ...why)),
    await time('hoplab map', RUNS, command(process.execPath, HOPLAB, 'map', '--json')),
  ];
  rows.push(timing('engine alone (collect + simulate), as why reports it', warm(engine)));
  const takeSnapshot = command(process.execPath, HOPLAB, 'snapshot', '-o', FILE);
  await takeSnapshot();
  const read = await rawReader(FILE);
  const compared = await timeInTurn(TURNS, {
    'raw netlink and files, in a process that runs': () => Promise.resolve(read()),
    'hoplab snapshot, all facts of all': takeSnapshot,
  });
  await rm(FILE);
  return [
    table(`${count} namespaces on one bridge`, rows),
    table('Snapshot against raw netlink', compared),
  ].join('\n');
}

for (const count of process.argv.slice(2).map(Number)) console.log(`${await benchNamespaces(count)}\n`);
