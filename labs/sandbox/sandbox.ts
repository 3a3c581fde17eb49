import { join } from 'node:path';
import { enterSandbox } from './enter.ts';
import { prepareDirectory } from './hand-in.ts';
import type { IdMap } from './id-map.ts';
import { kill } from './kill.ts';
import type { SandboxOptions } from './options.ts';
import { SandboxError } from './problem.ts';
import { identify, type ProcessIdentity } from './process.ts';
import { claim, forget, handedIn, update, type SandboxRecord } from './record.ts';
import { runtimeDirectory } from './runtime-directory.ts';
import { answering, spawn } from './spawn.ts';
import { removeTree, runningRecords } from './sweep.ts';
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

/** Kills a sandbox: one process, and the kernel removes the rest. Returns when it is gone. */
export async function stopSandbox(sandbox: Sandbox): Promise<void> {
  const runtime = await runtimeDirectory();
  await kill(sandbox.process);
  await removeTree(sandbox.directory);
  await forget(runtime, sandbox.name);
}
