import { buildNetwork } from '../support/network.ts';
import { onOneBridge } from './bridged.ts';
import { command, table, time, timing } from './measure.ts';

const HOPLAB = 'dist/cli/hoplab.mjs';
const RUNS = 7;

/** The figures that `hoplab why --json` reports of itself. */
interface Own {
  readonly timings: { readonly collect: number; readonly simulate: number };
}

/** One question on a machine with `count` namespaces on one bridge, against raw commands and bare process start. */
async function benchNamespaces(count: number): Promise<string> {
  await using net = await buildNetwork();
  const names = await onOneBridge(net, count);
  const why = ['why', 'netns:b1', `netns:b${count}`, '--json'];

  const engine: number[] = [];
  const rows = [
    await time(`ip -j -d address in ${count} namespaces, one process each`, RUNS, async () => {
      for (const name of names)
        await command('nsenter', `--net=/run/netns/${name}`, 'ip', '-j', '-d', 'address')();
    }),
    await time('node alone', RUNS, command(process.execPath, '--eval', '0')),
    await time('hoplab --version', RUNS, command(process.execPath, HOPLAB, '--version')),
    await time('hoplab why, prediction only', RUNS, async () => {
      const answer = JSON.parse(await command(process.execPath, HOPLAB, ...why, '--no-probe')()) as Own;
      engine.push(answer.timings.collect + answer.timings.simulate);
    }),
    await time('hoplab why, with the live probe', RUNS, command(process.execPath, HOPLAB, ...why)),
    await time('hoplab map', RUNS, command(process.execPath, HOPLAB, 'map', '--json')),
  ];
  rows.push(timing('engine alone (collect + simulate), as why reports it', engine.slice(1)));
  return table(`${count} namespaces on one bridge`, rows);
}

for (const count of process.argv.slice(2).map(Number)) console.log(`${await benchNamespaces(count)}\n`);
