/**
 * Runs one layer and counts it. `excused`: skipped, and no failure in CI either. `failures`: each failed test in words, for
 * the end of a long log.
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** A check without tests of its own counts as one. It leaves the processor to tests, which have clocks. */
export async function runCheck(script, root) {
  const { status } = await run('nice', ['npm', 'run', '--silent', script], root);
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
    const { status, signal, output } = await run(file, args, root);
    const counts = count(report) ?? { passed: 0, failed: 0, skipped: 0, excused: 0, failures: [] };
    if (status === 0 || counts.failed > 0) return counts;
    const why = `run ${index + 1} of ${project} ended with status ${status}, signal ${signal}: ${unhandled(output)}`;
    return { ...counts, failed: 1, failures: [...counts.failures, why] };
  });
  const total = { passed: 0, failed: 0, skipped: 0, excused: 0 };
  const all = await Promise.all(runs);
  for (const counts of all) for (const what of Object.keys(total)) total[what] += counts[what];
  return { ...total, failures: all.flatMap(({ failures }) => failures ?? []) };
}

/** What Vitest says of an error that belongs to no test, a worker that died for instance: the last lines where it says nothing. */
function unhandled(output) {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const from = lines.findIndex((line) => /Unhandled Errors/.test(line));
  return (from === -1 ? lines.slice(-3) : lines.slice(from + 1, from + 20)).join(' | ');
}

/** Runs a command to its end; its output comes in one piece, so that what runs side by side does not mix. */
function run(file, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data));
    child.once('error', (error) => resolve({ status: error.message, signal: null, output: '' }));
    child.once('close', (status, signal) => {
      for (const data of output) process.stdout.write(data);
      resolve({ status, signal, output: Buffer.concat(output).toString() });
    });
  });
}

/** Writes down how many seconds each test file took, for sequence.mjs. Unit tests are too quick to matter. */
export function noteTimes(results, root) {
  const file = new URL('times.json', import.meta.url);
  const reports = readdirSync(results).map((name) => JSON.parse(readFileSync(join(results, name), 'utf8')));
  const times = reports
    .flatMap(({ testResults }) => testResults)
    .map(({ name, startTime, endTime }) => [
      relative(root, name),
      Math.round((endTime - startTime) / 100) / 10,
    ])
    .filter(([name]) => !name.startsWith('test/unit/'));
  const all = { ...JSON.parse(readFileSync(file, 'utf8')), ...Object.fromEntries(times) };
  const sorted = Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

/** A failed test: its file, its name and the first line of why. */
function inWords(file, { fullName, failureMessages, duration }) {
  const reason = failureMessages[0]?.split('\n')[0].slice(0, 200) ?? 'no reason given';
  // Of a test that ran out of time Vitest's report keeps the stack alone.
  const said = /STACK_TRACE_ERROR/.test(reason) ? `no end after ${Math.round(duration / 1000)} s` : reason;
  return `${file}: ${fullName}: ${said}`;
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
    // Open vSwitch and slirp4netns need taps: root's sandbox has a node of its own, a user has what the machine gives to everybody.
    if (/openvswitch|ovs-|checksum|switch|rootless/.test(name) && process.getuid?.() !== 0)
      counts.excused += skipped;
    const failed = assertionResults.filter((test) => test.status === 'failed');
    counts.failed += failed.length;
    counts.failures.push(...failed.map((test) => inWords(file, test)));
    // Collected and never run to an end: their worker died.
    if (of('pending') > 0)
      counts.failures.push(`${file}: ${of('pending')} of its tests did not come to an end`);
    // A file that could not be loaded or set up failed without any test of its own.
    if (status === 'failed' && failed.length === 0) {
      counts.failed += 1;
      counts.failures.push(`${file}: ${message.split('\n')[0].slice(0, 200) || 'could not be set up'}`);
    }
  }
  return counts;
}
