import { chmod, cp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { LabStatus } from '../../labs/session/protocol.ts';
import { installedForTests } from './support/installed-for-tests.ts';
import { newLearner, type Learner } from './support/learner.ts';
import { whoRunsTests } from './support/users.ts';

const users = await whoRunsTests();
const dist = installedForTests();
let learner: Learner;

const currentChecks = (status: LabStatus): readonly string[] =>
  status.steps.find((step) => step.id === status.currentStep)?.checks.map((check) => check.message) ?? [];
const events = async (): Promise<readonly { event: string; step?: string }[]> =>
  (await readFile(join(learner.place, 's/hoplab/events.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; step?: string });

describe.each(users)('a lab of $title', (user) => {
  beforeEach(async () => void (learner = await newLearner(user, dist())));
  afterEach(() => learner.end());

  it('is done by typing in its nodes; what is not so yet is said from the live state', async () => {
    const status = await learner.lab('start', 'router');
    expect(status.currentStep).toBe('two-segments');
    expect(currentChecks(status)).toEqual([
      expect.stringMatching(/10\.0\.1\.1/),
      expect.stringMatching(/10\.0\.2\.1/),
    ]);
    await learner.type(
      'router',
      'ip address add 10.0.1.1/24 dev to-red; ip address add 10.0.2.1/24 dev to-blue',
    );
    expect(currentChecks(await learner.lab('status'))).toEqual([
      'red has no route to 10.0.2.2.',
      expect.stringMatching(/route/),
    ]);
    await learner.type('red', 'ip route add default via 10.0.1.1');
    await learner.type('router', 'sysctl -w net.ipv4.ip_forward=1');
    await learner.type('blue', 'ip route add default via 10.0.2.1');
    const done = await learner.lab('check');
    expect(done).toMatchObject({ currentStep: null, state: 'finished' });
    expect(done.debrief).toContain('Docker');
    expect(done.debrief).toMatch(/netns.{0,2}:router/);
    expect(await learner.type('red', 'hoplab lab status')).toContain('All steps are done.');
  });

  it('goes on where the learner left it, also after kill -9', async () => {
    await learner.lab('start', 'router');
    await learner.lab('solve', '--run');
    await learner.lab('hint');
    process.kill(await learner.pidOf('router'), 'SIGKILL');
    const status = await learner.lab('start', 'router');
    expect(status.currentStep).toBe('way-out');
    expect(status.steps.map((step) => [step.done, step.hintsShown])).toEqual([
      [true, 0],
      [false, 1],
      [false, 0],
      [false, 0],
    ]);
    expect(status.steps[0]?.checks.map((check) => check.state)).toEqual(['pass', 'pass']);
    expect((await events()).map(({ event }) => event)).toEqual([
      'started',
      'solution-run',
      'step-done',
      'hint-shown',
      'started',
    ]);
    expect((await stat(join(learner.place, 's/hoplab/events.jsonl'))).mode & 0o077).toBe(0);
  });

  it('is reset to its start or to the start of a step, and nothing of before stays', async () => {
    await learner.lab('start', 'router');
    for (let step = 0; step < 4; step++) await learner.lab('solve', '--run');
    await learner.type('red', 'ip netns add mine; ip address add 10.9.9.9/32 dev lo');
    const again = await learner.lab('reset', 'through');
    expect(again.currentStep).toBe('through');
    expect(again.steps.map((step) => step.done)).toEqual([true, true, false, false]);
    expect(await learner.type('red', 'ip netns list; ip address show lo')).not.toMatch(/mine|10\.9\.9\.9/);
    expect((await learner.lab('reset')).steps.some((step) => step.done)).toBe(false);
    expect(await learner.type('red', 'ip route')).not.toContain('default');
  });

  it('breaks what works, says why, and notices when it is mended by hand', async () => {
    await learner.lab('start', 'router');
    const early = await learner.hoplab('lab', 'break', 'one-way');
    expect(early.status).toBe(1);
    expect(early.stderr).toMatch(/^hoplab: A fault shows only in a network that works/);
    for (let step = 0; step < 4; step++) await learner.lab('solve', '--run');
    const broken = await learner.lab('break', 'one-way');
    expect(broken.faults.find((fault) => fault.id === 'one-way')).toMatchObject({
      state: 'active',
      question: { from: 'netns:red', to: '10.0.2.2', protocol: 'tcp', port: 80 },
    });
    expect((await learner.hoplab('lab', 'break', 'morning-after')).stderr).toMatch(
      /Another fault is in the network/,
    );
    const why = await learner.hoplab('why', '--lab', 'router', 'netns:red', '10.0.2.2:80', '--json');
    expect(why.status).toBe(1);
    expect((JSON.parse(why.stdout) as Diagnosis).causes.map((cause) => cause.id)).toEqual([
      'no-return-route',
    ]);
    // Saved as a case, it is asked again without the lab.
    const saved = ['why', '--lab', 'router', 'netns:red', '10.0.2.2:80', '--save-case'];
    const file = join(learner.place, 's/case.json');
    expect((await learner.hoplab(...saved, file)).status).toBe(1);
    const again = await learner.hoplab('why', '--from-snapshot', file, '--json');
    expect((JSON.parse(again.stdout) as Diagnosis).causes.map((cause) => cause.id)).toEqual([
      'no-return-route',
    ]);
    // In a node's own terminal FROM is that node.
    expect(await learner.type('red', 'hoplab why 10.0.2.2:80 --no-probe')).toContain('netns:blue');
    await learner.type('blue', 'ip route add 10.0.1.0/24 via 10.0.2.1');
    const mended = await learner.lab('status');
    expect(mended.faults.find((fault) => fault.id === 'one-way')?.state).toBe('mended');
  });

  it('has checks of every kind that turn from red to green, on several hosts, with containers', async () => {
    const fixture = join(learner.place, 'every-check');
    await cp('test/labs/fixtures/every-check', fixture, { recursive: true });
    await chmod(learner.place, 0o755);
    const { status, stdout, stderr } = await learner.hoplab('lab', 'test', fixture);
    expect(stdout.split('\n').filter((line) => line.startsWith('✘'))).toEqual([]);
    expect(stdout.match(/: red before/g)).toHaveLength(18);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is proven by its tester', async () => {
    const { status, stdout } = await learner.hoplab('lab', 'test', 'router');
    expect(stdout.split('\n').filter((line) => line.startsWith('✘'))).toEqual([]);
    expect(stdout).toContain('why says ip-forward-off at netns:router');
    expect(stdout).toContain('why says no-return-route at netns:blue');
    expect(status).toBe(0);
  });
});
