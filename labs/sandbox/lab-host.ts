import { execa } from 'execa';
import { once } from 'node:events';
import { enterHost } from './enter.ts';
import { childrenOf } from './process.ts';
import { HOST_SCRIPT, INSIDE } from './scripts.ts';

/** A host of a lab: its own network, mount, PID, UTS and IPC namespaces inside a sandbox. */
export interface LabHost {
  readonly name: string;
  /** Its PID 1 as the sandbox numbers it. */
  readonly pid: number;
  /** The command prefix that brings a process of the sandbox into it. */
  readonly enter: readonly string[];
  /** It has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Removes it with all its processes, namespaces and mounts; returns when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a lab host. Only the session process calls this, in a sandbox: there it is root, and there it does no harm.
 * @throws Error with the first thing that was refused
 */
export async function startLabHost(name: string): Promise<LabHost> {
  const parent = execa(
    'unshare',
    [
      ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc', '--mount-proc'],
      ...['--propagation', 'private', 'sh', '-c', HOST_SCRIPT, 'hoplab-host', name],
    ],
    { cwd: INSIDE, reject: false, stdin: 'ignore', buffer: { stdout: false }, cleanup: false },
  );
  const ready = await Promise.race([once(parent.stdout, 'data').then(() => true), parent.then(() => false)]);
  if (!ready) {
    const { stderr } = await parent;
    throw new Error(`lab host ${name} did not start: ${stderr.trim() || 'it ended at once'}`);
  }
  const pid = parent.pid === undefined ? undefined : childrenOf(parent.pid)[0];
  if (pid === undefined) throw new Error(`lab host ${name} ended at once`);
  return {
    name,
    pid,
    enter: enterHost(pid),
    ended: parent.then(() => undefined),
    async stop() {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        // Somebody else has killed it already.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      await parent;
    },
  };
}
