import { execa } from 'execa';
import { chmod, chown, copyFile, cp, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { enterSandbox, pidNamespaceWord } from './enter.ts';
import type { IdMap } from './id-map.ts';
import { SandboxError } from './problem.ts';
import { childrenOf, findProcesses, identify, isAlive, type ProcessIdentity } from './process.ts';
import { claim, forget, handedIn, update, type SandboxRecord } from './record.ts';
import { runtimeDirectory } from './runtime-directory.ts';
import { INSIDE, MARKER, SANDBOX_SCRIPT } from './scripts.ts';
import { removeTree, runningRecords } from './sweep.ts';
import { requireTools, searchPath } from './tools.ts';
import { openUserNamespace, planIdMap } from './user-namespace.ts';

export interface SandboxOptions {
  /** Wanted name; `-2`, `-3` … is added while it is taken. */
  readonly name: string;
  readonly lab: string;
  /** Directories and files to see inside as `/run/hoplab/<key>`. */
  readonly files: Readonly<Record<string, string>>;
  /** The directory with the session's own program, seen inside as `/run/hoplab/app`. */
  readonly app: string;
  /** The session's command, run in the sandbox; it listens on `/run/hoplab/s`. The sandbox dies with it. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A file that the session appends to through its descriptor 9, wherever it lies. */
  readonly events?: string;
  /** A container engine needs more ids than the user's own. */
  readonly needsEngine: boolean;
  readonly readyMilliseconds?: number;
  readonly signal?: AbortSignal;
}

/** A running sandbox, as seen from the machine. */
export interface Sandbox {
  readonly name: string;
  readonly lab: string;
  readonly process: ProcessIdentity;
  /** The session's socket. */
  readonly socket: string;
  /** The directory that was handed in. */
  readonly directory: string;
  /** The command prefix that enters it, as its root. */
  readonly enter: readonly string[];
}

const SOCKET = 's';

const fromRecord = (runtime: string, record: SandboxRecord): Sandbox => ({
  name: record.name,
  lab: record.lab,
  process: record.process,
  directory: handedIn(runtime, record.name),
  socket: join(handedIn(runtime, record.name), SOCKET),
  enter: enterSandbox(record.process.pid, record.map),
});

/** This user's running sandboxes, by name; what dead ones left is swept. */
export async function listSandboxes(): Promise<readonly Sandbox[]> {
  const runtime = await runtimeDirectory();
  return (await runningRecords(runtime)).map((record) => fromRecord(runtime, record));
}

/**
 * Starts a sandbox and returns when its session answers. It lives on when we end.
 * @throws SandboxError saying what to do
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  if (process.platform !== 'linux')
    throw new SandboxError(
      'not-linux',
      'A lab is made of Linux namespaces, and this is not Linux.',
      'Run Hoplab in a Linux virtual machine (WSL 2, Lima, Multipass), or through Remote-SSH.',
    );
  await requireTools();
  const map = await planIdMap();
  if (options.needsEngine && map.by === 'single')
    throw new SandboxError(
      'no-subordinate-ids',
      'This lab runs a container engine, which needs a range of user ids of your own; /etc/subuid has none for you.',
      'Run: sudo apt-get install uidmap && sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"',
    );
  const runtime = await runtimeDirectory();
  await runningRecords(runtime);
  const name = await claimName(runtime, options, map);
  const directory = handedIn(runtime, name);
  let spawned: ProcessIdentity | null = null;
  try {
    await prepareDirectory(directory, options, map);
    spawned = await spawn(directory, name, options, map);
    const record = {
      schema: 1,
      name,
      lab: options.lab,
      state: 'running',
      process: spawned,
      map: map.by,
    } as const;
    await update(runtime, record);
    await answering(join(directory, SOCKET), spawned, directory, options);
    return fromRecord(runtime, record);
  } catch (error) {
    if (spawned) await kill(spawned);
    await removeTree(directory);
    await forget(runtime, name);
    throw error;
  }
}

async function claimName(runtime: string, options: SandboxOptions, map: IdMap): Promise<string> {
  const self = identify(process.pid);
  if (!self) throw new Error('this process is not in /proc');
  for (let number = 1; ; number++) {
    const name = number === 1 ? options.name : `${options.name}-${number}`;
    const claimed = await claim(runtime, {
      schema: 1,
      name,
      lab: options.lab,
      state: 'starting',
      process: self,
      map: map.by,
    });
    if (claimed) return name;
  }
}

/** Root of the sandbox owns what is handed in; for a shifted map the program has to be copied to where that root can read. */
async function prepareDirectory(directory: string, options: SandboxOptions, map: IdMap): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  await mkdir(join(directory, 'app'));
  const copies = Object.entries(options.files).map(([key, source]) =>
    cp(source, join(directory, key), { recursive: true, dereference: true }),
  );
  if (map.by === 'kernel')
    copies.push(
      cp(options.app, join(directory, 'app'), { recursive: true, filter: (file) => !file.endsWith('.map') }),
    );
  await Promise.all(copies);
  const root = map.users[0]?.outside;
  if (map.by === 'kernel' && root !== undefined) {
    await chown(directory, root, map.groups[0]?.outside ?? root);
    await chmod(directory, 0o700);
  }
}

