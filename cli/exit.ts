/** Exit statuses of `hoplab`; scripts rely on them. */
export const EXIT = {
  reachable: 0,
  unreachable: 1,
  unknown: 2,
  usage: 64,
  internal: 70,
  interrupted: 130,
} as const;

/** Ends a command with one line on stderr and this status. `message` was passed through `displayText` where it holds data. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: number;
  /** What to do about it; printed on a line of its own. */
  readonly hint: string | null;

  constructor(message: string, status: number, hint: string | null = null) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}
