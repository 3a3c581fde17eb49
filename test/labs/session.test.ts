import { snapshotSource } from '../../diagnostics/collect/snapshot-file.ts';
import { reachMatrix } from '../../diagnostics/reach-matrix.ts';
import { execa } from 'execa';
import { chmod, chown, cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectSession, type SessionClient } from '../../labs/session/client.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { LabStatus, SessionEvent } from '../../labs/session/protocol.ts';
import { installed } from './support/installed.ts';
import { machineState } from './support/machine.ts';
import { removeOwnUser, whoRunsTests, type Who } from './support/users.ts';

const users = await whoRunsTests();
let dist: string;
let before: readonly string[];
let place: string;
let who: Who;

beforeAll(async () => {
  before = await machineState();
  dist = await installed();
});

afterAll(async () => {
  await rm(dist, { recursive: true, force: true });
  await removeOwnUser();
  expect(await machineState()).toEqual(before);
});

interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function hoplab(...argv: string[]): Promise<Said> {
  const [file = '', ...rest] = [...who.become, process.execPath, join(dist, 'cli/hoplab.mjs'), ...argv];
  const { exitCode, stdout, stderr } = await execa(file, rest, {
    cwd: '/',
    reject: false,
    env: {
      HOPLAB_RUNTIME_DIR: join(place, 'r'),
      XDG_STATE_HOME: join(place, 's'),
      HOPLAB_DIST: dist,
      LC_ALL: 'C',
      HOPLAB_LANGUAGE: 'en',
    },
  });
  return { status: exitCode ?? -1, stdout, stderr };
}

const lab = async (...argv: string[]): Promise<LabStatus> => {
  const { stdout, stderr } = await hoplab('lab', ...argv, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout) as LabStatus;
};

const socketPath = (): string => join(place, 'r/router/s');
const currentChecks = (status: LabStatus): readonly string[] =>
  status.steps.find((step) => step.id === status.currentStep)?.checks.map((check) => check.message) ?? [];
