import { readFileSync } from 'node:fs';
import type { HostId } from '../model/ids.ts';
import type { HostRoot } from './machine.ts';
import { namespaceInode, processStatus } from './processes.ts';

/** The process whose namespaces are the host's. */
export const hostPid = (host: HostRoot): number | 'self' => host.pid ?? 'self';

/**
 * Tells which host a process belongs to. A lab host has a PID namespace of its own; what runs directly in it shares that, and
 * a container's processes (in a PID namespace below it) descend from one that does. What belongs to no lab host belongs to
 * the host that this process itself is on, if that is one of them.
 */
export function hostOfProcess(hosts: readonly HostRoot[]): (pid: number) => HostId | null {
  const own = hosts.find((host) => host.pid === null)?.id ?? null;
  const labHosts = hosts.filter((host) => host.pid !== null);
  if (labHosts.length === 0) return () => own;

  const ourPidNamespace = namespaceInode('self', 'pid');
  const byPidNamespace = new Map<number, HostId>();
  const known = new Map<number, HostId | null>([[0, own]]);
  for (const host of labHosts) {
    if (host.pid === null) continue;
    known.set(host.pid, host.id);
    const inode = namespaceInode(host.pid, 'pid');
    if (inode !== null && inode !== ourPidNamespace) byPidNamespace.set(inode, host.id);
  }
  const hostOf = (pid: number): HostId | null => {
    const before = known.get(pid);
    if (before !== undefined) return before;
    known.set(pid, own);
    const inode = namespaceInode(pid, 'pid');
    const direct = inode === null ? undefined : byPidNamespace.get(inode);
    const host = direct ?? hostOf(processStatus(pid)?.parent ?? 0);
    known.set(pid, host);
    return host;
  };
  return hostOf;
}

const CAP_SYS_PTRACE = 19n;
const CAP_SYS_ADMIN = 21n;

/** Whether this process can see and enter other processes' namespaces, see capabilities(7). */
export function mayEnterNamespaces(): boolean {
  const text = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/\nCapEff:\s*([0-9a-f]+)/.exec(text)?.[1] ?? '0'}`);
  return [CAP_SYS_PTRACE, CAP_SYS_ADMIN].every((bit) => ((effective >> bit) & 1n) === 1n);
}
