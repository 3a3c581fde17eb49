import { execa } from 'execa';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertSandboxed } from './network.ts';

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

/** Somebody of the machine who has a home of their own in the sandbox, ids for containers, and no rights. */
export const ROOTLESS_USER = { name: 'tester', uid: 1001 };

/** A podman that an ordinary user runs beside root's: its containers' networks end in slirp4netns. */
export async function startRootlessPodman(): Promise<{
  podman(command: string | readonly string[]): Promise<string>;
  close(): Promise<void>;
}> {
  const { name, uid } = ROOTLESS_USER;
  const directory = await mkdtemp(join(tmpdir(), 'rootless-'));
  await chmod(directory, 0o755);
  const home = join(directory, 'home');
  const runtime = `/run/user/${uid}`;
  await mkdir(join(home, '.config/containers'), { recursive: true });
  await writeFile(join(home, '.config/containers/storage.conf'), '[storage]\ndriver="vfs"\n');
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
  const as = [
    ...['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--init-groups', 'env', '-i', '-C', '/'],
    ...[`PATH=${directory}/bin:/usr/sbin:/usr/bin:/bin`, `HOME=${home}`, `USER=${name}`],
    `XDG_RUNTIME_DIR=${runtime}`,
  ];
  const [setpriv = '', ...prefix] = as;
  const podman = async (command: string | readonly string[]): Promise<string> => {
    const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
    const { stdout } = await execa(setpriv, [...prefix, 'podman', ...words], { stdin: 'ignore' });
    return stdout.trim();
  };
  await execa('tar', ['-C', await makeImage(directory), '-c', '.']).pipe(setpriv, [
    ...prefix,
    ...['podman', 'import', '-', 'busybox'],
  ]);
  return {
    podman,
    async close() {
      await podman('rm --force --all --time 0');
      for (const file of Object.keys(covered)) await execa('umount', ['--lazy', file]);
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
