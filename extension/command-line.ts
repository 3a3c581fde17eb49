import { join } from 'node:path';
import { displayText } from '../diagnostics/model/display-text.ts';
import { language, say } from './language.ts';
import { Problem } from './problem.ts';

export interface Invocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Statuses of `hoplab` with which it has printed its answer: reachable, unreachable or partial, unknown. */
const ANSWERED = [0, 1, 2];

/** The bundled command line tool, run by the Node that runs this extension. */
export class CommandLine {
  readonly #script: string;

  constructor(extensionPath: string) {
    this.#script = join(extensionPath, 'dist/cli/hoplab.mjs');
  }

  /** How to run it, for who wants to run it where the user sees it. */
  invocation(args: readonly string[]): Invocation {
    return { file: process.execPath, args: [this.#script, ...args], env: { ELECTRON_RUN_AS_NODE: '1' } };
  }

  /** The same with root's rights, asked for by `sudo` in the terminal it runs in. */
  asRoot(args: readonly string[]): Invocation {
    const { file, args: words, env } = this.invocation(args);
    const variables = Object.entries({ ...env, HOPLAB_LANGUAGE: language() }).map(
      ([name, value]) => `${name}=${value}`,
    );
    return { file: 'sudo', args: ['env', ...variables, file, ...words], env: {} };
  }

  /**
   * What `hoplab ARGUMENTS` printed with `--json`.
   * @throws Problem with what the tool said, where it did not answer
   */
  async json(args: readonly string[], signal?: AbortSignal): Promise<unknown> {
    const operands = args.indexOf('--');
    const { stdout } = await this.#run(
      args.toSpliced(operands < 0 ? args.length : operands, 0, '--json'),
      signal,
    );
    try {
      return JSON.parse(stdout);
    } catch {
      throw new Problem(say('"hoplab {0}" did not answer as expected.', args[0] ?? ''), 'show-log');
    }
  }

  /** What it printed for people. */
  async text(args: readonly string[], signal?: AbortSignal): Promise<string> {
    const { stdout, stderr } = await this.#run(args, signal);
    return `${stdout}${stderr === '' ? '' : `\n${stderr}`}`;
  }

  async #run(args: readonly string[], signal?: AbortSignal): Promise<{ stdout: string; stderr: string }> {
    const { execa } = await import('execa');
    const { file, args: words, env } = this.invocation(args);
    const result = await execa(file, words, {
      env: { ...env, NO_COLOR: '1', HOPLAB_LANGUAGE: language() },
      reject: false,
      stdin: 'ignore',
      ...(signal ? { cancelSignal: signal } : {}),
    });
    if (result.exitCode !== undefined && ANSWERED.includes(result.exitCode) && result.stdout !== '')
      return result;
    // One sentence a line: what happened, what to do.
    const said = result.stderr
      .trim()
      .replace(/^hoplab: /, '')
      .replace(/\s*\n\s*/g, ' ');
    throw new Problem(
      displayText(said === '' ? say('"hoplab {0}" ended without an answer.', args[0] ?? '') : said),
      'doctor',
    );
  }
}
