export interface SandboxOptions {
  /** Wanted name; `-2`, `-3` … is added while it is taken. */
  readonly name: string;
  readonly lab: string;
  /** Start one more where one of this name runs already; otherwise that one is joined. */
  readonly another: boolean;
  /** Texts to see inside as the file `/run/hoplab/<key>`. */
  readonly files: Readonly<Record<string, string>>;
  /** The directory with the session's own program, seen inside as `/run/hoplab/app`. */
  readonly app: string;
  /** The session's command, run in the sandbox; it listens on `/run/hoplab/s`. The sandbox dies with it. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A file that the session appends to through its descriptor 9, wherever it lies. */
  readonly events?: string;
  /** A container engine needs more ids than the user's own. */
  readonly needsEngine: boolean;
  readonly readyMilliseconds?: number;
  readonly signal?: AbortSignal;
}