const events = async (): Promise<readonly { event: string; step?: string }[]> =>
  (await readFile(join(place, 's/hoplab/events.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; step?: string });
const pidOfLab = async (): Promise<number> =>
  (JSON.parse(await readFile(join(place, 'r/router.json'), 'utf8')) as { process: { pid: number } }).process
    .pid;

/** Types a command in a node's own terminal, as the learner does. */
async function type(node: string, command: string): Promise<string> {
  const client = await connectSession(socketPath());
  const { argv, env } = await client.request('shell', { node });
  client.close();
  const [file = '', ...rest] = [...who.become, ...argv];
  const { stdout } = await execa(file, rest, {
    env,
    input: `${command}\nexit\n`,
    reject: false,
    timeout: 20_000,
  });
  return stdout;
}

async function begin(user: Who): Promise<void> {
  who = user;
  place = await mkdtemp(join(tmpdir(), 'hls-'));
  if (who.uid !== process.getuid?.()) await chown(place, who.uid, who.uid);
}

async function end(): Promise<void> {
  await hoplab('lab', 'stop', '--all');
  expect(await readdir(join(place, 'r')).catch(() => [])).toEqual([]);
  await rm(place, { recursive: true });
}

describe.each(users)('a lab of $title', (user) => {
  beforeEach(() => begin(user));
  afterEach(end);

  it('is done by typing in its nodes; what is not so yet is said from the live state', async () => {
    const status = await lab('start', 'router');
    expect(status.currentStep).toBe('two-segments');
    expect(currentChecks(status)).toEqual([
      expect.stringMatching(/10\.0\.1\.1/),
      expect.stringMatching(/10\.0\.2\.1/),
    ]);
    await type('router', 'ip address add 10.0.1.1/24 dev to-red; ip address add 10.0.2.1/24 dev to-blue');
    expect(currentChecks(await lab('status'))).toEqual([
      'red has no route to 10.0.2.2.',
      expect.stringMatching(/route/),
    ]);
    await type('red', 'ip route add default via 10.0.1.1');
    await type('router', 'sysctl -w net.ipv4.ip_forward=1');
    await type('blue', 'ip route add default via 10.0.2.1');
    const done = await lab('check');
    expect(done).toMatchObject({ currentStep: null, state: 'finished' });
    expect(done.debrief).toContain('Docker');
    expect(done.debrief).toMatch(/netns.{0,2}:router/);
    expect(await type('red', 'hoplab lab status')).toContain('All steps are done.');
  });

  it('goes on where the learner left it, also after kill -9', async () => {
    await lab('start', 'router');
    await lab('solve', '--run');
    await lab('hint');
    process.kill(await pidOfLab(), 'SIGKILL');
    const status = await lab('start', 'router');
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
    expect((await stat(join(place, 's/hoplab/events.jsonl'))).mode & 0o077).toBe(0);
  });

  it('is reset to its start or to the start of a step, and nothing of before stays', async () => {
    await lab('start', 'router');
    for (let step = 0; step < 4; step++) await lab('solve', '--run');
    await type('red', 'ip netns add mine; ip address add 10.9.9.9/32 dev lo');
    const again = await lab('reset', 'through');
    expect(again.currentStep).toBe('through');
    expect(again.steps.map((step) => step.done)).toEqual([true, true, false, false]);
    expect(await type('red', 'ip netns list; ip address show lo')).not.toMatch(/mine|10\.9\.9\.9/);
    expect((await lab('reset')).steps.some((step) => step.done)).toBe(false);
    expect(await type('red', 'ip route')).not.toContain('default');
  });

  it('breaks what works, says why, and notices when it is mended by hand', async () => {
    await lab('start', 'router');
    const early = await hoplab('lab', 'break', 'one-way');
    expect(early.status).toBe(1);
    expect(early.stderr).toMatch(/^hoplab: A fault shows only in a network that works/);
    for (let step = 0; step < 4; step++) await lab('solve', '--run');
    const broken = await lab('break', 'one-way');
    expect(broken.faults.find((fault) => fault.id === 'one-way')).toMatchObject({
      state: 'active',
      question: { from: 'netns:red', to: '10.0.2.2', protocol: 'tcp', port: 80 },
    });
    expect((await hoplab('lab', 'break', 'morning-after')).stderr).toMatch(/Another fault is in the network/);
    const why = await hoplab('why', '--lab', 'router', 'netns:red', '10.0.2.2:80', '--json');
    expect(why.status).toBe(1);
    expect((JSON.parse(why.stdout) as Diagnosis).causes.map((cause) => cause.id)).toEqual([
      'no-return-route',
    ]);
    // Saved as a case, it is asked again without the lab.
    const saved = ['why', '--lab', 'router', 'netns:red', '10.0.2.2:80', '--save-case'];
    const file = join(place, 's/case.json');
    expect((await hoplab(...saved, file)).status).toBe(1);
    const again = await hoplab('why', '--from-snapshot', file, '--json');
    expect((JSON.parse(again.stdout) as Diagnosis).causes.map((cause) => cause.id)).toEqual([
      'no-return-route',
    ]);
    // In a node's own terminal FROM is that node.
    expect(await type('red', 'hoplab why 10.0.2.2:80 --no-probe')).toContain('netns:blue');
    await type('blue', 'ip route add 10.0.1.0/24 via 10.0.2.1');
    const mended = await lab('status');
    expect(mended.faults.find((fault) => fault.id === 'one-way')?.state).toBe('mended');
  });

  it('has checks of every kind that turn from red to green, on several hosts, with containers', async () => {
    const fixture = join(place, 'every-check');
    await cp('test/labs/fixtures/every-check', fixture, { recursive: true });
    await chmod(place, 0o755);
    const { status, stdout, stderr } = await hoplab('lab', 'test', fixture);
    expect(stdout.split('\n').filter((line) => line.startsWith('✘'))).toEqual([]);
    expect(stdout.match(/: red before/g)).toHaveLength(18);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }, 180_000);

  it('is proven by its tester', async () => {
    const { status, stdout } = await hoplab('lab', 'test', 'router');
    expect(stdout.split('\n').filter((line) => line.startsWith('✘'))).toEqual([]);
    expect(stdout).toContain('why says ip-forward-off at netns:router');
    expect(stdout).toContain('why says no-return-route at netns:blue');
    expect(status).toBe(0);
  }, 180_000);
});

describe('the session of a running lab', () => {
  let client: SessionClient;
  const [self] = users;

  beforeEach(async () => {
    if (!self) throw new Error('nobody runs this test');
    await begin(self);
    await lab('start', 'router');
    client = await connectSession(socketPath());
  });
  afterEach(async () => {
    client.close();
    await end();
  });

  it('lets only its owner connect', async () => {
    expect((await stat(socketPath())).mode & 0o777).toBe(0o600);
    expect((await stat(join(place, 'r'))).mode & 0o777).toBe(0o700);
  });

  it('tells who subscribed at once when the learner gets on, each in their language', async () => {
    const chinese = await connectSession(socketPath());
    const seen = (from: SessionClient): Promise<LabStatus> =>
      new Promise((resolve) =>
        from.onEvent((event: SessionEvent) => {
          if (event.event === 'status' && event.status.currentStep === 'way-out') resolve(event.status);
        }),
      );
    const [english, other] = [seen(client), seen(chinese)];
    await client.request('subscribe', { language: 'en' });
    await chinese.request('subscribe', { language: 'zh-cn' });
    await type('router', 'ip address add 10.0.1.1/24 dev to-red; ip address add 10.0.2.1/24 dev to-blue');
    expect((await english).steps[1]?.title).toBe('A way out of red');
    expect((await other).steps[1]?.title).toBe('给 red 一条出去的路');
    chinese.close();
  });

  it('hands out hints by degrees, and counts them', async () => {
    const hints = [];
    for (let asked = 0; asked < 4; asked++) hints.push(await client.request('hint', { language: 'en' }));
    expect(hints.map(({ shown }) => shown)).toEqual([1, 2, 3, 3]);
    expect(new Set(hints.map(({ hint }) => hint)).size).toBe(3);
  });

  it('hands out all facts of its network, from which a matrix of its nodes is made', async () => {
    for (let step = 0; step < 4; step++) await client.request('solve', { language: 'en', run: true });
    const facts = snapshotSource(await client.request('snapshot', {}));
    const { ends, pairs } = await reachMatrix(facts, [{ protocol: 'icmp', port: null }], { language: 'en' });
    const nodes = ends.map(({ name }) => name).filter((name) => name !== 'host');
    expect(nodes.sort()).toEqual(['netns:blue', 'netns:red', 'netns:router']);
    const between = pairs.filter(({ from, to }) => nodes.includes(from) && nodes.includes(to));
    expect(between.map(({ verdict }) => verdict)).toEqual(Array(6).fill('reachable'));
  });

  it('answers why, applies a fix, takes it back', async () => {
    for (let step = 0; step < 4; step++) await client.request('solve', { language: 'en', run: true });
    await client.request('break', { language: 'en', fault: 'morning-after' });
    const question = { language: 'en', from: 'netns:red', to: '10.0.2.2', port: 80, probe: true } as const;
    const diagnosis = await client.request('why', question);
    expect(diagnosis.causes.map((cause) => [cause.id, cause.namespace])).toEqual([
      ['ip-forward-off', 'netns:router'],
    ]);
    const applied = await client.request('apply', { ...question, causes: [] });
    expect(applied).toMatchObject({ applied: true, undone: false, diagnosis: { verdict: 'reachable' } });
    expect((await client.request('undo', question)).verdict).toBe('unreachable');
    await expect(client.request('undo', question)).rejects.toThrow('There is nothing to take back.');
  });

  it('shows what exists as a map', async () => {
    const map = await client.request('map', {});
    const labels = map.nodes.filter((node) => node.kind === 'namespace').map((node) => node.endpoint);
    expect(labels).toEqual(expect.arrayContaining(['netns:red', 'netns:router', 'netns:blue']));
    expect(map.edges.filter((edge) => edge.kind === 'veth')).toHaveLength(2);
  });

  it.each([
    ['no JSON', 'hello', /one line of JSON/],
    ['JSON that is no request', '[1,2]', /id \(a number\)/],
    ['a method of Object', '{"id":1,"method":"constructor","params":{}}', /There is no such method/],
    ['a parameter too many', '{"id":1,"method":"map","params":{"x":1}}', /map: params/],
    ['a number for a name', '{"id":1,"method":"shell","params":{"node":5}}', /shell: params\.node/],
    ['a node that is not there', '{"id":1,"method":"shell","params":{"node":"../red"}}', /has no node/],
    [
      'an endpoint with a shell in it',
      '{"id":1,"method":"why","params":{"language":"en","from":"$(id)","to":"x","probe":false}}',
      /./,
    ],
    [
      'terminal escapes',
      '{"id":1,"method":"hint","params":{"language":"en","step":"\\u001b[2J"}}',
      /^[^\u001b]*$/,
    ],
  ])('answers %s with one clear error', async (_what, line, error) => {
    const answer = await raw(line);
    expect(answer).toMatchObject({ error: { message: expect.stringMatching(error) } });
    expect(answer.error?.message).not.toContain('    at ');
    expect((await client.request('status', { language: 'en' })).lab.id).toBe('router');
  });

  it('hangs up on who sends a line without end, and goes on', async () => {
    const answer = await raw('x'.repeat(200_000));
    expect(answer.error?.message).toMatch(/bytes at most/);
    expect((await client.request('status', { language: 'en' })).lab.id).toBe('router');
  });

  it('does one thing at a time to the network', async () => {
    const reset = client.request('reset', { language: 'en' });
    await expect(client.request('reset', { language: 'en' })).rejects.toMatchObject({ code: 'busy' });
    await reset;
  });

  it('says goodbye to its clients when it is stopped, and everything is gone', async () => {
    const pid = await pidOfLab();
    const goodbye = new Promise((resolve) =>
      client.onEvent((event) => {
        if (event.event === 'stopping') resolve(null);
      }),
    );
    await client.request('subscribe', { language: 'en' });
    await client.request('stop', {});
    await goodbye;
    while (await alive(pid)) await delay(5);
    expect((await hoplab('lab', 'status')).stderr).toMatch(/^hoplab: No lab is running/);
  });

  const alive = async (pid: number): Promise<boolean> =>
    /^State:\t[^Z]/m.test(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));

  async function raw(line: string): Promise<{ error?: { message: string } }> {
    const socket = connect(socketPath());
    socket.on('error', () => undefined);
    socket.write(`${line}\n`);
    for await (const text of createInterface({ input: socket })) {
      socket.destroy();
      return JSON.parse(text) as { error?: { message: string } };
    }
    throw new Error('the session hung up without an answer');
  }
});

describe('hoplab lab', () => {
  const [self] = users;
  beforeEach(async () => {
    if (self) await begin(self);
  });
  afterEach(end);

  it('lists the labs, with progress and what runs, as text and as data', async () => {
    await lab('start', 'router');
    await lab('solve', '--run');
    expect((await hoplab('lab', 'list')).stdout).toMatch(/13 {2}router {2}A router {2}1\/4 {2}▶ router/);
    const { stdout } = await hoplab('lab', 'list', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      labs: [
        { id: 'router', title: 'A router', minutes: 20, steps: { done: 1, total: 4 }, running: ['router'] },
      ],
    });
  });

  it('starts a lab by its number, its id or both, and says what there is to read and where to type', async () => {
    for (const name of ['13', 'router', '13-a-router']) {
      const { stdout } = await hoplab('lab', 'start', name);
      expect(stdout).toMatch(/hoplab lab guide\n.*hoplab lab shell red \(red, router, blue\)$/);
    }
    const intro = (await hoplab('lab', 'guide')).stdout;
    expect(intro).toMatch(/^## A router[^]*## A foot in each segment[^]*``` in router\nip -br address\n```/);
    await lab('solve', '--run');
    expect((await hoplab('lab', 'guide')).stdout).toMatch(/^## A way out of red/);
    for (let step = 1; step < 4; step++) await lab('solve', '--run');
    expect((await hoplab('lab', 'guide')).stdout).toMatch(
      /^Three things[^]*\*\*netns:router\*\* to-red → to-blue/,
    );
    const { status, stderr } = await hoplab('lab', 'guide', 'nosuch');
    expect([status, stderr]).toEqual([
      64,
      expect.stringMatching(/^hoplab: The guide has no part nosuch; there are/),
    ]);
  });

  it('shows the whole lab as a map, from outside and in a node', async () => {
    await lab('start', 'router');
    const outside = (await hoplab('map', '--lab', 'router')).stdout;
    expect(outside).toMatch(/red .*10\.0\.1\.2\/24[^]*⇄ router to-red/);
    expect((await type('red', 'hoplab map')).replaceAll('\r', '')).toContain(outside.trim());
  });

  it('asks which one is meant where several run', async () => {
    await lab('start', 'router');
    expect((await lab('start', 'router')).sandbox).toBe('router');
    expect((await lab('start', 'router', '--another')).sandbox).toBe('router-2');
    const { status, stderr } = await hoplab('lab', 'status');
    expect([status, stderr]).toEqual([
      64,
      'hoplab: Several labs are running: router, router-2. Say which: --lab NAME',
    ]);
    expect((await lab('status', '--lab', 'router-2')).sandbox).toBe('router-2');
  });

  it.each([
    [['start', 'nosuch'], 'There is no lab nosuch; there are router.'],
    [['status'], 'No lab is running. Start one: hoplab lab start router'],
    [['test'], 'Say which lab to test, or --all.'],
  ])('%j is refused in one line', async (argv, message) => {
    const { status, stdout, stderr } = await hoplab('lab', ...argv);
    expect({ status, stdout, stderr }).toEqual({ status: 64, stdout: '', stderr: `hoplab: ${message}` });
  });
});
