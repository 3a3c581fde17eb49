import { execa } from 'execa';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { HostRoot } from '../../diagnostics/host/machine.ts';
import { assertSandboxed } from './network.ts';

/** A lab host for one test: a process with network, mount, PID and UTS namespaces and a /run of its own. */
export interface TestHost extends AsyncDisposable {
  readonly root: HostRoot & { readonly pid: number };
  /** Runs a command in the host; a string is split at blanks. Its standard output. */
  run(command: string | readonly string[]): Promise<string>;
  /** Starts what stays until the host goes. */
  spawn(command: readonly string[]): Promise<void>;
}

const SCRIPT =
  'mount -t tmpfs run /run && mkdir -p /run/netns && ip link set lo up && echo ready && exec sleep infinity';

export async function startHost(id: string): Promise<TestHost> {
  assertSandboxed();
  const holder = execa(
    'unshare',
    [
      ...['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--uts'],
      ...['--mount-proc', 'sh', '-c', SCRIPT],
    ],
    { reject: false, stdin: 'ignore' },
  );
  await once(holder.stdout, 'data');
  const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8');
  const pid = Number(children.trim());
  const enter = ['-t', String(pid), '-n', '-m', '-p', '-u', '--'];
  return {
    root: { id, pid, engine: null },
    async run(command) {
      const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
      const { stdout } = await execa('nsenter', [...enter, ...words]);
      return stdout;
    },
    async spawn(command) {
      const child = execa('nsenter', [...enter, ...command], { reject: false, stdin: 'ignore' });
      await once(child.stdout, 'data');
    },
    async [Symbol.asyncDispose]() {
      process.kill(pid, 'SIGKILL');
      await holder;
    },
  };
}
