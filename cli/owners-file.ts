import { existsSync } from 'node:fs';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { displayText } from '../diagnostics/model/display-text.ts';
import { CommandError, EXIT } from './exit.ts';
import { writeProblem } from './file-option.ts';

/**
 * Writes a file that tells much about a machine: only its owner may read it, also where one with wider rights stood before. It
 * is there whole or not at all: what was there stays until then. A device or a pipe is written into. Throws `CommandError`.
 */
export async function writeOwnersFile(file: string, text: string): Promise<void> {
  try {
    const target = await realpath(file).catch(() => file);
    const before = await stat(target).catch(() => null);
    if (before !== null && !before.isFile()) await writeFile(target, text);
    else await replace(target, text);
  } catch (error) {
    throw new CommandError(`${displayText(file)} could not be written: ${writeProblem(error)}`, EXIT.usage);
  }
}

async function replace(target: string, text: string): Promise<void> {
  const beside = `${target}.${process.pid}.part`;
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx' });
    await rename(beside, target);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    const refused = syscall === 'open' && (code === 'EACCES' || code === 'EPERM');
    if (!refused) {
      await rm(beside, { force: true });
      throw error;
    }
    // The directory takes no new file; one that is there may still be the user's own.
    if (!existsSync(target)) throw error;
    await overwrite(target, text);
  }
}

async function overwrite(target: string, text: string): Promise<void> {
  const handle = await open(target, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.truncate(0);
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}
