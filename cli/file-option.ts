import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, EXIT } from './exit.ts';

/** A file's name as an option gives it. Throws `CommandError` for an empty one: a shell variable was not set, most likely. */
export function fileName(value: string): string {
  if (value === '') throw new CommandError('a file name is empty; see --help', EXIT.usage);
  return value;
}

/** Why the system refused to write, in words. */
export function writeProblem(error: unknown): string {
  const { code, path } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOENT':
      // Of a kernel's own file system (/proc, /sys) a directory is there, and takes no files.
      return path !== undefined && existsSync(dirname(path))
        ? 'no file can be made in that directory'
        : 'there is no such directory';
    case 'ENOTDIR':
      return 'a part of its path is a file, and no directory';
    case 'ENAMETOOLONG':
      return 'its name is too long';
    case 'ELOOP':
      return 'its path is a link that leads to itself';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'there is no space left';
    default:
      return code ?? 'the system refused';
  }
}
