/** Why a question could not be asked. `to-not-found` is an answer (unreachable), `cannot-look` none (unknown); the others are bad usage. */
export type QuestionErrorReason =
  | 'malformed-endpoint'
  | 'malformed-address'
  | 'malformed-port'
  | 'contradiction'
  | 'from-not-found'
  | 'to-not-found'
  | 'prefixed-to-not-found'
  | 'host-not-found'
  /** Several things are called so. */
  | 'ambiguous-end'
  /** Whether it exists cannot be told: this user may not look, or the engine does not answer. */
  | 'cannot-look'
  | 'not-usable-here';

/** One sentence for a user, free of control characters, and names that are near to what was written. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';
  readonly reason: QuestionErrorReason;
  readonly near: readonly string[];

  constructor(reason: QuestionErrorReason, message: string, near: readonly string[] = []) {
    super(message);
    this.reason = reason;
    this.near = near;
  }

  static is(error: unknown): error is QuestionError {
    return error instanceof QuestionError;
  }
}
