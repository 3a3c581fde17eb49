import { processIds, processStatus } from '../../host/processes.ts';
import { readText } from '../plain-files.ts';

/** Finds a container's first process among ours; null where it is not on this machine. */
export type LocateContainer = (id: string, pid: number) => number | null;

/** A shim is the parent of a container's first process; one more for runtimes that put something between. */
const ANCESTORS = 3;

/**
 * An engine says a PID as *it* sees it: that is ours only if the engine runs on this machine, and translates (NSpid) where it
 * runs in a PID namespace below ours. A PID alone proves nothing, since every machine has a process 4711. What proves it is
 * the container's id: the process's cgroup names it (runc, crun); or, where an engine has no cgroups (rootless without
 * delegation, a sandbox), the container's shim does, an ancestor that was started as `containerd-shim … -id ID` or `conmon -c ID`.
 */
export function containerLocator(): LocateContainer {
  let nested: ReadonlyMap<number, readonly number[]> | null = null;
  return (id, pid) => {
    if (pid <= 0) return null;
    if (isOf(pid, id)) return pid;
    nested ??= nestedPids();
    return nested.get(pid)?.find((candidate) => isOf(candidate, id)) ?? null;
  };
}

/** PIDs in nested namespaces → ours. */
function nestedPids(): ReadonlyMap<number, readonly number[]> {
  const result = new Map<number, number[]>();
  for (const pid of processIds())
    for (const nested of processStatus(pid)?.nestedPids.slice(1) ?? [])
      result.set(nested, [...(result.get(nested) ?? []), pid]);
  return result;
}

function isOf(pid: number, id: string): boolean {
  if (readText(`/proc/${pid}/cgroup`).includes(id)) return true;
  let ancestor = processStatus(pid)?.parent ?? 0;
  for (let steps = 0; steps < ANCESTORS && ancestor > 1; steps += 1) {
    if (readText(`/proc/${ancestor}/cmdline`).split('\0').includes(id)) return true;
    ancestor = processStatus(ancestor)?.parent ?? 0;
  }
  return false;
}
