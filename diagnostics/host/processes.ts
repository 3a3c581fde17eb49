import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The inode in a /proc/PID/ns link (`net:[4026531840]`); null where it is gone or may not be read. */
export function namespaceInode(pid: number | 'self', kind: 'net' | 'pid' | 'mnt' | 'user'): number | null {
  try {
    return inodeOf(readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return null;
  }
}

/** Of `net:[4026531840]`. */
export const inodeOf = (link: string): number | null => {
  const match = /\[(\d+)\]$/.exec(link);
  return match ? Number(match[1]) : null;
};

/** PIDs as this process's /proc shows them, ascending. */
export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export interface ProcessStatus {
  readonly name: string;
  readonly parent: number;
  /** The process's PID in each nested PID namespace, the reader's first (proc(5), NSpid). */
  readonly nestedPids: readonly number[];
}

/** /proc/PID/status, as far as it matters here; null where the process is gone. */
export function processStatus(pid: number): ProcessStatus | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return null;
  }
  // The name is the first line and may contain anything but a raw newline: look for the others after it.
  const end = text.indexOf('\n');
  const rest = text.slice(end);
  return {
    name: text.slice('Name:'.length, end).trim(),
    parent: Number(/\nPPid:\s*(\d+)/.exec(rest)?.[1] ?? 0),
    nestedPids: (/\nNSpid:\s*([\d\s]+?)\n/.exec(rest)?.[1] ?? String(pid)).split(/\s+/).map(Number),
  };
}

/** The name a process gave itself; empty where it is gone. */
export function processName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '');
  } catch {
    return '';
  }
}
