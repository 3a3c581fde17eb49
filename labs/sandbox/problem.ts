/** Why a sandbox could not be started, found or entered. `message` says what was tried and what happened, `remedy` what to do. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly reason: SandboxProblem;
  readonly remedy: string;

  constructor(reason: SandboxProblem, message: string, remedy: string) {
    super(message);
    this.reason = reason;
    this.remedy = remedy;
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
  | 'not-installed'
  | 'did-not-start'
  | 'gone';
