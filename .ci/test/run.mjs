/**
 * Runs one layer and counts it. `excused`: skipped, and no failure in CI either. `failures`: each failed test in words, for
 * the end of a long log.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A check without tests of its own counts as one. */
export function runCheck(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0, excused: 0 };
}

/**
 * `prefix` is a command that the tests run under. `shards`: that many runs side by side, each under a prefix of its own
 * and with its share of the files; tests that wait for the network's silence leave the processor to others.
 */
export async function runVitest(project, { root, results, prefix = [], shards = 1 }) {
  const runs = Array.from({ length: shards }, async (_, index) => {
    const report = join(results, `${project}-${index + 1}.json`);
    const [file, ...args] = [
      ...prefix,
      ...[process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...(shards > 1 ? [`--shard=${index + 1}/${shards}`] : []),
    ];
    const { status, signal } = await run(file, args, root, shards > 1);
    const counts = count(report);
    if (counts === undefined) {
      console.log(`A run of ${project} ended without results: status ${status}, signal ${signal}.`);
      return { passed: 0, failed: 1, skipped: 0, excused: 0 };
    }
    return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  });
  const total = { passed: 0, failed: 0, skipped: 0, excused: 0 };
  const all = await Promise.all(runs);
  for (const counts of all) for (const what of Object.keys(total)) total[what] += counts[what];
  return { ...total, failures: all.flatMap(({ failures }) => failures ?? []) };
}

/** Runs a command to its end; with `gathered` its output comes in one piece, so that shards do not mix. */
function run(file, args, cwd, gathered) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, stdio: gathered ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => output.push(data));
    child.once('error', (error) => resolve({ status: error.message, signal: null }));
    child.once('close', (status, signal) => {
      for (const data of output) process.stdout.write(data);
      resolve({ status, signal });
    });
  });
}

/** A failed test: its file, its name and the first line of why. */
function inWords(file, { fullName, failureMessages }) {
  return `${file}: ${fullName}: ${failureMessages[0]?.split('\n')[0].slice(0, 200) ?? 'no reason given'}`;
}

function count(report) {
  let files;
  try {
    files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return undefined;
  }
  const counts = { passed: 0, failed: 0, skipped: 0, excused: 0, failures: [] };
  for (const { name, status, message, assertionResults } of files) {
    const file = basename(name);
    const of = (...states) => assertionResults.filter((test) => states.includes(test.status)).length;
    const skipped = of('pending', 'skipped', 'todo', 'disabled');
    counts.passed += of('passed');
    counts.skipped += skipped;
    // The corpus is a folder of snapshots that not every machine has.
    if (/corpus/.test(name)) counts.excused += skipped;
    // Open vSwitch needs taps: root's sandbox has a node of its own, a user has what the machine gives to everybody.
    if (/openvswitch|ovs-/.test(name) && process.getuid?.() !== 0) counts.excused += skipped;
    const failed = assertionResults.filter((test) => test.status === 'failed');
    counts.failed += failed.length;
    counts.failures.push(...failed.map((test) => inWords(file, test)));
    // A file that could not be loaded or set up failed without any test of its own.
    if (status === 'failed' && failed.length === 0) {
      counts.failed += 1;
      counts.failures.push(`${file}: ${message.split('\n')[0].slice(0, 200) || 'could not be set up'}`);
    }
  }
  return counts;
}
