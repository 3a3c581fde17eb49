import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { enterSandbox } from './enter.ts';
import { prepareDirectory } from './hand-in.ts';
import type { IdMap } from './id-map.ts';
import { kill } from './kill.ts';
import type { SandboxOptions } from './options.ts';
import { asDiskProblem, SandboxError } from './problem.ts';
import { identify, isAlive, type ProcessIdentity } from './process.ts';
import { claim, forget, handedIn, stillOf, update, type SandboxRecord } from './record.ts';
import { runtimeDirectory } from './runtime-directory.ts';
import { accepts, answering, spawn } from './spawn.ts';
import { removeTree, sweep } from './sweep.ts';
import { requireTools } from './tools.ts';
import { planIdMap } from './user-namespace.ts';

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
/** Bytes (unix(7): 108 with the zero at its end). */
const LONGEST_SOCKET_PATH = 107;

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
  return (await lookForSandboxes()).running;
}

/** Also those that were killed since somebody last looked; they are told of once. */
export async function lookForSandboxes(): Promise<{
  readonly running: readonly Sandbox[];
  readonly ended: readonly { readonly name: string; readonly lab: string }[];
}> {
  const runtime = await runtimeDirectory();
  const { running, ended } = await sweep(runtime);
  return { running: running.map((record) => fromRecord(runtime, record)), ended };
}

/** A sandbox whose session answers. */
export interface StartedSandbox {
  readonly sandbox: Sandbox;
  /** Somebody else had started it. */
  readonly joined: boolean;
}

/**
 * Starts a sandbox and returns when its session answers. It lives on when we end.
 * @throws SandboxError saying what to do; the signal's reason once it is aborted
 */
export async function startSandbox(options: SandboxOptions): Promise<StartedSandbox> {
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
  const claimed = await claimName(runtime, options, map);
  if (typeof claimed !== 'string') return { sandbox: fromRecord(runtime, claimed), joined: true };
  const name = claimed;
  const directory = handedIn(runtime, name);
  let spawned: ProcessIdentity | null = null;
  try {
    if (Buffer.byteLength(join(directory, SOCKET)) > LONGEST_SOCKET_PATH)
      throw new SandboxError(
        'cannot-write',
        `${runtime} is too long a path: a socket in it cannot have a name.`,
        'Set HOPLAB_RUNTIME_DIR to a shorter one.',
      );
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
    return { sandbox: fromRecord(runtime, record), joined: false };
  } catch (error) {
    if (spawned) await kill(spawned);
    await removeTree(directory);
    await forget(runtime, name);
    // Ctrl-C reaches the helpers that start it too: what they then say is not the reason.
    options.signal?.throwIfAborted();
    throw asDiskProblem(error, runtime);
  }
}

/** Returns when the session of a sandbox that somebody may just be starting accepts clients. @throws SandboxError `gone` */
export async function ready(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  while (!(await accepts(sandbox.socket))) {
    signal.throwIfAborted();
    if (!isAlive(sandbox.process))
      throw new SandboxError(
        'gone',
        `The lab ${sandbox.name} has just ended.`,
        `Start it again where you left it: hoplab lab start ${sandbox.lab}`,
      );
    await delay(10);
  }
}

/** A name that is ours now, or the running sandbox that is joined. */
async function claimName(
  runtime: string,
  options: SandboxOptions,
  map: IdMap,
): Promise<string | SandboxRecord> {
  const self = identify(process.pid);
  if (!self) throw new Error('this process is not in /proc');
  for (let number = 1; ; number += options.another ? 1 : 0) {
    options.signal?.throwIfAborted();
    const { running } = await sweep(runtime);
    const found = options.another ? undefined : running.find((record) => record.lab === options.lab);
    if (found) return found;
    const name = number === 1 ? options.name : `${options.name}-${number}`;
    const record = {
      schema: 1,
      name,
      lab: options.lab,
      state: 'starting',
      process: self,
      map: map.by,
    } as const;
    try {
      if (await claim(runtime, record)) return name;
    } catch (error) {
      throw asDiskProblem(error, runtime);
    }
    // Somebody is starting it at this moment.
    if (!options.another) await delay(20);
  }
}

/** Kills a sandbox: one process, and the kernel removes the rest. Returns when it is gone. */
export async function stopSandbox(sandbox: Sandbox): Promise<void> {
  const runtime = await runtimeDirectory();
  await kill(sandbox.process);
  if (!(await stillOf(runtime, sandbox.name, sandbox.process))) return;
  await removeTree(sandbox.directory);
  await forget(runtime, sandbox.name);
}
