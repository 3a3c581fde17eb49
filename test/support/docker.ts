import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, symlink, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { assertSandboxed } from './network.ts';

/** A real Docker engine in the test's sandbox, with one image, `busybox`. Gone after `close()`, with all its containers. */
export interface TestEngine extends AsyncDisposable {
  /** `unix:///…`, for DOCKER_HOST. */
  readonly endpoint: string;
  /** Runs the docker client: a string is split at blanks. Its standard output, trimmed. */
  docker(command: string | readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly userlandProxy?: boolean;
  /** More arguments of dockerd, for instance `--icc=false`. */
  readonly arguments?: readonly string[];
  /** Command prefix that enters the lab host where the engine is to run (with its own /run and /etc/docker). */
  readonly enter?: readonly string[];
}

/** What the image can do, each a link to busybox. */
const APPLETS = ['sh', 'sleep', 'cat', 'nc', 'ping', 'wget', 'ip', 'nslookup', 'httpd', 'traceroute', 'ln'];

const STARTED_WITHIN_MILLISECONDS = 60_000;

export async function makeRootFilesystem(directory: string): Promise<void> {
  await mkdir(join(directory, 'bin'), { recursive: true });
  await copyFile('/bin/busybox', join(directory, 'bin/busybox'));
  for (const applet of APPLETS) await symlink('busybox', join(directory, 'bin', applet));
}

export async function startEngine(options: EngineOptions = {}): Promise<TestEngine> {
  assertSandboxed();
  const directory = await mkdtemp(join(tmpdir(), 'engine-'));
  const endpoint = `unix://${directory}/docker.sock`;
  // Set, it makes dockerd look for rootlesskit's programs, which the sandbox does without.
  const env = { ROOTLESSKIT_STATE_DIR: undefined, DOCKER_HOST: endpoint, DOCKER_CONTEXT: undefined };
  const [file = '', ...rest] = [
    ...(options.enter ?? []),
    'dockerd',
    '--rootless',
    `--userland-proxy=${options.userlandProxy ?? false}`,
    ...['-H', endpoint, '--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
    ...['--pidfile', join(directory, 'pid'), '--shutdown-timeout', '1'],
    ...(options.arguments ?? []),
  ];
  const log = join(directory, 'log');
  const daemon = execa(file, rest, {
    env,
    reject: false,
    stdin: 'ignore',
    all: true,
    stdout: { file: log },
    stderr: { file: log },
  });
  let ended = false;
  void daemon.finally(() => (ended = true));

  const docker = async (command: string | readonly string[]): Promise<string> => {
    const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
    const { stdout } = await execa('docker', words, { env });
    return stdout.trim();
  };
  const answers = async (): Promise<boolean> =>
    (await execa('docker', ['version'], { env, reject: false })).exitCode === 0;

  const giveUp = Date.now() + STARTED_WITHIN_MILLISECONDS;
  while (!(await answers())) {
    if (ended || Date.now() > giveUp)
      throw new Error(
        `dockerd did not start: ${(await readFile(log, 'utf8')).split('\n').slice(-4).join('\n')}`,
      );
    await wait(50);
  }
  const root = join(directory, 'image');
  await makeRootFilesystem(root);
  await execa('tar', ['-C', root, '-c', '.']).pipe('docker', ['import', '-', 'busybox'], { env });

  const engine: TestEngine = {
    endpoint,
    docker,
    async close() {
      // Containers outlive their engine; only it knows all of them.
      const containers = (await docker('ps -aq')).split('\n').filter(Boolean);
      if (containers.length > 0) await docker(['rm', '-f', ...containers]);
      daemon.kill('SIGTERM');
      await daemon;
      // Namespaces that the engine mounted below its directory.
      const mounts = await readFile('/proc/self/mountinfo', 'utf8');
      for (const point of mounts.split('\n').map((line) => line.split(' ')[4] ?? ''))
        if (point.startsWith(`${directory}/`)) await execa('umount', ['-l', point], { reject: false });
      await rm(directory, { recursive: true, force: true });
      for (const bridge of await bridges()) await execa('ip', ['link', 'delete', bridge], { reject: false });
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };

  /** Docker leaves its bridges behind. */
  async function bridges(): Promise<string[]> {
    const [tool = '', ...words] = [...(options.enter ?? []), 'ip', '-j', 'link', 'show', 'type', 'bridge'];
    const { stdout } = await execa(tool, words, { reject: false });
    const links = JSON.parse(stdout || '[]') as { ifname?: string }[];
    return links.flatMap(({ ifname }) =>
      ifname && /^(docker0|br-[0-9a-f]{12})$/.test(ifname) ? [ifname] : [],
    );
  }
  return engine;
}
