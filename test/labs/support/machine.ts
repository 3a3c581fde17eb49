import { execa } from 'execa';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Processes that live and whose network, mount, PID or user namespace is one of these (`net:[4026532000]`). A zombie is none:
 * it waits for the machine's own init, and holds nothing.
 */
export function processesIn(namespaces: ReadonlySet<string>): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => namespacesOf(pid).some((namespace) => namespaces.has(namespace)) && !isZombie(pid));
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

export function namespacesOf(pid: number): readonly string[] {
  return ['net', 'mnt', 'pid', 'user'].flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
    } catch {
      return [];
    }
  });
}

/** A process and all that came from it. */
export async function processTree(root: number): Promise<readonly number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,ppid=']);
  const parents = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [root];
  for (const pid of found)
    found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return found;
}
