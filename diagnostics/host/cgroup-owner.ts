import { readFileSync } from 'node:fs';

/** What made a process's cgroup: a container of some engine, or a unit of systemd. */
export interface CgroupOwner {
  readonly kind: 'container' | 'unit';
  /** A container's id (64 hexadecimal digits), or the unit's name. */
  readonly name: string;
}

/**
 * Cgroups of containers as engines name them: `docker-ID.scope`, `libpod-ID.scope`, `cri-containerd-ID.scope`, `crio-ID.scope`
 * below slices of systemd; `/docker/ID`, `/libpod_parent/libpod-ID`, `/kubepods/…/ID`, `/NAMESPACE/ID` elsewhere.
 */
const CONTAINER = /\/(?:[^/\n]*[-_:])?([0-9a-f]{64})(?:\.scope)?(?=\/|$)/gm;
const UNIT = /\/([^/\n]+\.service)(?=\/|$)/gm;

/** From /proc/PID/cgroup (cgroups(7)); the innermost of several, for engines run inside of containers. */
export function parseCgroupOwner(text: string): CgroupOwner | null {
  const id = [...text.matchAll(CONTAINER)].at(-1)?.[1];
  if (id !== undefined) return { kind: 'container', name: id };
  const unit = [...text.matchAll(UNIT)].at(-1)?.[1];
  return unit === undefined ? null : { kind: 'unit', name: unit };
}

/** Null where nothing tells, where the process is gone, and for what this process itself belongs to as well. */
export function cgroupOwner(pid: number): CgroupOwner | null {
  const owner = parseCgroupOwner(cgroupOf(pid));
  if (owner === null) return null;
  const own = parseCgroupOwner(cgroupOf('self'));
  return own?.name === owner.name ? null : owner;
}

function cgroupOf(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
