import { command, table, time, timing } from './measure.ts';

const HOPLAB = 'dist/cli/hoplab.mjs';
const RUNS = 5;

const hoplab = (...args: readonly string[]) => command(process.execPath, HOPLAB, ...args);

/** Mininet's three nodes, in a sandbox of the same kind as a lab's. */
const mininet = command(
  'test/support/sandboxed.sh',
  'mn',
  ...['--topo', 'linear,3', '--switch', 'lxbr', '--controller', 'none', '--test', 'none'],
);

const start: number[] = [];
const stop: number[] = [];
for (let run = 0; run <= RUNS; run += 1) {
  const began = performance.now();
  await hoplab('lab', 'start', 'router', '--json')();
  const running = performance.now();
  await hoplab('lab', 'stop', '--all')();
  if (run === 0) continue;
  start.push(running - began);
  stop.push(performance.now() - running);
}

console.log(
  table('A lab of three nodes', [
    await time('mininet linear,3: start and stop, in a sandbox', RUNS, mininet),
    timing('hoplab lab start router', start),
    timing('hoplab lab stop', stop),
  ]),
);
