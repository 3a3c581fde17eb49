import { execa } from 'execa';
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabStatus } from '../../../labs/session/protocol.ts';
import { connectSession } from '../../../labs/session/client.ts';
import type { Who } from './users.ts';

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user at a terminal, with a state and a runtime directory of their own. */
export interface Learner {
  readonly place: string;
  readonly runtime: string;
  /** What the user's commands are run with. */
  readonly env: Readonly<Record<string, string>>;
  /** The whole command line of `hoplab …`. */
  command(...argv: string[]): readonly string[];
  hoplab(...argv: string[]): Promise<Said>;
  /** `hoplab lab … --json`, which must say nothing else. */
  lab(...argv: string[]): Promise<LabStatus>;
  /** Types a command in a node's own terminal. */
  type(node: string, command: string): Promise<string>;
  /** The process of a sandbox that the machine knows. */
  pidOf(sandbox: string): Promise<number>;
  /** Stops every lab; throws where something is left. */
  end(): Promise<void>;
}

export async function newLearner(
  who: Who,
  dist: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Learner> {
  const place = await mkdtemp(join(tmpdir(), 'hls-'));
  if (who.uid !== process.getuid?.()) await chown(place, who.uid, who.uid);
  const runtime = join(place, 'r');
  const env = {
    HOPLAB_RUNTIME_DIR: runtime,
    XDG_STATE_HOME: join(place, 's'),
    HOPLAB_DIST: dist,
    HOPLAB_LANGUAGE: 'en',
    LC_ALL: 'C',
    ...more,
  };
  const run = async (argv: readonly string[]): Promise<Said> => {
    const [file = '', ...rest] = argv;
    const { exitCode, stdout, stderr } = await execa(file, rest, { cwd: '/', reject: false, env });
    return { status: exitCode ?? -1, stdout, stderr };
  };
  const learner: Learner = {
    place,
    runtime,
    env,
    command: (...argv) => [...who.become, process.execPath, join(dist, 'cli/hoplab.mjs'), ...argv],
    hoplab: (...argv) => run(learner.command(...argv)),
    async lab(...argv) {
      const { stdout, stderr } = await learner.hoplab('lab', ...argv, '--json');
      if (stderr !== '') throw new Error(stderr);
      return JSON.parse(stdout) as LabStatus;
    },
    async type(node, command) {
      const client = await connectSession(join(runtime, 'router/s'));
      const { argv, env: inside } = await client.request('shell', { node });
      client.close();
      const [file = '', ...rest] = [...who.become, ...argv];
      const input = `${command}\nexit\n`;
      return (await execa(file, rest, { env: inside, input, reject: false, timeout: 60_000 })).stdout;
    },
    async pidOf(sandbox) {
      const record = JSON.parse(await readFile(join(runtime, `${sandbox}.json`), 'utf8')) as {
        process: { pid: number };
      };
      return record.process.pid;
    },
    async end() {
      await learner.hoplab('lab', 'stop', '--all');
      const left = await readdir(runtime).catch(() => []);
      if (left.length > 0) throw new Error(`left in ${runtime}: ${left.join(', ')}`);
      await rm(place, { recursive: true });
    },
  };
  return learner;
}
