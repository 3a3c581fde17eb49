import { statSync } from 'node:fs';
import type { HostRoot } from '../host/machine.ts';
import { hostOfProcess, hostPid } from '../host/ownership.ts';
import { namespaceInode, processIds, processName, processStatus } from '../host/processes.ts';
import type { HostId } from '../model/ids.ts';

/** A process by which an engine is known to be at work. */
export interface EngineProcess {
  readonly program: 'dockerd' | 'containerd-shim' | 'conmon';
  readonly host: HostId;
  readonly pid: number;
  /** Its user, as this process's user namespace numbers them. */
  readonly uid: number;
  /** It lives behind rootlesskit: in a network, in mounts and among users of its own, and is its user's all the same. */
  readonly rootless: boolean;
}

const PROGRAMS: ReadonlySet<string> = new Set(['dockerd', 'containerd-shim', 'conmon']);

/** Engines that nobody named, by the names of their processes (of which the kernel keeps 15 letters). */
export function engineProcesses(hosts: readonly HostRoot[]): readonly EngineProcess[] {
  const hostOf = hostOfProcess(hosts);
  const networks = new Map(hosts.map((host) => [host.id, namespaceInode(hostPid(host), 'net')]));
  return processIds().flatMap((pid) => {
    const program = processName(pid);
    if (!isProgram(program)) return [];
    const host = hostOf(pid);
    const uid = userOf(pid);
    if (host === null || uid === null) return [];
    const apart = program !== 'containerd-shim' && namespaceInode(pid, 'net') !== networks.get(host);
    const rootless = apart && isBehindRootlesskit(pid);
    // Another engine with a network of its own (in a container, in a lab) is none of the host's.
    return apart && !rootless ? [] : [{ program, host, pid, uid, rootless }];
  });
}

/** rootlesskit, its child, a shell, the engine. */
const ANCESTORS = 4;

function isBehindRootlesskit(pid: number): boolean {
  let ancestor = processStatus(pid)?.parent ?? 0;
  for (let steps = 0; steps < ANCESTORS && ancestor > 1; steps += 1) {
    const { name, parent } = processStatus(ancestor) ?? { name: '', parent: 0 };
    if (name === 'rootlesskit') return true;
    ancestor = parent;
  }
  return false;
}

const isProgram = (name: string): name is EngineProcess['program'] => PROGRAMS.has(name);

function userOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return null;
  }
}
