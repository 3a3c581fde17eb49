import { CommandError, EXIT } from './exit.ts';

/** A file's name as an option gives it. Throws `CommandError` for an empty one: a shell variable was not set, most likely. */
export function fileName(value: string): string {
  if (value === '') throw new CommandError('a file name is empty; see --help', EXIT.usage);
  return value;
}

/** Why the system refused to write, in words. */
export function writeProblem(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such directory';
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
