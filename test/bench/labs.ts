import { command, table, time, timing } from './measure.ts';

const HOPLAB = 'dist/cli/hoplab.mjs';
const RUNS = 5;

const hoplab = (...args: readonly string[]) => command(process.execPath, HOPLAB, ...args);

/** Mininet's three hosts, in a sandbox of the same kind as a lab's; it starts and stops in one command. */
const mininet = command(
  'test/support/sandboxed.sh',
  'mn',
  ...['--topo', 'linear,3', '--switch', 'lxbr', '--controller', 'none', '--test', 'none'],
);

const start: number[] = [];
const stop: number[] = [];
const both: number[] = [];
for (let run = 0; run <= RUNS; run += 1) {
  console.error('  … hoplab lab start, lab stop');
  const began = performance.now();
  await hoplab('lab', 'start', 'router', '--json')();
  const running = performance.now();
  await hoplab('lab', 'stop', '--all')();
  if (run === 0) continue;
  start.push(running - began);
  stop.push(performance.now() - running);
  both.push(performance.now() - began);
}

console.log(
  table('A lab of three nodes, each time a sandbox of its own', [
    await time('mininet linear,3: start and stop', RUNS, mininet),
    timing('hoplab lab start router, then stop', both),
    timing('  of it: lab start, until its checks are answered', start),
    timing('  of it: lab stop, until nothing is left', stop),
    await time('hoplab --version: one process start', RUNS, hoplab('--version')),
  ]),
);
