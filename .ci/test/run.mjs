/** Runs one layer and counts it. `excused`: skipped, and no failure in CI either. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A check without tests of its own counts as one. */
export function runCheck(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0, excused: 0 };
}

/** `prefix` is a command that the tests run under. */
export function runVitest(project, { root, results, prefix = [] }) {
  const report = join(results, `${project}.json`);
  const [file, ...args] = [
    ...prefix,
    ...[process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ];
  const { status } = spawnSync(file, args, { cwd: root, stdio: 'inherit' });
  const counts = count(report);
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0, excused: 0 };
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function count(report) {
  let files;
  try {
    files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return undefined;
  }
  const counts = { passed: 0, failed: 0, skipped: 0, excused: 0 };
  for (const { name, status, assertionResults } of files) {
    const of = (...states) => assertionResults.filter((test) => states.includes(test.status)).length;
    const skipped = of('pending', 'skipped', 'todo', 'disabled');
    counts.passed += of('passed');
    counts.skipped += skipped;
    // The corpus is a folder of snapshots that not every machine has.
    if (/corpus/.test(name)) counts.excused += skipped;
    // A file that could not be loaded failed without any test.
    counts.failed +=
      of('failed') || (status === 'failed' && of('passed', 'pending', 'skipped') === 0 ? 1 : 0);
  }
  return counts;
}
