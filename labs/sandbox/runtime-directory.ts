import { chmod, lstat, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { asDiskProblem, SandboxError } from './problem.ts';

/**
 * The directory of this user's running sandboxes: `<name>.json` (written by us alone) and `<name>/` (handed to the sandbox).
 * Short, because the path of a Unix socket may have 107 bytes; on a disk, because engines put their images there.
 * Only the owner can enter it. Where somebody else already has its name in /tmp, another place of the user's is taken.
 * @throws SandboxError `unsafe-directory`
 */
export async function runtimeDirectory(): Promise<string> {
  const chosen = process.env['HOPLAB_RUNTIME_DIR'];
  if (chosen) return safeDirectory(chosen);
  const uid = process.getuid?.() ?? 0;
  try {
    return await safeDirectory(`/tmp/hoplab-${uid}`);
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    const own = join(homedir(), '.cache/hoplab');
    await mkdir(own, { recursive: true });
    return safeDirectory(join(own, 'run'));
  }
}

async function safeDirectory(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw asDiskProblem(error, path);
  });
  const status = await lstat(path);
  if (!status.isDirectory() || status.uid !== process.getuid?.())
    throw new SandboxError(
      'unsafe-directory',
      `${path} is not a directory of yours, so no lab can keep its state in it.`,
      `Remove it, or set HOPLAB_RUNTIME_DIR to a short path of your own.`,
    );
  if ((status.mode & 0o077) !== 0) await chmod(path, 0o700);
  return path;
}
