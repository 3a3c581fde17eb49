import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { nsfsDevice } from './mounted-namespaces.ts';
import { inodeOf, namespaceInode } from './processes.ts';
import { runArgv } from './run-command.ts';

/** A network namespace that a process has open. */
export interface HeldNamespace {
  readonly inode: number;
  readonly descriptor: number;
}

/**
 * Open files of a process that are network namespaces; none of a process that is not ours to look into. What was opened by a name
 * shows that name, or `/` once the name is gone: only for such files the kernel is asked what they are.
 *
 * @param isKnown inodes that are of no interest
 */
export async function heldNamespaces(
  pid: number,
  isKnown: (inode: number) => boolean,
): Promise<readonly HeldNamespace[]> {
  const directory = `/proc/${pid}/fd`;
  const held: HeldNamespace[] = [];
  for (const name of entries(directory)) {
    const path = `${directory}/${name}`;
    const link = targetOf(path);
    const told = link.startsWith('net:[');
    const inode = told ? inodeOf(link) : MAY_BE_ONE.test(link) ? nsfsInode(path) : null;
    if (inode !== null && !isKnown(inode) && (told || (await isNetwork(path))))
      held.push({ inode, descriptor: Number(name) });
  }
  return held;
}

/** Where names of namespaces are (`ip netns`, Docker, CNI). Others are not looked at: a file of a network's disk may never answer. */
const MAY_BE_ONE = /^(?:\/|(?:\/var)?\/run\/.*)$/;

/** Of a file that is a namespace of any kind. */
function nsfsInode(path: string): number | null {
  try {
    const { dev, ino } = statSync(path);
    return dev === nsfsDevice() ? ino : null;
  } catch {
    return null;
  }
}

/** Namespaces of all kinds look alike: entered, the kernel says. */
const isNetwork = async (path: string): Promise<boolean> =>
  (await runArgv(['nsenter', `--net=${path}`, 'true'])).exitCode === 0;

/** A thread that is in another network namespace than its process. */
export interface StrayThread {
  readonly inode: number;
  readonly thread: number;
}

/** Threads choose their network namespace one by one (setns(2)): a program may have sent some of its own elsewhere. */
export function strayThreads(pid: number, inode: number): readonly StrayThread[] {
  const directory = `/proc/${pid}/task`;
  // A directory has one link for itself, one for its name, and one for each directory in it: most have one thread alone.
  if (linksTo(directory) <= 3) return [];
  return entries(directory).flatMap((name) => {
    const thread = Number(name);
    const own = thread === pid ? inode : namespaceInode(thread, 'net');
    return own === null || own === inode ? [] : [{ inode: own, thread }];
  });
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

function linksTo(directory: string): number {
  try {
    return statSync(directory).nlink;
  } catch {
    return 0;
  }
}
