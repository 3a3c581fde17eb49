/**
 * Runs one layer and counts it. `excused`: skipped, and no failure in CI either. `failures` and `skips`: each test that failed,
 * or was skipped without an excuse, in a line for the end of a long log.
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { failureLine, firstLine } from './failure.mjs';

/** A check without tests of its own counts as one. It leaves the processor to tests, which have clocks. */
export async function runCheck(script, root) {
  const { status, output } = await run('nice', ['npm', 'run', '--silent', script], root);
  if (status === 0) return { passed: 1, failed: 0, skipped: 0 };
  return { passed: 0, failed: 1, skipped: 0, failures: [firstLine(output.replace(/^npm warn .*$/gm, ''))] };
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
    const counts = count(report, root) ?? NOTHING;
    if (status === 0 || counts.failed > 0) return counts;
    const why = `run ${index + 1} of ${project} ended with status ${status}, signal ${signal}: ${unhandled(output)}`;
    return { ...counts, failed: 1, failures: [...counts.failures, why] };
  });
  return sumOf(await Promise.all(runs));
}

const NOTHING = { passed: 0, failed: 0, skipped: 0, excused: 0, failures: [], skips: [] };

function sumOf(all) {
  const sum = (what) => all.reduce((total, counts) => total + counts[what], 0);
  return {
    ...{ passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), excused: sum('excused') },
    failures: all.flatMap(({ failures }) => failures),
    skips: all.flatMap(({ skips }) => skips),
  };
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

/** Of a test that ran out of time Vitest's report keeps the stack alone. */
const whyOf = ({ failureMessages: [message = ''], duration }) =>
  /^.*STACK_TRACE_ERROR/.test(message) ? `no end after ${Math.round(duration / 1000)} s` : message;

function count(report, root) {
  try {
    return sumOf(
      JSON.parse(readFileSync(report, 'utf8')).testResults.map((file) =>
        countFile(file, relative(root, file.name)),
      ),
    );
  } catch {
    return undefined;
  }
}

function countFile({ status, message, assertionResults }, file) {
  const of = (...states) => assertionResults.filter((test) => states.includes(test.status));
  const skips = of('pending', 'skipped', 'todo', 'disabled').map(({ fullName }) => `${file}: ${fullName}`);
  const failures = of('failed').map((test) => failureLine(file, test.fullName, whyOf(test)));
  // A file that could not be loaded or set up failed without any test of its own.
  if (status === 'failed' && failures.length === 0)
    failures.push(`${file}: ${firstLine(message || 'could not be set up')}`);
  const failed = failures.length;
  // Collected and never run to an end: their worker died.
  if (of('pending').length > 0)
    failures.push(`${file}: ${of('pending').length} of its tests did not come to an end`);
  const excused = mayBeSkipped(file);
  return {
    ...{ passed: of('passed').length, failed, skipped: skips.length, excused: excused ? skips.length : 0 },
    failures,
    skips: excused ? [] : skips,
  };
}

/** Tests for what not every machine has, and a main path does not need. */
function mayBeSkipped(file) {
  // The corpus is a folder of snapshots.
  if (/corpus/.test(file)) return true;
  // Open vSwitch and slirp4netns need taps: root's sandbox has a node of its own, a user has what the machine gives to everybody.
  return /openvswitch|ovs-|checksum|switch|rootless/.test(file) && process.getuid?.() !== 0;
}
