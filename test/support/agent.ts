import { execa } from 'execa';
import { createInterface } from 'node:readline';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/**
 * What the small process does that stays as long as the test's worker, and for which namespaces (`null`: the sandbox's own).
 * To start a process costs in proportion to the memory of who starts it (fork(2) copies page tables), and a worker's is large:
 * there it costs several times what `ip` itself does.
 */
type Ask =
  | {
      readonly act: 'run';
      readonly namespace: string | null;
      readonly argv: readonly string[];
      readonly stdin: string;
    }
  | { readonly act: 'start'; readonly namespace: string | null; readonly argv: readonly string[] }
  | { readonly act: 'end'; readonly pids: readonly number[] }
  | { readonly act: 'furnish' | 'remove'; readonly names: readonly string[] }
  | { readonly act: 'devices' }
  | ({ readonly act: 'listen'; readonly namespace: string | null } & Required<ServerOptions>);

/** What a test's server does. */
export interface ServerOptions {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Default: every address of the family (`0.0.0.0`); `::` takes IPv4 too unless `v6only`. */
  readonly address?: string;
  readonly v6only?: boolean;
  /** `echo` (default) sends back what it gets; `silent` accepts and says nothing; `hang-up` closes at once (tcp). */
  readonly behaviour?: 'echo' | 'silent' | 'hang-up';
  /** What the process calls itself. */
  readonly name?: string;
}

/** `problem`: why it could not be done. */
interface Answer {
  readonly problem?: string;
  /** A command's exit status; negative: the signal that ended it. */
  readonly status?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly pid?: number;
  readonly names?: readonly string[];
}

/**
 * Runs a command in a named namespace.
 *
 * @returns what the command said on standard output, without its last line end
 * @throws Error with all that it said, where it failed or could not be started
 */
export async function runCommand(
  namespace: string | null,
  argv: readonly string[],
  stdin = '',
): Promise<string> {
  const {
    problem,
    status,
    stdout = '',
    stderr = '',
  } = await answered({ act: 'run', namespace, argv, stdin });
  if (status !== 0) throw new Error(`"${argv.join(' ')}" failed (${problem ?? status}):\n${stderr}${stdout}`);
  return stdout.replace(/\n$/, '');
}

/** Starts a command that stays until `endProcesses`. */
export const startCommand = async (namespace: string | null, argv: readonly string[]): Promise<number> =>
  pidOf(await answered({ act: 'start', namespace, argv }), argv.join(' '));

/** Starts a real server, ready to answer when the promise resolves. */
export async function startServer(namespace: string | null, options: ServerOptions): Promise<number> {
  const { address = '0.0.0.0', v6only = false, behaviour = 'echo', name = '' } = options;
  const server = { ...options, address, v6only, behaviour, name };
  const what = `the test's ${server.protocol} server on ${server.address}:${server.port}`;
  return pidOf(await answered({ act: 'listen', namespace, ...server }), what);
}

/** Kills what `startCommand` and `startServer` started, and waits until it has ended. */
export async function endProcesses(pids: readonly number[]): Promise<void> {
  await done({ act: 'end', pids });
}

/** Makes new namespaces ready for use: `lo` is up, and there is no duplicate address detection. */
export async function furnishNamespaces(names: readonly string[]): Promise<void> {
  await done({ act: 'furnish', names });
}

export async function removeNamespaces(names: readonly string[]): Promise<void> {
  await done({ act: 'remove', names });
}

/** The names of the sandbox's own network devices. */
export async function hostDevices(): Promise<readonly string[]> {
  return (await done({ act: 'devices' })).names ?? [];
}

async function done(ask: Ask): Promise<Answer> {
  const answer = await answered(ask);
  if (answer.problem !== undefined) throw new Error(`${ask.act}: ${answer.problem}`);
  return answer;
}

function pidOf({ pid, problem }: Answer, what: string): number {
  if (pid === undefined) throw new Error(`${what} did not start: ${problem}`);
  return pid;
}

function answered(ask: Ask): Promise<Answer> {
  agent ??= startAgent();
  return agent(ask);
}

let agent: ((ask: Ask) => Promise<Answer>) | null = null;

function startAgent(): (ask: Ask) => Promise<Answer> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  const words = ['-I', '-S', '-X', 'utf8', fileURLToPath(new URL('agent.py', import.meta.url))];
  const child = execa('python3', words, { reject: false, buffer: false, stderr: 'inherit' });
  const streams = [child.stdin, child.stdout].filter((stream) => stream instanceof Socket);
  // Only a question that waits for its answer keeps the worker.
  const rest = (): void => {
    for (const stream of streams) stream.unref();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...answer } = JSON.parse(line) as Answer & { readonly id: number };
    waiting.get(id)?.(answer);
    waiting.delete(id);
    if (waiting.size === 0) rest();
  });
  void child.then(({ exitCode, signal }) => {
    agent = null;
    const problem = `the test's agent ended: ${signal ?? exitCode}`;
    for (const resolve of waiting.values()) resolve({ problem });
    waiting.clear();
  });
  child.unref();
  return (ask) =>
    new Promise((resolve) => {
      const id = (last += 1);
      waiting.set(id, resolve);
      for (const stream of streams) stream.ref();
      child.stdin.write(`${JSON.stringify({ id, ...ask })}\n`);
    });
}
