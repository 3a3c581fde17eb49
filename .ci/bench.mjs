/** `npm run bench`: figures as ratios in one run, on real namespaces and labs. Nothing is asserted. */
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

prepare(['bench', 'editor']);
const { build } = await import('esbuild');

const run = (file, ...args) => {
  const { status } = spawnSync(file, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run(process.execPath, '.ci/build.mjs');
await build({
  entryPoints: [
    'test/bench/namespaces.ts',
    'test/bench/rules.ts',
    'test/bench/matrix.ts',
    'test/bench/labs.ts',
  ],
  outdir: 'dist/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
});
run('test/support/sandboxed.sh', process.execPath, 'dist/bench/namespaces.mjs', '10', '100', '300', '1000');
run('test/support/sandboxed.sh', process.execPath, 'dist/bench/rules.mjs', '100', '1000', '6000', '50000');
run('test/support/sandboxed.sh', process.execPath, 'dist/bench/matrix.mjs', '10', '100');
run(process.execPath, 'dist/bench/labs.mjs');
console.log('The extension');
const { runHostSuite } = await import('./workbench/host.mjs');
await runHostSuite('reads no network');
