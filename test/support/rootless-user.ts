import { execa } from 'execa';
import { chmod, copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertSandboxed } from './network.ts';

/** Somebody of the machine who has a home of their own in the sandbox, ids for containers, and no rights. */
export const ROOTLESS_USER = { name: 'tester', uid: 1001 };

export interface RootlessUser {
  /** Of the test's own, which the user may enter. */
  readonly directory: string;
  readonly home: string;
  /** XDG_RUNTIME_DIR. */
  readonly runtime: string;
  /** The words before a command that is to be the user's. */
  readonly as: readonly string[];
  leave(): Promise<void>;
}

/** Makes the user: one at a time. */
export async function becomeRootlessUser(): Promise<RootlessUser> {
  assertSandboxed();
  const { name, uid } = ROOTLESS_USER;
  const directory = await mkdtemp(join(tmpdir(), 'rootless-'));
  await chmod(directory, 0o755);
  const home = join(directory, 'home');
  const runtime = `/run/user/${uid}`;
  await mkdir(home);
  await mkdir(runtime, { recursive: true });
  // Root's containers make it for root alone.
  await chmod('/run/user', 0o755);
  await execa('chown', ['-R', `${uid}:${uid}`, home, runtime]);
  // The machine's own carry the rights of a root that the sandbox has not.
  await mkdir(join(directory, 'bin'));
  for (const tool of ['newuidmap', 'newgidmap']) {
    await copyFile(`/usr/bin/${tool}`, join(directory, 'bin', tool));
    await chmod(join(directory, 'bin', tool), 0o4755);
  }
  const users = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .filter((line) => !line.startsWith(`${name}:`));
  const covered = {
    '/etc/passwd': [...users, `${name}:x:${uid}:${uid}::${home}:/bin/sh`, ''].join('\n'),
    '/etc/subuid': `${name}:10000:20000\n`,
    '/etc/subgid': `${name}:10000:20000\n`,
  };
  for (const [file, text] of Object.entries(covered)) {
    const own = join(directory, file.replaceAll('/', '-'));
    await writeFile(own, text);
    await execa('mount', ['--bind', own, file]);
  }
  return {
    directory,
    home,
    runtime,
    as: [
      ...['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--init-groups', 'env', '-i', '-C', '/'],
      ...[`PATH=${directory}/bin:/usr/sbin:/usr/bin:/bin`, `HOME=${home}`, `USER=${name}`],
      `XDG_RUNTIME_DIR=${runtime}`,
    ],
    async leave() {
      for (const file of Object.keys(covered)) await execa('umount', ['--lazy', file]);
    },
  };
}
