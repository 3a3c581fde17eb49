/**
 * `npm run bench`: figures as ratios in one run, on real namespaces and labs. Nothing is asserted.
 *
 * usage: npm run bench [-- PART…]
 */
import { spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { main, NotPrepared, prepare } from './prepare.mjs';

const SANDBOXED = 'test/support/sandboxed.sh';

/** Each part is a program of test/bench; what its figures are taken at. */
const PARTS = {
  namespaces: () => run(SANDBOXED, process.execPath, 'dist/bench/namespaces.mjs', '10', '100', '300', '1000'),
  rules: () => run(SANDBOXED, process.execPath, 'dist/bench/rules.mjs', '100', '1000', '6000', '50000'),
  matrix: () => run(SANDBOXED, process.execPath, 'dist/bench/matrix.mjs', '10', '100'),
  labs: () => run(process.execPath, 'dist/bench/labs.mjs'),
  extension: async () => {
    console.log('The extension');
    const { runHostSuite } = await import('./workbench/host.mjs');
    await runHostSuite('reads no network');
  },
};

function run(file, ...args) {
  const { status } = spawnSync(file, args, { stdio: 'inherit' });
  if (status !== 0) throw new NotPrepared(`"${args.join(' ')}" ended with status ${status}.`);
}

await main(async () => {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined)
    throw new NotPrepared(`No part "${unknown}"; there are ${Object.keys(PARTS).join(', ')}.`);
  prepare(['bench', 'editor']);
  const { build } = await import('esbuild');
  run(process.execPath, '.ci/build.mjs');
  await build({
    entryPoints: ['namespaces', 'rules', 'matrix', 'labs'].map((name) => `test/bench/${name}.ts`),
    outdir: 'dist/bench',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
  });
  // Beside the programs, where what makes test networks looks for it.
  await copyFile('test/support/agent.py', 'dist/bench/agent.py');
  const began = Date.now();
  for (const name of chosen.length === 0 ? Object.keys(PARTS) : chosen) await PARTS[name]();
  console.log(`\nMeasured in ${Math.round((Date.now() - began) / 1000)} s.`);
});
