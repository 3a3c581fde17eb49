import { constants } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';

/** `refused`: there is something that is not read (a device, a pipe, a large file), or nobody may look. */
export type GuardedRead =
  | { readonly state: 'read'; readonly text: string }
  | { readonly state: 'absent' }
  | { readonly state: 'refused'; readonly reason: string };

const MAXIMUM_BYTES = 256 * 1024;
const MAXIMUM_LINKS = 10;
/** As long as a command may take: on a busy machine a second passes before the first answer is heard. */
const TIMEOUT_MILLISECONDS = 5000;

/**
 * Reads a small text file below a root directory that somebody else controls (a container's). Symbolic links are followed as a
 * process with that root would follow them, so none leads out of it; devices, pipes and large files are refused.
 * `root` is a directory such as `/proc/PID/root`, `path` is absolute within it.
 */
export const readFileBelow = (root: string, path: string): Promise<GuardedRead> =>
  inTime(path, walk(root, path, readWhole));

/** Whether there is anything, whatever it is: found in the same way, and not read. */
export async function isThereBelow(root: string, path: string): Promise<boolean> {
  const found = await inTime(
    path,
    walk(root, path, () => Promise.resolve({ state: 'read', text: '' })),
  );
  return found.state !== 'absent';
}

async function inTime(path: string, found: Promise<GuardedRead>): Promise<GuardedRead> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<GuardedRead>((resolve) => {
    timer = setTimeout(
      () => resolve({ state: 'refused', reason: `${path} did not answer in time` }),
      TIMEOUT_MILLISECONDS,
    );
  });
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;
const THIS_NAME = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** `atEnd` is given what is there, which is no link. */
async function walk(
  root: string,
  path: string,
  atEnd: (child: string, path: string) => Promise<GuardedRead>,
): Promise<GuardedRead> {
  // A stack of open directories: `..` goes up in it and never above the root.
  const stack: FileHandle[] = [];
  try {
    stack.push(await open(root, DIRECTORY));
    const todo = parts(path);
    let links = 0;
    for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
      const here = stack.at(-1);
      if (!here) break;
      if (name === '..') {
        if (stack.length > 1) await stack.pop()?.close();
        continue;
      }
      const child = `/proc/self/fd/${here.fd}/${name}`;
      const target = await linkTarget(child);
      if (target !== null) {
        links += 1;
        if (links > MAXIMUM_LINKS) return { state: 'refused', reason: `${path} is a chain of links` };
        if (target.startsWith('/')) while (stack.length > 1) await stack.pop()?.close();
        todo.unshift(...parts(target));
        continue;
      }
      if (todo.length > 0) stack.push(await open(child, DIRECTORY | THIS_NAME));
      else return await atEnd(child, path);
    }
    return { state: 'refused', reason: `${path} is not a file` };
  } catch (error) {
    return failure(error as NodeJS.ErrnoException, path);
  } finally {
    await Promise.all(stack.map((handle) => handle.close()));
  }
}

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

async function linkTarget(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return null;
    throw error;
  }
}

async function readWhole(child: string, path: string): Promise<GuardedRead> {
  const handle = await open(child, constants.O_RDONLY | THIS_NAME);
  try {
    const status = await handle.stat();
    if (!status.isFile()) return { state: 'refused', reason: `${path} is not a plain file` };
    // Its size may change while it is read: read what fits and one byte more.
    const buffer = Buffer.alloc(MAXIMUM_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > MAXIMUM_BYTES) return { state: 'refused', reason: `${path} is too large` };
    return { state: 'read', text: buffer.toString('utf8', 0, bytesRead) };
  } finally {
    await handle.close();
  }
}

function failure(error: NodeJS.ErrnoException, path: string): GuardedRead {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { state: 'absent' };
    case 'EACCES':
    case 'EPERM':
      return { state: 'refused', reason: `${path} may only be read by an administrator` };
    default:
      return { state: 'refused', reason: `${path} could not be read` };
  }
}
