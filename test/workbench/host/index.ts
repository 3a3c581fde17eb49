import Mocha from 'mocha';
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * VS Code calls this in its extension host. The counts, and what failed, go into a file: the exit status of a killed host says
 * nothing.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 300_000, color: false });
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs')))
    mocha.addFile(join(__dirname, file));
  const only = process.env['HOPLAB_TEST_ONLY'];
  if (only !== undefined) mocha.fgrep(only);
  const failures: { file: string; name: string; message: string }[] = [];
  const counts = await new Promise<{ passed: number; failed: number; skipped: number }>((resolve) => {
    const runner = mocha.run(() => {
      const { passes = 0, failures: failed = 0, pending = 0 } = runner.stats ?? {};
      resolve({ passed: passes, failed, skipped: pending });
    });
    runner.on('fail', (test, error: Error) => {
      const file = basename(test.file ?? '').replace(/\.cjs$/, '.ts');
      failures.push({ file, name: test.fullTitle(), message: error.message });
    });
  });
  const results = process.env['HOPLAB_TEST_RESULTS'];
  if (results !== undefined) writeFileSync(results, JSON.stringify({ ...counts, failures }));
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed`);
}
