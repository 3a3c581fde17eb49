import { readFileSync, readdirSync, statSync } from 'node:fs';

/** A process told apart from a later one with the same PID, also over a reboot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot (proc(5), stat field 22). */
  readonly startTime: number;
  readonly bootId: string;
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

interface ProcessStat {
  readonly parent: number;
  readonly state: string;
  readonly startTime: number;
}

/** null: no such process. The name in field 2 may hold spaces and brackets: fields are counted from the last bracket. */
function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startTime: Number(fields[19]) };
  } catch {
    return null;
  }
}

/** null: the process is gone already. */
export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  return stat && { pid, startTime: stat.startTime, bootId: bootId() };
}

/** A zombie counts as gone: its namespaces are. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return (
    stat !== null &&
    stat.state !== 'Z' &&
    stat.state !== 'X' &&
    stat.startTime === identity.startTime &&
    bootId() === identity.bootId
  );
}

const allPids = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

export const childrenOf = (pid: number): readonly number[] =>
  allPids().filter((candidate) => readStat(candidate)?.parent === pid);

/** Processes of these users whose command line has these words in a row. */
export function findProcesses(words: readonly string[], users: readonly number[]): readonly number[] {
  const wanted = `\0${words.join('\0')}\0`;
  return allPids().filter((pid) => {
    try {
      return (
        users.includes(statSync(`/proc/${pid}`).uid) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(wanted)
      );
    } catch {
      return false;
    }
  });
}
