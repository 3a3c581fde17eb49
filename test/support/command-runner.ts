import { execa } from 'execa';
import { createInterface } from 'node:readline';
import { Socket } from 'node:net';

/**
 * Runs commands for tests by a small process of its own, which stays as long as the test's worker. To start a process costs
 * in proportion to the memory of who starts it (fork(2) copies page tables), and a worker's is large: there it costs several
 * times what `ip` itself does.
 *
 * @returns what the command said on standard output, without its last line end
 * @throws Error with all that it said, where it failed or could not be started
 */
export async function runCommand(argv: readonly string[], stdin = ''): Promise<string> {
  runner ??= startRunner();
  const { status, stdout, stderr } = await runner.ask({ argv, stdin });
  if (status !== 0) throw new Error(`"${argv.join(' ')}" failed (${status}):\n${stderr}${stdout}`);
  return stdout.replace(/\n$/, '');
}

interface Asked {
  readonly argv: readonly string[];
  readonly stdin: string;
}

/** `status`: exit status, a signal's name, or why it could not be started. */
interface Said {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

interface Runner {
  ask(asked: Asked): Promise<Said>;
}

/** Questions and answers are lines of JSON. It loads no more than it must: it is to stay small. */
const PROGRAM = `
const { spawn } = require('node:child_process');
const lines = require('node:readline').createInterface({ input: process.stdin });
lines.on('close', () => process.exit());
lines.on('line', (line) => {
  const { id, argv: [file, ...words], stdin } = JSON.parse(line);
  const child = spawn(file, words);
  const said = { stdout: [], stderr: [] };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => said[stream].push(data));
  const text = (stream) => Buffer.concat(said[stream]).toString();
  const answer = (status) =>
    console.log(JSON.stringify({ id, status, stdout: text('stdout'), stderr: text('stderr') }));
  child.once('error', (error) => answer(error.message));
  child.once('close', (code, signal) => { if (child.pid !== undefined) answer(code ?? signal); });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
});`;

let runner: Runner | null = null;

function startRunner(): Runner {
  const waiting = new Map<number, (said: Said) => void>();
  let last = 0;
  const child = execa(process.execPath, ['-e', PROGRAM], { reject: false, buffer: false, stderr: 'inherit' });
  const streams = [child.stdin, child.stdout].filter((stream) => stream instanceof Socket);
  // Only a question that waits for its answer keeps the worker.
  const rest = (): void => {
    for (const stream of streams) stream.unref();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...said } = JSON.parse(line) as Said & { readonly id: number };
    waiting.get(id)?.(said);
    waiting.delete(id);
    if (waiting.size === 0) rest();
  });
  void child.then(({ exitCode, signal }) => {
    runner = null;
    const status = `the runner of commands ended: ${signal ?? exitCode}`;
    for (const resolve of waiting.values()) resolve({ status, stdout: '', stderr: '' });
    waiting.clear();
  });
  child.unref();
  return {
    ask: (asked) =>
      new Promise((resolve) => {
        const id = (last += 1);
        waiting.set(id, resolve);
        for (const stream of streams) stream.ref();
        child.stdin.write(`${JSON.stringify({ id, ...asked })}\n`);
      }),
  };
}
