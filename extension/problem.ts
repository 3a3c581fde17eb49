/** What a user can do about a problem, with one click. */
export type Remedy = 'doctor' | 'show-log' | 'none';

/** A failure in words for a user: what was tried, what happened; `remedy` is offered as a button. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly remedy: Remedy;

  constructor(message: string, remedy: Remedy = 'none') {
    super(message);
    this.remedy = remedy;
  }
}

/** Thrown where the user cancelled: nothing is said about it. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
