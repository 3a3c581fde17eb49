import { execa } from 'execa';
import { listSandboxes, stopSandbox } from './sandbox.ts';

/**
 * Ties a sandbox to this process: starts another one, in a session of its own, that removes the sandbox of this name when we
 * are gone, however we ended (SIGKILL included). Start it before the sandbox.
 * @param command runs `guardSandbox(name)`
 * @returns ends the guard, once the sandbox is stopped or is to be
 */
export function startGuard(command: readonly string[]): () => Promise<void> {
  const [file = '', ...rest] = command;
  // The kernel closes our end of this pipe when we die; nothing else holds it.
  const guard = execa(file, rest, {
    cwd: '/',
    cleanup: false,
    detached: true,
    reject: false,
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  guard.unref();
  guard.stdin.on('error', () => undefined);
  return async () => {
    guard.ref();
    guard.stdin.end();
    await guard;
  };
}

/** Waits until the other end of our standard input is closed, then removes the sandbox of this name. */
export async function guardSandbox(name: string): Promise<void> {
  for await (const chunk of process.stdin) void chunk;
  for (const sandbox of await listSandboxes()) if (sandbox.name === name) await stopSandbox(sandbox);
}
