import { execa } from 'execa';
import { createInterface } from 'node:readline';
import type { DriverRequest } from './sandbox-driver.ts';
import type { Who } from './users.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of some user that starts and asks sandboxes; see sandbox-driver.ts. */
export interface Driver {
  readonly pid: number;
  ask<T>(request: DriverRequest): Promise<T>;
  /** Runs a command in a host of a sandbox; its standard output. */
  run(name: string, host: string, ...argv: string[]): Promise<Ran>;
  close(): Promise<void>;
}

/** What a request that failed throws. */
export class DriverProblem extends Error {
  readonly reason: string;

  constructor(problem: { readonly reason?: string; readonly message: string }) {
    super(problem.message);
    this.reason = problem.reason ?? '';
  }
}

export function startDriver(
  who: Who,
  program: string,
  runtime: string,
  prefix: readonly string[] = [],
): Driver {
  const [file = '', ...rest] = [...prefix, ...who.become, process.execPath, program];
  const child = execa(file, rest, {
    env: { HOPLAB_RUNTIME_DIR: runtime },
    cwd: '/',
    reject: false,
    buffer: false,
    stderr: 'inherit',
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const driver: Driver = {
    pid: child.pid ?? -1,
    async ask<T>(request: DriverRequest) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the driver ended');
      const answer = JSON.parse(value) as { result: T; problem?: { reason?: string; message: string } };
      if (answer.problem) throw new DriverProblem(answer.problem);
      return answer.result;
    },
    run: (name, host, ...argv) => driver.ask<Ran>({ do: 'run', name, host, argv }),
    async close() {
      child.stdin.end();
      await child;
    },
  };
  return driver;
}
