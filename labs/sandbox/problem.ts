/** Why a sandbox could not be started, found or entered. `message` says what was tried and what happened, `remedy` what to do in a sentence. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly reason: SandboxProblem;
  readonly remedy: string;
  /** The one command that does it, where one does. */
  readonly command: string | null;

  constructor(reason: SandboxProblem, message: string, remedy: string, command: string | null = null) {
    super(message);
    this.reason = reason;
    this.remedy = remedy;
    this.command = command;
  }
}

export type SandboxProblem =
  | 'not-linux'
  | 'missing-tool'
  | 'no-user-namespaces'
  | 'restricted-by-apparmor'
  | 'no-subordinate-ids'
  | 'id-map-refused'
  | 'mount-refused'
  | 'unsafe-directory'
  | 'cannot-write'
  | 'not-installed'
  | 'did-not-start'
  | 'gone';

const DISK_PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left',
  EDQUOT: 'your quota is used up',
  EROFS: 'it is read-only',
  EACCES: 'permission denied',
  EPERM: 'it is not permitted',
  ENOTDIR: 'it is not a directory',
  ENOENT: 'the directory is not there',
  ELOOP: 'its symbolic links go round in circles',
};

/** An error of writing to a directory as what a user can do about it; other errors stay as they are. */
export function asDiskProblem(error: unknown, directory: string): unknown {
  const reason = error instanceof Error && 'code' in error ? DISK_PROBLEMS[String(error.code)] : undefined;
  return reason === undefined
    ? error
    : new SandboxError(
        'cannot-write',
        `A running lab keeps its files in ${directory}, and they cannot be written there: ${reason}.`,
        'Make room there, or set HOPLAB_RUNTIME_DIR to a short path of your own on another disk.',
      );
}