const PASSED_ON = ['ELECTRON_RUN_AS_NODE', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'NO_COLOR'];

async function spawn(
  directory: string,
  name: string,
  options: SandboxOptions,
  map: IdMap,
): Promise<ProcessIdentity> {
  const namespace = await openUserNamespace(map);
  try {
    const argv = [
      // The shell becomes nsenter and that unshare: the PID stays, and it is the one that the machine knows.
      ...[
        'sh',
        '-c',
        'umask 077; HOPLAB_OUTER_PID=$$ exec "$@" >>log 2>&1 9>>"$0"',
        options.events ?? '/dev/null',
      ],
      ...namespace.enter,
      ...['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--uts', '--ipc'],
      ...['--cgroup', '--propagation', 'private'],
      ...['sh', '-c', SANDBOX_SCRIPT, MARKER, name, map.by === 'kernel' ? '' : options.app],
      ...(await reachableCommand(options.command, directory, map)),
    ];
    const [file = '', ...rest] = argv;
    const env: Record<string, string> = {
      PATH: searchPath(),
      HOME: `${INSIDE}/home`,
      HOPLAB_ID_MAP: map.by,
      HOPLAB_SANDBOX: name,
      ...options.env,
    };
    for (const key of PASSED_ON) {
      const value = process.env[key];
      if (value !== undefined) env[key] = value;
    }
    const child = execa(file, rest, {
      cwd: directory,
      detached: true,
      cleanup: false,
      reject: false,
      extendEnv: false,
      env,
      stdio: 'ignore',
    });
    child.unref();
    const identity = child.pid === undefined ? null : identify(child.pid);
    if (!identity) throw await notStarted(directory);
    await inside(identity, directory);
    return identity;
  } finally {
    await namespace.close();
  }
}

/**
 * The program itself (Node) may lie in a home directory that a shifted root cannot enter, or where the sandbox has a /tmp or
 * /run of its own: then it is handed in too.
 */
async function reachableCommand(
  command: readonly string[],
  directory: string,
  map: IdMap,
): Promise<readonly string[]> {
  const [file = '', ...rest] = command;
  const real = await realpath(file);
  const hidden = /^\/(tmp|run)\//.test(real);
  if (!hidden && (map.by !== 'kernel' || (await isOpenToAll(real)))) return command;
  await copyFile(real, join(directory, 'node'));
  await chmod(join(directory, 'node'), 0o755);
  return [`${INSIDE}/node`, ...rest];
}

async function isOpenToAll(path: string): Promise<boolean> {
  for (let here = await realpath(path); here !== '/'; here = dirname(here))
    if (((await stat(here)).mode & 0o001) === 0) return false;
  return true;
}

/** The holder may go only when the sandbox has entered its namespace: `app` is the first thing the script touches. */
async function inside(identity: ProcessIdentity, directory: string): Promise<void> {
  for (;;) {
    if (!isAlive(identity)) throw await notStarted(directory);
    const command = await readFile(`/proc/${identity.pid}/cmdline`, 'utf8').catch(() => '');
    if (command.startsWith('unshare\0')) return;
    await delay(2);
  }
}

async function answering(
  socket: string,
  identity: ProcessIdentity,
  directory: string,
  options: SandboxOptions,
): Promise<void> {
  const end = Date.now() + (options.readyMilliseconds ?? 30_000);
  while (!(await accepts(socket))) {
    options.signal?.throwIfAborted();
    if (!isAlive(identity) || Date.now() > end) throw await notStarted(directory);
    await delay(5);
  }
}

const accepts = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

async function notStarted(directory: string): Promise<SandboxError> {
  const log = await readFile(join(directory, 'log'), 'utf8').catch(() => '');
  const lines = log.trim().split('\n');
  const last = displayText(lines.findLast((line) => line.includes('Error: ')) ?? lines.at(-1) ?? '');
  return new SandboxError(
    'did-not-start',
    `The lab's sandbox did not start${last === '' ? '' : ` (${last})`}.`,
    'Run `hoplab doctor`: it tries each part and says what this machine forbids.',
  );
}

/** Kills a sandbox: one process, and the kernel removes the rest. Returns when it is gone. */
export async function stopSandbox(sandbox: Sandbox): Promise<void> {
  const runtime = await runtimeDirectory();
  await kill(sandbox.process);
  await removeTree(sandbox.directory);
  await forget(runtime, sandbox.name);
}

/**
 * PID 1 inside becomes a zombie only when every other process of its namespace is gone and was waited for: that is what we wait
 * for. What entered from outside (a terminal) ends too; one that was stopped would never wait for its child.
 */
async function kill(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return;
  const entered = findProcesses([pidNamespaceWord(identity.pid)], [process.getuid?.() ?? -1, 0]);
  const all = [identity, ...childrenOf(identity.pid).flatMap((pid) => identify(pid) ?? [])];
  for (const pid of [identity.pid, ...entered]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const end = Date.now() + GONE_MILLISECONDS;
  while (all.some(isAlive) && Date.now() < end) await delay(2);
}

/** Longer than the kernel ever needs; then the rest is left to the next sweep. */
const GONE_MILLISECONDS = 5000;
