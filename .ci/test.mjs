/**
 * `npm test`: prepares, builds, checks the code, runs every layer of tests, and compares the machine's own network before
 * and after. Its last line is `N passed, N failed, N skipped`; right before it each failed test is named, so that a log cut short
 * tells it too. With CI=true a skipped main path is a failure.
 *
 * usage: npm test [-- [--times] [LAYER…]]      --times: notes how long each test file took, for the next runs' shares
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main, NotPrepared, prepare } from './prepare.mjs';
import { differences, machineState, processesMarked } from './test/machine.mjs';
import { firstLine } from './test/failure.mjs';
import { noteTimes, runCheck, runVitest } from './test/run.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SANDBOXED = join(ROOT, 'test/support/sandboxed.sh');

const check = (script) => () => runCheck(script, ROOT);

const LAYERS = {
  unit: (context) => runVitest('unit', context),
  typecheck: check('typecheck'),
  lint: check('lint'),
  'format:check': check('format:check'),
  boundaries: check('boundaries'),
  // Those in a sandbox wait for silence much of the time: several at once, and no more than keep the processors busy.
  kernel: (context) => runVitest('kernel', { ...context, prefix: [SANDBOXED], shards: 3 }),
  docker: (context) => runVitest('docker', { ...context, prefix: [SANDBOXED], shards: 3 }),
  labs: (context) => runVitest('labs', context),
  pages: (context) => runVitest('pages', context),
  host: async () => (await import('./workbench/host.mjs')).runHostSuite(),
  whole: (context) => runVitest('whole', context),
};

/**
 * What runs side by side, each lane's layers one after the other: tests wait for the network, for containers and browsers to start,
 * and the checks take what they leave of the processors.
 */
const LANES = [
  ['kernel'],
  ['labs', 'whole'],
  ['unit', 'docker', 'pages', 'host'],
  ['typecheck'],
  ['lint'],
  ['format:check'],
  ['boundaries'],
];

await main(async () => {
  const chosen = process.argv.slice(2).filter((word) => word !== '--times');
  const unknown = chosen.find((name) => !Object.hasOwn(LAYERS, name));
  if (unknown !== undefined)
    throw new NotPrepared(`No layer "${unknown}"; there are ${Object.keys(LAYERS).join(', ')}.`);
  const layers = chosen.length === 0 ? Object.keys(LAYERS) : chosen;
  prepare(['editor', 'browser', 'tests']);

  // Whatever a test starts inherits this mark, so that what is left behind is found.
  const mark = `hoplab-test-${randomBytes(8).toString('hex')}`;
  process.env.HOPLAB_TEST_MARK = mark;
  const results = mkdtempSync(join(tmpdir(), 'hoplab-results-'));
  // Tests in a sandbox are another user.
  chmodSync(results, 0o777);
  const before = machineState();
  const outcomes = [];
  const note = (name, outcome, started) => {
    outcomes.push({ name, ...outcome });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const { passed, failed, skipped } = outcome;
    console.log(`\n── ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s\n`);
  };
  const run = async (name, layer) => {
    const started = Date.now();
    const broken = (error) => {
      console.error(error);
      return { passed: 0, failed: 1, skipped: 0, failures: [firstLine(String(error))] };
    };
    note(name, await layer({ root: ROOT, results }).catch(broken), started);
  };
  try {
    await run('build', check('build'));
    // What is built is there for all: a layer that needs it does not build it again.
    process.env.HOPLAB_BUILT = '1';
    if (outcomes[0].failed === 0) {
      const follow = async (lane) => {
        for (const name of lane) if (layers.includes(name)) await run(name, LAYERS[name]);
      };
      await Promise.all(LANES.map(follow));
    }
    if (process.argv.includes('--times')) noteTimes(results, ROOT);
  } finally {
    rmSync(results, { recursive: true, force: true });
  }

  const changes = [...differences(before, machineState()), ...(await processesMarked(mark))];
  for (const change of changes) console.log(`Left behind: ${change}`);
  outcomes.push({
    name: 'machine unchanged',
    passed: changes.length === 0 ? 1 : 0,
    failed: changes.length === 0 ? 0 : 1,
    skipped: 0,
    failures: changes.map(firstLine),
  });

  const sum = (what) => outcomes.reduce((total, outcome) => total + (outcome[what] ?? 0), 0);
  const [passed, failed, skipped, excused] = ['passed', 'failed', 'skipped', 'excused'].map(sum);
  const unexcused = process.env.CI === 'true' ? skipped - excused : 0;
  for (const { name, ...counts } of outcomes)
    console.log(
      `${name.padEnd(18)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
    );
  const named = (what) =>
    outcomes.flatMap(({ name, [what]: lines = [] }) => lines.map((line) => `${name}: ${line}`));
  if (unexcused > 0) {
    for (const skip of named('skips')) console.log(`Skipped: ${skip}`);
    console.log(`In CI a skipped test is a failure: ${unexcused} were.`);
  }
  for (const failure of named('failures')) console.log(`Failed: ${failure}`);
  process.exitCode = failed + unexcused > 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed + unexcused} failed, ${skipped - unexcused} skipped`);
});
