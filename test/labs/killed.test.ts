import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesMarked } from '../../.ci/test/machine.mjs';
import { installedForTests } from './support/installed-for-tests.ts';
import { newLearner, type Learner } from './support/learner.ts';
import { processTree } from './support/machine.ts';
import { whoRunsTests } from './support/users.ts';

const users = await whoRunsTests();
const dist = installedForTests();

describe.each(users)('a lab of $title', (who) => {
  let mark: string;
  let learner: Learner;

  beforeEach(async () => {
    mark = `hoplab-test-${randomBytes(8).toString('hex')}`;
    learner = await newLearner(who, dist(), { HOPLAB_TEST_MARK: mark });
  });
  afterEach(async () => {
    await learner.end();
    expect(await processesMarked(mark)).toEqual([]);
  });

  const commandLine = async (pid: number): Promise<string> =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');

  /** The process of a running lab whose command line looks like this. */
  const findIn = async (pattern: RegExp): Promise<number> => {
    for (const pid of await processTree(await learner.pidOf('router')))
      if (pattern.test(await commandLine(pid))) return pid;
    throw new Error(`no process of the lab looks like ${pattern.source}`);
  };

  /** A start has got as far as to write this. */
  const appears = async (file: string): Promise<void> => {
    while (!(await readdir(learner.runtime).catch((): string[] => [])).includes(file)) await delay(1);
  };

  const gone = async (): Promise<void> => {
    while ((await processesMarked(mark, 0)).length > 0) await delay(5);
  };

  it.each([
    ['its session', /hoplab\.mjs session $/],
    ['a host of the lab', /^sh -c[^]*hoplab-host lab/],
  ])(
    'says that it has ended where %s was killed, once, and goes on where the learner was',
    async (_what, pattern) => {
      await learner.lab('start', 'router');
      await learner.lab('solve', '--run');
      process.kill(await findIn(pattern), 'SIGKILL');
      await gone();
      const { status, stderr } = await learner.hoplab('lab', 'status');
      expect([status, stderr]).toEqual([
        64,
        'hoplab: The lab router has ended: one of its processes was killed. Go on where you were: hoplab lab start router',
      ]);
      expect(await readdir(learner.runtime)).toEqual([]);
      expect((await learner.hoplab('lab', 'status')).stderr).toMatch(/^hoplab: No lab is running/);
      expect((await learner.lab('start', 'router')).currentStep).toBe('way-out');
      expect(await learner.type('red', 'ping -c 1 -W 1 10.0.1.1')).toContain('1 received');
    },
  );

  it('lives on where a server in it was killed, says what is so, and a reset brings it back', async () => {
    await learner.lab('start', 'router');
    for (let step = 0; step < 4; step++) await learner.lab('solve', '--run');
    process.kill(await findIn(/^lab-server/), 'SIGKILL');
    const checks = (await learner.lab('check')).steps[3]?.checks ?? [];
    expect(checks.map(({ state }) => state)).toEqual(['pass', 'pass', 'fail']);
    expect(checks[2]?.message).toMatch(/80/);
    await learner.lab('reset', 'way-back');
    expect(await learner.type('blue', 'ss -Hltn')).toContain(':80');
  });

  it('is started once where two start it at the same time, and both are served', async () => {
    const [one, other] = await Promise.all([learner.lab('start', 'router'), learner.lab('start', 'router')]);
    expect([one.sandbox, other.sandbox]).toEqual(['router', 'router']);
    expect((await readdir(learner.runtime)).sort()).toEqual(['router', 'router.json']);
  });

  it('waits for a lab that somebody is just starting', async () => {
    const starting = learner.lab('start', 'router');
    await appears('router');
    let status = await learner.hoplab('lab', 'status', '--json');
    while (/No lab is running/.test(status.stderr)) status = await learner.hoplab('lab', 'status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ sandbox: 'router', state: 'running' });
    await starting;
  });

  it('leaves nothing where its start is interrupted, at whatever moment', async () => {
    const [file = '', ...rest] = learner.command('lab', 'start', 'router', '--json');
    const began = performance.now();
    await learner.lab('start', 'router');
    const whole = performance.now() - began;
    await learner.hoplab('lab', 'stop', 'router');
    const statuses = [];
    // Spread over what a start takes here and now.
    const moments = Array.from({ length: 11 }, (_, index) => Math.round(((index + 1) / 12) * whole));
    for (const moment of [...moments, 'claimed', 'told', 'told'] as const) {
      // A group of its own: Ctrl-C reaches every process of it.
      const starting = execa(file, rest, { cwd: '/', env: learner.env, reject: false, detached: true });
      if (moment === 'told') await once(starting.stdout, 'data');
      else if (moment === 'claimed') await appears('router.json');
      else await delay(moment);
      try {
        process.kill(-(starting.pid ?? 0), 'SIGINT');
      } catch {
        // It had ended already.
      }
      const { exitCode, stdout, stderr } = await starting;
      statuses.push(exitCode);
      if (exitCode === 130) expect([stdout, stderr]).toEqual(['', 'hoplab: stopped']);
      // Who was told that it runs has a lab, also where the signal came while the command was going already.
      if (stdout !== '') {
        expect(JSON.parse(stdout)).toMatchObject({ sandbox: 'router', state: 'running' });
        expect((await learner.hoplab('lab', 'stop', 'router')).status).toBe(0);
      }
      const when = `${moment}: ${exitCode} ${stdout} ${stderr}`;
      expect(await processesMarked(mark), when).toEqual([]);
      expect(await readdir(learner.runtime).catch(() => []), when).toEqual([]);
    }
    expect(statuses).toContain(130);
  });

  it('is not troubled by what dead or damaged sessions left', async () => {
    await learner.lab('start', 'router');
    await learner.hoplab('lab', 'stop');
    await mkdir(join(learner.runtime, 'old'), { mode: 0o700 });
    const stale = { schema: 1, name: 'router', lab: 'router', state: 'running', map: 'single' };
    for (const text of [
      JSON.stringify({ ...stale, process: { pid: process.pid, startTime: 1, bootId: 'of another boot' } }),
      '{"schema":1,"na',
      '[]',
      '',
    ]) {
      await writeFile(join(learner.runtime, 'router.json'), text);
      expect((await learner.lab('start', 'router')).sandbox).toBe('router');
      await learner.hoplab('lab', 'stop');
      expect(await readdir(learner.runtime)).toEqual([]);
    }
  });

  it('is found by who looks for what a killed test left behind', async () => {
    await learner.lab('start', 'router');
    const marked = await processesMarked(mark, 0);
    for (const what of ['hoplab-sandbox router', 'hoplab.mjs session', 'hoplab-host lab', 'lab-server'])
      expect(marked.join('\n')).toContain(what);
  });

  it.each([
    ['a disk that is full', 'mount -t tmpfs -o size=8k,mode=777 small "$1"', 'no space is left'],
    ['a disk that is read-only', 'mount -t tmpfs -o ro,mode=777 small "$1"', 'it is read-only'],
  ])('says so in a sentence on %s', async (_what, mount, reason) => {
    const disk = join(learner.place, 'disk');
    await mkdir(disk);
    const [unshare, ...flags] = [
      'unshare',
      '--mount',
      ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
    ];
    const script = `${mount}; shift; exec "$@"`;
    const { stderr, exitCode } = await execa(
      unshare ?? '',
      [...flags, 'sh', '-c', script, 'sh', disk, ...learner.command('lab', 'start', 'router')],
      { reject: false, cwd: '/', env: { ...learner.env, HOPLAB_RUNTIME_DIR: join(disk, 'r') } },
    );
    expect(stderr).toMatch(
      /^hoplab: A running lab keeps its files in .*, and they cannot be written there: .*\.\n/,
    );
    expect(stderr).toContain(reason);
    expect(exitCode).toBe(1);
  });

  it('says so where the path of its directory is too long for a socket', async () => {
    const { stderr } = await execa(
      learner.command('lab', 'start', 'router')[0] ?? '',
      learner.command('lab', 'start', 'router').slice(1),
      { reject: false, env: { ...learner.env, HOPLAB_RUNTIME_DIR: join(learner.place, 'x'.repeat(100)) } },
    );
    expect(stderr).toMatch(/^hoplab: .* is too long a path: .*\nSet HOPLAB_RUNTIME_DIR to a shorter one\.$/);
  });
});

it('a session lets no other user in, also one who knows its socket', async () => {
  const [owner, other] = users;
  if (!owner || !other) return;
  const learner = await newLearner(owner, dist());
  await learner.lab('start', 'router');
  const connect = `require('node:net').connect(process.argv[1]).on('error', (e) => console.log(e.code)).on('connect', () => console.log('in'))`;
  const [file = '', ...rest] = [
    ...other.become,
    process.execPath,
    '-e',
    connect,
    join(learner.runtime, 'router/s'),
  ];
  expect((await execa(file, rest)).stdout).toBe('EACCES');
  await learner.end();
});
