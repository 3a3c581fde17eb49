/**
 * `npm run demo`: makes a fresh clone ready, builds the command line tool, and becomes `hoplab demo`.
 *
 * usage: npm run demo [-- OPTION…]      the options of `hoplab demo`: see npm run demo -- --help
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { main, prepare, run } from './prepare.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOPLAB = join(ROOT, 'dist/cli/hoplab.mjs');

await main(async () => {
  prepare();
  run(process.execPath, [join(ROOT, '.ci/build.mjs'), '--only', 'cli'], { cwd: ROOT });
  // In this process: what ends it (Ctrl-C, kill) ends the demo.
  process.argv = [process.execPath, HOPLAB, 'demo', ...process.argv.slice(2)];
  await import(pathToFileURL(HOPLAB).href);
});
