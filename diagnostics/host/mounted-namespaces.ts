import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A network namespace that a file keeps alive. */
export interface MountedNamespace {
  readonly inode: number;
  readonly path: string;
  /** Its `ip netns` name; null where it is mounted elsewhere (Docker's, swarm's). */
  readonly name: string | null;
}

/** All nsfs files have one device number, which tells them from a plain file that somebody left there. */
export const nsfsDevice = (): number => statSync('/proc/self/ns/net').dev;

/**
 * Named namespaces (`ip netns`) and others that are bind-mounted, as a process with this root directory sees them.
 * `root` is `/`, or `/proc/PID/root` of a lab host; `translate` turns that host's PIDs into ours, for names that are
 * symbolic links to `/proc/PID/ns/net`.
 */
export function mountedNamespaces(
  root: string,
  mountinfo: string,
  translate: (pid: number) => number | null,
): MountedNamespace[] {
  const device = nsfsDevice();
  const found: MountedNamespace[] = [];
  const look = (path: string, name: string | null): void => {
    try {
      const status = statSync(path);
      if (status.dev === device) found.push({ inode: status.ino, path, name });
    } catch {
      // It went away, or is not ours to look at.
    }
  };
  const directory = join(root, 'run/netns');
  for (const name of entries(directory)) {
    const path = join(directory, name);
    look(linkTarget(path, root, translate), name);
  }
  for (const path of mountPoints(mountinfo)) look(join(root, path), null);
  return found;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** An absolute link in a lab host means that host's root and that host's PIDs, not ours. */
function linkTarget(path: string, root: string, translate: (pid: number) => number | null): string {
  try {
    if (!lstatSync(path).isSymbolicLink()) return path;
    const target = readlinkSync(path);
    const pid = /^\/proc\/(\d+)\/ns\/net$/.exec(target)?.[1];
    if (pid !== undefined) return `/proc/${translate(Number(pid)) ?? 0}/ns/net`;
    return target.startsWith('/') ? join(root, target) : path;
  } catch {
    return path;
  }
}

/** Mount points of network namespaces in a mountinfo file, see proc(5); octal escapes undone. */
function mountPoints(mountinfo: string): string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const [, , , content = '', point = ''] = fields;
    if (!content.startsWith('net:[')) return [];
    return [point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))];
  });
}

export function readMountinfo(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  } catch {
    return '';
  }
}
