import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { IdMap } from './id-map.ts';
import { SandboxError } from './problem.ts';
import { TRIAL_SCRIPT } from './scripts.ts';
import { requireTools, searchPath } from './tools.ts';
import { openUserNamespace, planIdMap } from './user-namespace.ts';

/** What this machine lets a sandbox do, found by trying it. */
export type SandboxProbe =
  | {
      readonly ok: true;
      readonly map: IdMap['by'];
      /** Whether container engines can run in it: they need more than one id. */
      readonly engines: boolean;
    }
  | { readonly ok: false; readonly problem: SandboxError };

/** Makes a user namespace and, in it, a network, a mount and a link, all gone when it returns. Changes nothing else. */
export async function probeSandbox(): Promise<SandboxProbe> {
  try {
    await requireTools();
    const map = await planIdMap();
    await tryOut(map);
    return { ok: true, map: map.by, engines: map.by !== 'single' };
  } catch (error) {
    if (error instanceof SandboxError) return { ok: false, problem: await explained(error) };
    throw error;
  }
}

async function tryOut(map: IdMap): Promise<void> {
  const namespace = await openUserNamespace(map);
  try {
    const [file = '', ...enter] = namespace.enter;
    const { exitCode, stdout, stderr } = await execa(
      file,
      [
        ...enter,
        ...[
          'unshare',
          '--net',
          '--mount',
          '--pid',
          '--fork',
          '--kill-child',
          '--mount-proc',
          '--uts',
          '--ipc',
        ],
        ...['--cgroup', '--propagation', 'private', 'sh', '-c', TRIAL_SCRIPT, 'sh', '/tmp'],
      ],
      { reject: false, env: { PATH: searchPath() }, stdin: 'ignore', cwd: '/' },
    );
    if (exitCode !== 0)
      throw new SandboxError(
        'mount-refused',
        `A user namespace can be made here, but not used: ${displayText((stdout || stderr).trim())}.`,
        'In a container, start it with the options that `hoplab doctor` prints; elsewhere, the kernel log may say who refused (sudo dmesg).',
      );
  } finally {
    await namespace.close();
  }
}

const setting = async (file: string): Promise<string> =>
  (await readFile(`/proc/sys/${file}`, 'utf8').catch(() => '')).trim();

/** The settings that distributions use to forbid user namespaces, where one of them is the reason. */
async function explained(error: SandboxError): Promise<SandboxError> {
  if (error.reason !== 'no-user-namespaces' && error.reason !== 'mount-refused') return error;
  if (process.getuid?.() !== 0 && (await setting('kernel/apparmor_restrict_unprivileged_userns')) === '1')
    return new SandboxError(
      'restricted-by-apparmor',
      'AppArmor takes away what a user namespace of an ordinary user may do (kernel.apparmor_restrict_unprivileged_userns is 1).',
      'Run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0   (until the next boot; or run the lab as root)',
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    );
  if ((await setting('kernel/unprivileged_userns_clone')) === '0')
    return new SandboxError(
      'no-user-namespaces',
      'Ordinary users may not make user namespaces here (kernel.unprivileged_userns_clone is 0).',
      'Run: sudo sysctl -w kernel.unprivileged_userns_clone=1',
      'sudo sysctl -w kernel.unprivileged_userns_clone=1',
    );
  if ((await setting('user/max_user_namespaces')) === '0')
    return new SandboxError(
      'no-user-namespaces',
      'User namespaces are switched off here (user.max_user_namespaces is 0).',
      'Run: sudo sysctl -w user.max_user_namespaces=15000',
      'sudo sysctl -w user.max_user_namespaces=15000',
    );
  if (error.reason === 'mount-refused') return error;
  return new SandboxError(
    error.reason,
    error.message,
    'No setting of the kernel forbids it, so a security profile does: in a container, start it with the options that `hoplab doctor` prints; elsewhere, the kernel log may say who refused (sudo dmesg).',
  );
}
