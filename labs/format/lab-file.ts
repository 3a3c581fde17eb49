import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A lab that cannot be used; each line names the file, the line, what is wrong there. */
export class LabFileError extends Error {
  override readonly name = 'LabFileError';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** A lab is text that somebody wrote: what is larger is something else. */
const LARGEST_FILE = 512 * 1024;

/**
 * Reads a file of a lab, which may come from anywhere: never another file by way of a link, never a device or a pipe.
 * @throws LabFileError
 */
export async function readLabFile(file: string): Promise<string> {
  const refused = (what: string): LabFileError => new LabFileError([`${file}: ${what}`]);
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(
      code === 'ELOOP'
        ? 'is a symbolic link; a lab needs the file itself'
        : `cannot be read (${code}); a lab needs it`,
    );
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw refused('is no ordinary file; a lab needs one');
    if (status.size > LARGEST_FILE)
      throw refused(`has ${status.size} bytes; a file of a lab has ${LARGEST_FILE} at most`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
