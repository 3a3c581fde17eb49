/**
 * Builds and packs the extension as users get it.
 *
 * usage: node .ci/package.mjs [FILE]      FILE: hoplab.vsix in the project's folder, if not given
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main, run } from './prepare.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export function packageExtension(file) {
  if (!process.env.HOPLAB_BUILT) run('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  const options = ['--no-dependencies', '--allow-missing-repository', '--readme-path', 'extension/about.md'];
  run('npx', ['vsce', 'package', ...options, '--out', file], { cwd: ROOT, quiet: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await main(() => packageExtension(resolve(process.argv[2] ?? join(ROOT, 'hoplab.vsix'))));
