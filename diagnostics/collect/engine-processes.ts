import { statSync } from 'node:fs';
import type { HostRoot } from '../host/machine.ts';
import { hostOfProcess } from '../host/ownership.ts';
import { processIds, processName } from '../host/processes.ts';
import type { HostId } from '../model/ids.ts';

/** A process by which an engine is known to be at work. */
export interface EngineProcess {
  readonly program: 'dockerd' | 'containerd-shim' | 'conmon';
  readonly host: HostId;
  readonly pid: number;
  /** Its user, as this process's user namespace numbers them. */
  readonly uid: number;
}

const PROGRAMS: ReadonlySet<string> = new Set(['dockerd', 'containerd-shim', 'conmon']);

/** Engines that nobody named, by the names of their processes (of which the kernel keeps 15 letters). */
export function engineProcesses(hosts: readonly HostRoot[]): readonly EngineProcess[] {
  const hostOf = hostOfProcess(hosts);
  return processIds().flatMap((pid) => {
    const program = processName(pid);
    if (!isProgram(program)) return [];
    const host = hostOf(pid);
    const uid = userOf(pid);
    return host === null || uid === null ? [] : [{ program, host, pid, uid }];
  });
}

const isProgram = (name: string): name is EngineProcess['program'] => PROGRAMS.has(name);

function userOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return null;
  }
}
