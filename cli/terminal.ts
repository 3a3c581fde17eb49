/** Where a command reads and writes: handed in, so that a test can look on. */
export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stdout (stderr, stdin) is a terminal: only then colours, progress, questions. */
  readonly interactive: { readonly stdout: boolean; readonly stderr: boolean; readonly stdin: boolean };
  /** Columns of stdout; null where it is not a terminal. */
  readonly columns: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line from the person, without its end; null where input has ended. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | null>;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}
