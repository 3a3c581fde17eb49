import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeRootFilesystem } from './docker.ts';
import { becomeRootlessUser } from './rootless-user.ts';

export interface RootlessDocker {
  /** The words before a command that is to be the engine's user's. */
  readonly as: readonly string[];
  /** Runs the user's docker client: a string is split at blanks. Its standard output, trimmed. */
  docker(command: string | readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** As dockerd-rootless.sh starts it; without the sandbox of slirp4netns, whose mounts need a root of the machine's. */
const ROOTLESSKIT = [
  ...['rootlesskit', '--net=slirp4netns', '--mtu=65520', '--disable-host-loopback'],
  ...['--slirp4netns-sandbox=false', '--slirp4netns-seccomp=false', '--port-driver=builtin'],
  ...['--copy-up=/etc', '--copy-up=/run', '--copy-up=/var/lib', '--propagation=rslave'],
];

const STARTED_WITHIN_MILLISECONDS = 60_000;

/** A real Docker engine of an ordinary user: rootlesskit gives it a network, mounts and users of its own. */
export async function startRootlessDocker(): Promise<RootlessDocker> {
  const user = await becomeRootlessUser();
  const endpoint = `unix://${user.runtime}/docker.sock`;
  const script = join(user.directory, 'start.sh');
  await writeFile(
    script,
    `rm -f /run/docker /run/containerd /run/xtables.lock\nexec dockerd --rootless -H ${endpoint} --storage-driver vfs --shutdown-timeout 1\n`,
  );
  const [setpriv = '', ...prefix] = user.as;
  const log = join(user.directory, 'log');
  const daemon = execa(setpriv, [...prefix, ...ROOTLESSKIT, 'sh', script], {
    reject: false,
    stdin: 'ignore',
    stdout: { file: log },
    stderr: { file: log },
  });
  let ended = false;
  void daemon.finally(() => (ended = true));
  const asked = (words: readonly string[]): readonly string[] => [
    ...prefix,
    ...['docker', '--host', endpoint],
    ...words,
  ];
  const giveUp = Date.now() + STARTED_WITHIN_MILLISECONDS;
  while ((await execa(setpriv, asked(['version']), { reject: false })).exitCode !== 0) {
    if (ended || Date.now() > giveUp)
      throw new Error(`no rootless dockerd: ${(await execa('tail', ['-n', '4', log])).stdout}`);
    await wait(50);
  }
  const image = join(user.directory, 'image');
  await makeRootFilesystem(image);
  await execa('tar', ['-C', image, '-c', '.']).pipe(setpriv, asked(['import', '-', 'busybox']));
  const docker = async (command: string | readonly string[]): Promise<string> => {
    const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
    return (await execa(setpriv, asked(words), { stdin: 'ignore' })).stdout.trim();
  };
  return {
    as: user.as,
    docker,
    async close() {
      const containers = (await docker('ps -aq')).split('\n').filter(Boolean);
      if (containers.length > 0) await docker(['rm', '-f', ...containers]);
      daemon.kill('SIGTERM');
      await daemon;
      await user.leave();
    },
  };
}
