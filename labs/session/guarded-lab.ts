import { join } from 'node:path';
import { startGuard } from '../sandbox/guard.ts';
import { stopSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import type { Installation } from './installation.ts';
import { launchLab } from './launch.ts';

export interface GuardedLabOptions {
  readonly directory: string;
  /** Of the sandbox; no other may have it. */
  readonly name: string;
  readonly installation: Installation;
  readonly signal: AbortSignal;
}

/**
 * A lab for as long as `use` lasts; nothing of it is recorded. It is gone when this returns or throws, and also when this
 * process is killed.
 * @throws SandboxError, LabFileError, what `use` throws
 */
export async function withGuardedLab<T>(
  options: GuardedLabOptions,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const { installation, name } = options;
  const tool = join(installation.program, 'hoplab.mjs');
  const endGuard = startGuard([process.execPath, tool, 'guard', name]);
  try {
    const { sandbox } = await launchLab({ ...options, trial: true });
    try {
      return await use(sandbox);
    } finally {
      await stopSandbox(sandbox);
    }
  } finally {
    await endGuard();
  }
}
