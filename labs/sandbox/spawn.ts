import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { reachableCommand } from './hand-in.ts';
import type { IdMap } from './id-map.ts';
import type { SandboxOptions } from './options.ts';
import { SandboxError } from './problem.ts';
import { childrenOf, identify, isAlive, type ProcessIdentity } from './process.ts';
import { INSIDE, MARKER, SANDBOX_SCRIPT } from './scripts.ts';
import { searchPath } from './tools.ts';
import { openUserNamespace } from './user-namespace.ts';

/** By the last of them the tests find what they have left behind. */
const PASSED_ON = [
  ...['ELECTRON_RUN_AS_NODE', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'NO_COLOR'],
  'HOPLAB_TEST_MARK',
];

/** Starts the sandbox's one process; it is in its namespaces when this returns. @throws SandboxError `did-not-start` */
export async function spawn(
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
 * Returns when PID 1 inside runs the script. Then the holder of the user namespace may go; and from then on PID 1 dies with its
 * parent: unshare(1) asks for that between its fork and the script, and a parent killed before would leave an orphan.
 */
async function inside(identity: ProcessIdentity, directory: string): Promise<void> {
  for (;;) {
    if (!isAlive(identity)) throw await notStarted(directory);
    for (const child of childrenOf(identity.pid)) {
      const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
      if (command.startsWith('sh\0')) return;
    }
    await delay(2);
  }
}

/** Returns when the session listens. @throws SandboxError `did-not-start` */
export async function answering(
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

/** Whether somebody listens at a socket. */
export const accepts = (path: string): Promise<boolean> =>
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
