import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundedBy } from './bounded-process.ts';
import type { Output } from './machine.ts';

/** Where the tools of an administrator are, which an ordinary user's PATH may lack. */
const SYSTEM_PATHS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

const DEFAULT_TIMEOUT_MILLISECONDS = 5000;
const MAXIMUM_OUTPUT_CHARACTERS = 256 * 1024 * 1024;

/**
 * Where tools are looked for. Directories that may not be entered (root's own, seen from a user namespace) are left out: with
 * them, a tool that is nowhere would be "permission denied" instead of "not found", see execvp(3).
 */
export const toolPath = (path = process.env['PATH'] ?? ''): string =>
  [...new Set([...path.split(':').filter(Boolean), ...SYSTEM_PATHS])].filter(mayEnter).join(':');

function mayEnter(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface RunOptions {
  readonly stdin?: string | undefined;
  readonly timeoutMilliseconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Its output is gathered in a file without a name: nft writes every word of a rule by itself, and each would wake us. */
  readonly gathered?: boolean | undefined;
  /** More is not waited for. */
  readonly maximumCharacters?: number | undefined;
}

/** nsenter(1) and unshare(1) say a failed exec like this, with exit status 127 or 126. */
const EXEC_FAILED = /(?:nsenter|unshare): failed to execute [^\n]*: No such file or directory/;
const ENTER_REFUSED =
  /nsenter: (?:reassociate to namespaces? '?[^\n]*|cannot open [^\n]*|setgroups[^\n]*): (?:Operation not permitted|Permission denied)|unshare: unshare failed: Operation not permitted/;
const ENTER_GONE = /nsenter: (?:cannot open [^\n]*: (?:No such file|No such process)|[^\n]*Invalid argument)/;

/**
 * Runs an argument array; never throws. Output beyond reason is cut, and the command then counts as timed out. It ends with all
 * that it started when its time is up.
 */
export async function runArgv(argv: readonly string[], options: RunOptions = {}): Promise<Output> {
  const [file, ...rest] = argv;
  if (file === undefined) throw new Error('an empty command');
  if (options.signal?.aborted) return { exitCode: null, stdout: '', stderr: '', problem: 'cancelled' };
  // Most questions are answered without a command.
  const { execa } = await import('execa');
  const gathering = options.gathered === true ? await openGathering() : null;
  const maximum = options.maximumCharacters ?? MAXIMUM_OUTPUT_CHARACTERS;
  const child = execa(file, rest, {
    reject: false,
    stripFinalNewline: false,
    // A group of its own, by which it is ended with all that it started.
    detached: true,
    maxBuffer: maximum,
    env: { ...options.env, PATH: toolPath(options.env?.['PATH']), LC_ALL: 'C' },
    // The types of execa know the numbers 1 and 2 alone; it hands on any descriptor.
    ...(gathering && { stdout: gathering.fd as 1 }),
    ...(options.stdin === undefined ? { stdin: 'ignore' as const } : { input: options.stdin }),
  });
  const { result, ended } = await boundedBy(child, {
    timeoutMilliseconds: options.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS,
    signal: options.signal,
    isTooMuch: gathering && (async () => (await gathering.stat()).size > maximum),
  });
  const output = {
    exitCode: result.exitCode ?? null,
    stdout: gathering
      ? await gathered(gathering, maximum)
      : typeof result.stdout === 'string'
        ? result.stdout
        : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
  };
  if (ended) return { ...output, problem: ended };
  if (result.isMaxBuffer) return { ...output, problem: 'timeout' };
  if (result.code === 'ENOENT') return { ...output, problem: 'missing-tool' };
  if (result.code === 'EACCES' || result.code === 'EPERM') return { ...output, problem: 'not-permitted' };
  return withEnterProblem(output);
}

/** Null where there is no room for one: then it is a pipe. */
async function openGathering(): Promise<FileHandle | null> {
  const name = join(tmpdir(), `hoplab-${randomUUID()}`);
  try {
    const handle = await open(name, 'wx+', 0o600);
    await unlink(name);
    return handle;
  } catch {
    return null;
  }
}

async function gathered(handle: FileHandle, maximum: number): Promise<string> {
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, maximum));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Tells what nsenter(1) and unshare(1) could not do from what the command itself said. */
export function withEnterProblem(output: Output): Output {
  if (output.exitCode === 0) return output;
  if (EXEC_FAILED.test(output.stderr)) return { ...output, problem: 'missing-tool' };
  if (ENTER_REFUSED.test(output.stderr)) return { ...output, problem: 'not-permitted' };
  if (ENTER_GONE.test(output.stderr)) return { ...output, problem: 'namespace-gone' };
  return output;
}
