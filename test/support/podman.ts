import { execa } from 'execa';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertSandboxed } from './network.ts';
import { becomeRootlessUser, ROOTLESS_USER } from './rootless-user.ts';

/** A real podman of the sandbox's root, with one image, `busybox`, where a machine has it. Gone after `close()`. */
export interface TestPodman extends AsyncDisposable {
  /** Runs podman: a string is split at blanks. Its standard output, trimmed. */
  podman(command: string | readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export interface PodmanOptions {
  /** Who makes its networks: netavark with aardvark-dns, or the CNI plugins with dnsname. */
  readonly backend?: 'netavark' | 'cni';
}

const APPLETS = ['sh', 'sleep', 'cat', 'nc', 'ping', 'ip', 'nslookup', 'httpd'];

/** The machine's own, which the sandbox's root may not write to: a file system of our own lies over each. */
const COVERED = ['/etc/containers', '/var/cache'];
const COVERED_FOR_CNI = ['/etc/cni'];

/** A podman that an ordinary user runs beside root's: its containers' networks end in slirp4netns. */
export async function startRootlessPodman(): Promise<{
  /** The words before a command that is to be the user's. */
  readonly as: readonly string[];
  podman(command: string | readonly string[]): Promise<string>;
  close(): Promise<void>;
}> {
  const user = await becomeRootlessUser();
  await mkdir(join(user.home, '.config/containers'), { recursive: true });
  await writeFile(join(user.home, '.config/containers/storage.conf'), '[storage]\ndriver="vfs"\n');
  await execa('chown', ['-R', `${ROOTLESS_USER.uid}:${ROOTLESS_USER.uid}`, user.home]);
  const [setpriv = '', ...prefix] = user.as;
  const podman = async (command: string | readonly string[]): Promise<string> => {
    const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
    const { stdout } = await execa(setpriv, [...prefix, 'podman', ...words], { stdin: 'ignore' });
    return stdout.trim();
  };
  await execa('tar', ['-C', await makeImage(user.directory), '-c', '.']).pipe(setpriv, [
    ...prefix,
    ...['podman', 'import', '-', 'busybox'],
  ]);
  return {
    as: user.as,
    podman,
    async close() {
      await podman('rm --force --all --time 0');
      await user.leave();
    },
  };
}

async function makeImage(directory: string): Promise<string> {
  const root = join(directory, 'image');
  await mkdir(join(root, 'bin'), { recursive: true });
  await copyFile('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of APPLETS) await symlink('busybox', join(root, 'bin', applet));
  return root;
}

export async function startPodman({ backend = 'netavark' }: PodmanOptions = {}): Promise<TestPodman> {
  assertSandboxed();
  const directory = await mkdtemp(join(tmpdir(), 'podman-'));
  const covered = [
    ...COVERED,
    ...(backend === 'cni' ? COVERED_FOR_CNI.filter((path) => existsSync(path)) : []),
  ];
  for (const path of covered) await execa('mount', ['-t', 'tmpfs', 'tmpfs', path]);
  if (backend === 'cni') {
    // The plugins keep what they gave in /var/lib/cni, which the sandbox's root may not make.
    const [upper, work] = [join(directory, 'upper'), join(directory, 'work')];
    await mkdir(upper);
    await mkdir(work);
    const layers = `lowerdir=/var/lib,upperdir=${upper},workdir=${work}`;
    await execa('mount', ['-t', 'overlay', 'overlay', '-o', layers, '/var/lib']);
    covered.push('/var/lib');
  }
  // The sandbox has no cgroup of its own; crun wants to see one hierarchy, though it is told to use none.
  await execa('mount', ['-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup']);
  await writeFile(
    '/etc/containers/containers.conf',
    [
      '[engine]',
      'cgroup_manager="cgroupfs"',
      'events_logger="file"',
      'runtime="crun"',
      '[network]',
      `network_backend="${backend}"`,
      '[containers]',
      'cgroups="disabled"',
    ].join('\n'),
  );
  await writeFile(
    '/etc/containers/storage.conf',
    `[storage]\ndriver="vfs"\ngraphroot="${directory}/storage"\nrunroot="/run/containers/storage"\n`,
  );
  await writeFile('/etc/containers/policy.json', '{"default":[{"type":"insecureAcceptAnything"}]}');
  if (backend === 'cni') await mkdir('/etc/cni/net.d', { recursive: true });

  const podman = async (command: string | readonly string[]): Promise<string> => {
    const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
    // What podman leaves running (conmon, aardvark-dns) keeps its outputs open.
    const { stdout } = await execa('podman', words, { stdin: 'ignore' });
    return stdout.trim();
  };
  await execa('tar', ['-C', await makeImage(directory), '-c', '.']).pipe('podman', [
    'import',
    '-',
    'busybox',
  ]);

  const engine: TestPodman = {
    podman,
    async close() {
      await podman('pod rm --force --all --time 0');
      await podman('rm --force --all --time 0');
      await podman('network prune --force');
      for (const path of ['/sys/fs/cgroup', ...covered]) await execa('umount', ['--lazy', path]);
      for (const path of ['/run/libpod', '/run/containers', directory])
        await rm(path, { recursive: true, force: true });
      for (const bridge of ['podman0', 'cni-podman0'])
        await execa('ip', ['link', 'delete', bridge], { reject: false });
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
  return engine;
}
