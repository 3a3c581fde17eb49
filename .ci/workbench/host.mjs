/**
 * Runs test/workbench/host/ in an extension host: in desktop VS Code where one can be had and shown, else in code-server.
 * A killed extension host ends with status 0, so only the counts that the suite itself wrote are believed.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { build, stop } from 'esbuild';
import { failureLine } from '../test/failure.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUITE = join(ROOT, 'test/workbench/host');
const OUTPUT = join(ROOT, '.vscode-test/host');

/**
 * @param {string} [only] a part of the names of the tests to run; all, if not given
 * @returns {Promise<{ passed: number, failed: number, skipped: number, failures: string[] }>} `failures`: each in a line
 */
export async function runHostSuite(only) {
  rmSync(OUTPUT, { recursive: true, force: true });
  await build({
    entryPoints: readdirSync(SUITE)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(SUITE, file)),
    outdir: OUTPUT,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
    sourcemap: 'inline',
  });
  await stop();
  const directory = mkdtempSync(join(tmpdir(), 'hl-'));
  const results = join(directory, 'results.json');
  try {
    const failure = await runTests({
      vscodeExecutablePath: await executable(),
      extensionDevelopmentPath: ROOT,
      extensionTestsPath: join(OUTPUT, 'index.cjs'),
      launchArgs: [directory],
      extensionTestsEnv: {
        HOPLAB_TEST_RESULTS: results,
        ...(only === undefined ? {} : { HOPLAB_TEST_ONLY: only }),
        // No lab of the user's is seen, and none of ours is left where the user looks.
        HOPLAB_RUNTIME_DIR: join(directory, 'run'),
        HOPLAB_STATE_DIR: join(directory, 'state'),
      },
    }).then(
      () => undefined,
      (error) => error,
    );
    const counts = read(results);
    if (counts === undefined || counts.passed === 0) {
      const without = `The extension host ended without results${failure ? `: ${failure.message}` : ''}.`;
      console.error(without);
      return {
        passed: 0,
        failed: Math.max(1, counts?.failed ?? 0),
        skipped: 0,
        failures: counts?.failures ?? [without],
      };
    }
    if (!failure || counts.failed > 0) return counts;
    return { ...counts, failed: 1, failures: [`after the last test: ${failure.message}`] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function executable() {
  const standIn = fileURLToPath(new URL('code.mjs', import.meta.url));
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY && process.platform === 'linux') return standIn;
  return downloadAndUnzipVSCode({ version: 'stable', cachePath: join(ROOT, '.vscode-test') }).catch(
    () => standIn,
  );
}

function read(file) {
  try {
    const { failures, ...counts } = JSON.parse(readFileSync(file, 'utf8'));
    return {
      ...counts,
      failures: failures.map((one) =>
        failureLine(join(relative(ROOT, SUITE), one.file), one.name, one.message),
      ),
    };
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed, skipped } = await runHostSuite();
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}
