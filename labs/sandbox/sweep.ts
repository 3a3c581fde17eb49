import { execa } from 'execa';
import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findProcesses, identify, isAlive, type ProcessIdentity } from './process.ts';
import { forget, handedIn, listRecords, stillOf, update, type SandboxRecord } from './record.ts';
import { MARKER, STOPPED } from './scripts.ts';
import { openUserNamespace, planIdMap } from './user-namespace.ts';

/** Deletes what a sandbox left on disk. Files of its other users are deletable only by who is root over them. */
export async function removeTree(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    const namespace = await openUserNamespace(await planIdMap());
    try {
      const [file = '', ...rest] = namespace.enter;
      await execa(file, [...rest, 'rm', '-rf', '--', basename(directory)], { cwd: dirname(directory) });
    } finally {
      await namespace.close();
    }
  }
}

/** Whether a process was started in this directory: another runtime directory may have a sandbox of the same name. */
const startedIn = (directory: string): ((pid: number) => boolean) => {
  const real = existsSync(directory) ? realpathSync(directory) : directory;
  return (pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === real;
    } catch {
      return false;
    }
  };
};

/** The one process of the sandbox of this name, found by its command line: where its record is lost. */
async function findByCommandLine(runtime: string, name: string): Promise<ProcessIdentity | null> {
  const map = await planIdMap();
  const users = [process.getuid?.() ?? -1, ...map.users.map((range) => range.outside)];
  const pids = findProcesses([MARKER, name], users).filter(startedIn(handedIn(runtime, name)));
  // Both the process that made the namespaces and its child, PID 1 inside, have the words: the parent came first.
  const pid = Math.min(...pids);
  return Number.isFinite(pid) ? identify(pid) : null;
}

/** What was found of a user's sandboxes. */
export interface Swept {
  readonly running: readonly SandboxRecord[];
  /** They ran, and nobody stopped them: they were killed. What they left is deleted. */
  readonly ended: readonly SandboxRecord[];
}

/** Looks for the running sandboxes of this user; what dead ones left is deleted. */
export async function sweep(runtime: string): Promise<Swept> {
  const ended: SandboxRecord[] = [];
  const records = await listRecords(runtime);
  const running = await Promise.all(
    records.map(async ({ name, record }): Promise<readonly SandboxRecord[]> => {
      if (record && isAlive(record.process)) return record.state === 'running' ? [record] : [];
      if (record?.state !== 'running') {
        const found = await findByCommandLine(runtime, name);
        if (found) {
          const map = record?.map ?? (await planIdMap()).by;
          const recovered = {
            schema: 1,
            name,
            lab: record?.lab ?? name,
            state: 'running',
            process: found,
            map,
          } as const;
          await update(runtime, recovered);
          return [recovered];
        }
      }
      if (!(await stillOf(runtime, name, record?.process ?? null))) return [];
      const stopped = existsSync(join(handedIn(runtime, name), STOPPED));
      await removeTree(handedIn(runtime, name));
      await forget(runtime, name);
      if (record?.state === 'running' && !stopped) ended.push(record);
      return [];
    }),
  );
  return { running: running.flat(), ended };
}
