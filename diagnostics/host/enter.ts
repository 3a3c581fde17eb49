import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { Output } from './machine.ts';
import { mayEnterNamespaces } from './ownership.ts';
import { namespaceInode } from './processes.ts';

/** A way into a namespace: the words before a command, as long as `leave` was not called. */
export interface Entry {
  readonly argv: readonly string[];
  leave(): void;
}

/** Where this process is already. */
export const NOT_ENTERED: Entry = { argv: [], leave: () => undefined };

export const isRefusal = (entry: Entry | Output): entry is Output => !('argv' in entry);

export const refusal = (problem: NonNullable<Output['problem']>, stderr: string): Output => ({
  exitCode: null,
  stdout: '',
  stderr,
  problem,
});

/**
 * Opens a network namespace and makes sure that it still is the one that was found. Through our descriptor it is this very one,
 * whatever becomes of its name meanwhile. With `hostPid`, that process's mounts, PIDs and host name are entered too.
 */
export function enterNamespace(path: string, inode: number | null, hostPid: number | null): Entry | Output {
  const descriptor = openNamespace(path, inode);
  if (typeof descriptor !== 'number') return descriptor;
  const whole = hostPid === null ? [] : ['--target', String(hostPid), '--mount', '--pid', '--uts'];
  const owners = openOwners(path);
  const through = owners === null ? [] : [`--user=${ownPath(owners)}`, '--preserve-credentials'];
  return {
    argv: ['nsenter', ...through, `--net=${ownPath(descriptor)}`, ...whole, '--'],
    leave() {
      closeSync(descriptor);
      if (owners !== null) closeSync(owners);
    },
  };
}

const ownPath = (descriptor: number): string => `/proc/${process.pid}/fd/${descriptor}`;

/**
 * The user namespace of the process that a network namespace was found by, for an ordinary user: who made it is root in it, and may so
 * enter the networks of their own containers (user_namespaces(7)). Null where it is our own, or is not needed.
 */
function openOwners(path: string): number | null {
  const [, pid] = /^\/proc\/(\d+)\/ns\/net$/.exec(path) ?? [];
  if (pid === undefined || mayEnterNamespaces()) return null;
  if (namespaceInode(Number(pid), 'user') === namespaceInode('self', 'user')) return null;
  try {
    return openSync(`/proc/${pid}/ns/user`, constants.O_RDONLY);
  } catch {
    return null;
  }
}

/** A descriptor of the namespace that was found, for the caller to close. */
export function openNamespace(path: string, inode: number | null): number | Output {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return refusal(code === 'EACCES' || code === 'EPERM' ? 'not-permitted' : 'namespace-gone', message);
  }
  if (fstatSync(descriptor).ino === inode) return descriptor;
  closeSync(descriptor);
  return refusal('namespace-gone', `${path} is another network namespace by now.`);
}
