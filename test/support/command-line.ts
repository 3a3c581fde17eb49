import { run } from '../../cli/run.ts';

export interface CommandLineResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLineOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What the person answers, in turn; after the last the input has ended. */
  readonly answers?: readonly string[];
  readonly columns?: number;
  readonly signal?: AbortSignal;
}

/** Runs `hoplab …` in this process and returns what a shell would see. */
export async function hoplab(
  argv: readonly string[],
  options: CommandLineOptions = {},
): Promise<CommandLineResult> {
  const answers = [...(options.answers ?? [])];
  let stdout = '';
  let stderr = '';
  const status = await run(argv, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    interactive: { stdout: false, stderr: false, stdin: options.answers !== undefined },
    columns: options.columns ?? null,
    env: options.env ?? {},
    ask: async (question) => {
      stderr += question;
      return answers.shift() ?? null;
    },
    signal: options.signal ?? new AbortController().signal,
  });
  return { status, stdout, stderr };
}
