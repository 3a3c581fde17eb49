import { createInterface } from 'node:readline';
import type { Following, Heard, Output } from './machine.ts';
import { toolPath, withEnterProblem } from './run-command.ts';

/** Starts an argument array and hands on its lines as it says them; never throws. It ends with this process at the latest. */
export function followArgv(argv: readonly string[], heard: Heard): Following {
  const starting = start(argv, heard);
  const ended = starting.then((child) => child.ended());
  return {
    ended,
    async stop() {
      (await starting).kill();
      await ended;
    },
  };
}

interface Child {
  ended(): Promise<Output>;
  kill(): void;
}

async function start(argv: readonly string[], heard: Heard): Promise<Child> {
  const [file, ...rest] = argv;
  if (file === undefined) throw new Error('an empty command');
  const { execa } = await import('execa');
  const child = execa(file, rest, {
    reject: false,
    stdin: 'ignore',
    // What it says is heard line by line; kept beside that, it would fill the memory.
    buffer: { stdout: false, stderr: true },
    env: { PATH: toolPath(), LC_ALL: 'C' },
    forceKillAfterDelay: 500,
  });
  createInterface({ input: child.stdout }).on('line', (line) => heard(line, 'stdout'));
  createInterface({ input: child.stderr }).on('line', (line) => heard(line, 'stderr'));
  return {
    async ended() {
      const result = await child;
      const output = {
        exitCode: result.exitCode ?? null,
        stdout: '',
        stderr: typeof result.stderr === 'string' ? result.stderr : '',
      };
      if (result.code === 'ENOENT') return { ...output, problem: 'missing-tool' };
      if (result.code === 'EACCES' || result.code === 'EPERM') return { ...output, problem: 'not-permitted' };
      return withEnterProblem(output);
    },
    kill: () => {
      child.kill('SIGTERM');
    },
  };
}
