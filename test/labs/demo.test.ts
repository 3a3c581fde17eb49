import { execa } from 'execa';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify, isAlive } from '../../labs/sandbox/process.ts';
import { findTool } from '../../labs/sandbox/tools.ts';
import { installedForTests } from './support/installed-for-tests.ts';
import { namespacesOf, processesIn, processTree } from './support/machine.ts';
import { whoRunsTests } from './support/users.ts';

const users = await whoRunsTests();
const dist = installedForTests();
/** What a run may write to: its sandboxes in `r`, everything else in `t`. */
let place: string;

interface Run {
  /** The command prefix of whoever runs it. */
  readonly become: readonly string[];
  readonly options?: readonly string[];
  readonly language?: string;
}

type Demo = ReturnType<typeof demo>;

function demo({ become, options = [], language = 'en' }: Run) {
  const [file = '', ...rest] = [
    ...become,
    process.execPath,
    join(dist(), 'cli/hoplab.mjs'),
    'demo',
    ...options,
  ];
  const env = {
    HOPLAB_RUNTIME_DIR: join(place, 'r'),
    XDG_STATE_HOME: join(place, 't'),
    TMPDIR: join(place, 't'),
    HOPLAB_DIST: dist(),
    LC_ALL: 'C',
    HOPLAB_LANGUAGE: language,
  };
  return execa(file, rest, { reject: false, cwd: '/', stdin: 'ignore', env });
}

/** Returns once the demo has written this. */
async function written({ stdout }: Demo, text: string): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    stdout.on('data', (chunk) => {
      output += String(chunk);
      if (output.includes(text)) resolve();
    });
    stdout.once('end', () => reject(new Error(`the demo ended without saying “${text}”:\n${output}`)));
  });
}

const found = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/^✔ Found: (.*)\.$/gm)].map(([, cause = '']) => cause);
const reached = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/^✔ Reachable: (\S+ → \S+)/gm)].map(([, flow = '']) => flow);

describe.each(users)('hoplab demo of $title', ({ become, uid }) => {
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'hld-'));
    await mkdir(join(place, 't'));
    for (const directory of [place, join(place, 't')]) await chown(directory, uid, uid);
  });

  afterEach(async () => {
    expect(await readdir(join(place, 'r')).catch(() => [])).toEqual([]);
    expect(await readdir(join(place, 't'))).toEqual([]);
    await rm(place, { recursive: true });
  });

  it('breaks a network with Docker three times; why names each cause, and its fix is seen to work', async () => {
    const { exitCode, stdout, stderr } = await demo({ become });
    expect(found(stdout)).toEqual([
      'ip-forward-off, at netns:router',
      'filter-drop, at netns:router',
      'docker-isolation, at host',
    ]);
    expect(reached(stdout)).toEqual([
      'netns:client → 10.0.2.2',
      'netns:client → 10.0.3.2',
      'container:web → container:db',
    ]);
    expect(stdout).toContain('router# sysctl -qw net.ipv4.ip_forward=0');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toContain('\u001b');
  });

  it('does without Docker where that is wished for, and says so', async () => {
    const { exitCode, stdout, stderr } = await demo({ become, options: ['--no-docker'] });
    expect(stdout).toContain('Without Docker, as you wished');
    expect(found(stdout)).toEqual([
      'ip-forward-off, at netns:router',
      'filter-drop, at netns:router',
      'no-return-route, at netns:server',
    ]);
    expect(reached(stdout)).toHaveLength(3);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it.each([
    ['while it builds', 'This network is built now'],
    ['while it diagnoses', '1 of 3'],
    ['while it mends', 'The fix is applied'],
  ])('is gone when killed with -9 %s, with every process, namespace and file', async (_when, text) => {
    const running = demo({ become });
    await written(running, text);
    const tree = await processTree(running.pid ?? -1);
    // By the time they have ended, their numbers may be others'.
    const processes = tree.flatMap((pid) => identify(pid) ?? []);
    const namespaces = new Set(tree.flatMap(namespacesOf));
    for (const namespace of namespacesOf(process.pid)) namespaces.delete(namespace);
    process.kill(running.pid ?? -1, 'SIGKILL');
    await running;
    const left = (): boolean => processesIn(namespaces).length > 0 || processes.some(isAlive);
    while (left() || (await readdir(join(place, 'r')).catch(() => [])).length > 0) await delay(20);
  });

  it('ends at Ctrl-C with one sentence and 130', async () => {
    const running = demo({ become });
    await written(running, '1 of 3');
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 130,
      stderr: 'hoplab: Stopped. The network and its sandbox are gone.',
    });
  });
});

describe('hoplab demo', () => {
  const [{ become, uid } = { become: [], uid: 0 }] = users;

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'hld-'));
    await mkdir(join(place, 't'));
  });
  afterEach(() => rm(place, { recursive: true }));

  it('speaks Chinese', async () => {
    const { exitCode, stdout } = await demo({ become, options: ['--no-docker'], language: 'zh-cn' });
    expect(exitCode).toBe(0);
    expect(stdout.match(/^✔ 找对了：/gm)).toHaveLength(3);
    expect(stdout.match(/^✔ 可以到达：/gm)).toHaveLength(3);
  });

  it('says so and exits with 1 where the answer is not what was done to the network', async () => {
    const file = join(dist(), 'demo/without-docker/lab.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('cause: filter-drop', 'cause: policy-drop'));
    try {
      const { exitCode, stdout } = await demo({ become, options: ['--no-docker'] });
      expect(stdout.replaceAll('\n', ' ')).toContain(
        '✘ The answer is wrong: the cause is policy-drop (netns:router), and Hoplab says filter-drop at netns:router.',
      );
      expect(exitCode).toBe(1);
    } finally {
      await writeFile(file, text);
    }
  });

  it.each([
    [['--step'], '--step waits for Enter, and nobody can press it here'],
    [['--lang', 'fr'], '“fr” is not a language of Hoplab: en or zh-cn'],
  ])('%j is refused in one line', async (options, message) => {
    const { exitCode, stdout, stderr } = await demo({ become, options });
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 64, stdout: '', stderr: `hoplab: ${message}` });
  });

  // Only root can hide a program from one process.
  if (uid === 0)
    it('does without Docker where none is installed, and says what is missing', async () => {
      const hidden = await findTool('dockerd');
      const hide = 'mount --bind /dev/null "$0" && exec "$@"';
      const { exitCode, stdout } = await demo({
        become: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', hide, hidden ?? '', ...become],
      });
      expect(stdout).toContain('Docker is left out, because docker.io is not installed here');
      expect(found(stdout)).toHaveLength(3);
      expect(exitCode).toBe(0);
    });
});
