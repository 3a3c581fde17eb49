import { execa } from 'execa';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { assertSandboxed } from './network.ts';

/** A real containerd in the sandbox, and containers by `ctr`. Gone after `close()`. */
export interface TestContainerd {
  readonly address: string;
  /** Starts a container in a network namespace of the sandbox's (`/run/netns/NAME`). */
  run(container: {
    readonly id: string;
    readonly netns: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly command: readonly string[];
  }): Promise<void>;
  close(): Promise<void>;
}

const STARTED_WITHIN_MILLISECONDS = 60_000;
const APPLETS = ['sh', 'sleep', 'httpd'];

export async function startContainerd(): Promise<TestContainerd> {
  assertSandboxed();
  const directory = await mkdtemp(join(tmpdir(), 'containerd-'));
  const address = join(directory, 'containerd.sock');
  const image = join(directory, 'image');
  await mkdir(join(image, 'bin'), { recursive: true });
  await copyFile('/bin/busybox', join(image, 'bin/busybox'));
  for (const applet of APPLETS) await symlink('busybox', join(image, 'bin', applet));
  await chmod(directory, 0o755);
  await writeFile(
    join(directory, 'config.toml'),
    [
      'version = 2',
      `root = "${directory}/root"`,
      `state = "${directory}/state"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      '[grpc]',
      `  address = "${address}"`,
    ].join('\n'),
  );
  const daemon = execa('containerd', ['--config', join(directory, 'config.toml')], {
    reject: false,
    stdin: 'ignore',
    stdout: { file: join(directory, 'log') },
    stderr: { file: join(directory, 'log') },
  });
  const ctr = (...words: readonly string[]) =>
    execa('ctr', ['--address', address, ...words], { stdin: 'ignore' });
  const giveUp = Date.now() + STARTED_WITHIN_MILLISECONDS;
  while ((await execa('ctr', ['--address', address, 'version'], { reject: false })).exitCode !== 0) {
    if (Date.now() > giveUp)
      throw new Error(`containerd did not start: ${await readFile(join(directory, 'log'), 'utf8')}`);
    await wait(50);
  }
  // The sandbox has no cgroups: the runtime's own example of a container without is what every one is made of.
  await execa('runc', ['spec', '--rootless'], { cwd: directory });
  const example = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')) as {
    process: object;
    linux: { namespaces: readonly { readonly type: string }[] };
  };
  const own = new Set(['user', 'cgroup', 'network']);
  const started: { readonly namespace: string; readonly id: string }[] = [];
  return {
    address,
    async run({ id, netns, namespace = 'default', labels, command }) {
      const spec = {
        ...example,
        process: { ...example.process, args: command, terminal: false },
        root: { path: image, readonly: false },
        linux: {
          ...example.linux,
          resources: undefined,
          uidMappings: undefined,
          gidMappings: undefined,
          namespaces: [
            ...example.linux.namespaces.filter(({ type }) => !own.has(type)),
            { type: 'network', path: `/run/netns/${netns}` },
          ],
        },
      };
      const file = join(directory, `${id}.json`);
      await writeFile(file, JSON.stringify(spec));
      const labelled = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
      // What runc knows of a container by its id is of this engine alone: the next one may use the same id.
      const runtime = ['--runc-root', join(directory, 'runc')];
      await ctr('--namespace', namespace, 'run', '--detach', ...runtime, '--config', file, ...labelled, id);
      started.push({ namespace, id });
    },
    async close() {
      for (const { namespace, id } of started)
        await execa('ctr', ['--address', address, '--namespace', namespace, 'task', 'rm', '--force', id], {
          reject: false,
        });
      daemon.kill('SIGTERM');
      await daemon;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
