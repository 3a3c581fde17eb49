import type { IdMap } from './id-map.ts';
import { asRootOf } from './user-namespace.ts';

/** The word by which a process that entered a sandbox is known. */
export const pidNamespaceWord = (pid: number): string => `--pid=/proc/${pid}/ns/pid_for_children`;

/**
 * The command prefix that brings a process of the machine into a sandbox, as its root. `pid` is the sandbox's one process as
 * the machine numbers it: it stands outside of the PID namespace that it made, hence `pid_for_children`.
 */
export const enterSandbox = (pid: number, map: IdMap['by']): readonly string[] => [
  'nsenter',
  '-t',
  String(pid),
  '-U',
  ...asRootOf(map),
  '--mount',
  '--net',
  '--uts',
  '--ipc',
  '--cgroup',
  pidNamespaceWord(pid),
];

/** The command prefix that brings a process of the sandbox into one of its hosts; `pid` as the sandbox numbers it. */
export const enterHost = (pid: number): readonly string[] => [
  'nsenter',
  '-t',
  String(pid),
  '--mount',
  '--net',
  '--uts',
  '--ipc',
  '--pid',
];
