import { chmod, chown, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { machineState } from '../../.ci/test/machine.mjs';
import type { Sandbox } from '../../labs/sandbox/sandbox.ts';
import { bundle } from './support/bundle.ts';
import { startDriver, type Driver } from './support/driver.ts';
import { namespacesOf, processesIn, processTree } from './support/machine.ts';
import { whoRunsTests } from './support/users.ts';

const users = await whoRunsTests();
let app: string;
let before: ReturnType<typeof machineState>;

beforeAll(async () => {
  before = machineState();
  app = await bundle({
    'sandbox-driver': 'test/labs/support/sandbox-driver.ts',
    'host-program': 'test/labs/support/host-program.ts',
  });
});

afterAll(async () => {
  await rm(app, { recursive: true, force: true });
  expect(machineState()).toEqual(before);
});

const until = async (fact: () => boolean): Promise<number> => {
  const began = performance.now();
  while (!fact()) await delay(1);
  return performance.now() - began;
};

describe.each(users)('a sandbox of $title', (who) => {
  let runtime: string;
  let driver: Driver;
  const open = (): Driver => startDriver(who, join(app, 'sandbox-driver.mjs'), runtime);
  const start = (name: string, ...hosts: string[]): Promise<Sandbox> =>
    driver.ask<Sandbox>({ do: 'start', name, hosts });

  beforeEach(async () => {
    runtime = await mkdtemp(join(tmpdir(), 'hlt-'));
    if (who.uid !== process.getuid?.()) await chown(runtime, who.uid, who.uid);
    driver = open();
  });

  afterEach(async () => {
    for (const { name } of await driver.ask<Sandbox[]>({ do: 'list' }))
      await driver.ask({ do: 'stop', name });
    await driver.close();
    expect(await readdir(runtime)).toEqual([]);
    await rm(runtime, { recursive: true });
  });

  it('is possible on this machine, and the probe says so', async () => {
    expect(await driver.ask({ do: 'probe' })).toMatchObject({ ok: true, engines: true });
  });

  it('has nothing but a loopback: no link and no route to the machine', async () => {
    await start('quiet', 'one');
    for (const host of ['sandbox', 'one']) {
      expect((await driver.run('quiet', host, 'ip', '-br', 'link')).stdout).toMatch(/^lo .*$/);
      expect((await driver.run('quiet', host, 'ip', 'route')).stdout).toBe('');
    }
  });

  it('gives each host its own name, processes, /run and /tmp', async () => {
    await start('own', 'one', 'two');
    expect((await driver.run('own', 'one', 'hostname')).stdout).toBe('one');
    expect((await driver.run('own', 'two', 'hostname')).stdout).toBe('two');
    await driver.run('own', 'one', 'ip', 'netns', 'add', 'red');
    await driver.run('own', 'one', 'touch', '/tmp/mine');
    expect((await driver.run('own', 'one', 'ip', 'netns', 'list')).stdout).toBe('red');
    expect((await driver.run('own', 'two', 'ip', 'netns', 'list')).stdout).toBe('');
    expect((await driver.run('own', 'two', 'ls', '/tmp')).stdout).toBe('');
    expect((await driver.run('own', 'two', 'ps', '-e', '-o', 'args=')).stdout).not.toContain(
      'hoplab-host one',
    );
  });

  it('lets its root do what labs need: bridges, firewalls, forwarding', async () => {
    await start('able', 'one');
    for (const argv of [
      ['ip', 'link', 'add', 'br0', 'type', 'bridge'],
      ['ip', 'link', 'add', 'name', 'left', 'type', 'veth', 'peer', 'name', 'right'],
      ['nft', 'add', 'table', 'inet', 'lab'],
      ['iptables', '-A', 'FORWARD', '-j', 'DROP'],
      ['sysctl', '-w', 'net.ipv4.ip_forward=1'],
    ])
      expect(await driver.run('able', 'one', ...argv)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('collects orphans', async () => {
    await start('reap', 'one');
    for (const host of ['sandbox', 'one']) {
      await driver.run('reap', host, 'sh', '-c', '(sh -c "sleep 0.01" &) ; exit');
      let left = 'Z';
      while (left.includes('Z')) left = (await driver.run('reap', host, 'ps', '-e', '-o', 'stat=')).stdout;
    }
  });

  it('runs Docker engines side by side, each with its own containers', async () => {
    await start('docker', 'engine:one', 'engine:two');
    await driver.run('docker', 'one', 'docker', 'network', 'create', 'only-here');
    const networks = async (host: string): Promise<string> =>
      (await driver.run('docker', host, 'docker', 'network', 'ls', '--format', '{{.Name}}')).stdout;
    expect(await networks('one')).toContain('only-here');
    expect(await networks('two')).not.toContain('only-here');
  });

  it.each(['the process that the machine knows', 'PID 1 inside', 'its session'])(
    'is gone when %s is killed, with all its processes and namespaces',
    async (victim) => {
      const sandbox = await start('dying', 'engine:one');
      const tree = await processTree(sandbox.process.pid);
      const namespaces = new Set(tree.flatMap(namespacesOf));
      for (const namespace of namespacesOf(process.pid)) namespaces.delete(namespace);
      expect(processesIn(namespaces).length).toBeGreaterThan(5);
      const pid =
        victim === 'its session' ? tree[2] : victim === 'PID 1 inside' ? tree[1] : sandbox.process.pid;
      process.kill(pid ?? -1, 'SIGKILL');
      const milliseconds = await until(() => processesIn(namespaces).length === 0);
      console.log(`killed ${victim} (${who.title}): gone after ${Math.round(milliseconds)} ms`);
      expect(await driver.ask<Sandbox[]>({ do: 'list' })).toEqual([]);
      expect(await readdir(runtime)).toEqual([]);
    },
  );

  it('outlives the process that started it, and is found again, even without its record', async () => {
    await start('lasting', 'one');
    process.kill((await processTree(driver.pid)).at(-1) ?? -1, 'SIGKILL');
    await driver.close();
    driver = open();
    expect(await driver.ask<Sandbox[]>({ do: 'list' })).toMatchObject([{ name: 'lasting' }]);
    await rm(join(runtime, 'lasting.json'));
    expect(await driver.ask<Sandbox[]>({ do: 'list' })).toMatchObject([{ name: 'lasting' }]);
    expect((await driver.run('lasting', 'one', 'hostname')).stdout).toBe('one');
  });

  it('runs beside others of the same lab under a name of its own', async () => {
    expect((await start('twin', 'one')).name).toBe('twin');
    expect((await start('twin', 'one')).name).toBe('twin-2');
    await driver.ask({ do: 'stop', name: 'twin' });
    expect(await driver.ask<Sandbox[]>({ do: 'list' })).toMatchObject([{ name: 'twin-2' }]);
    expect((await driver.run('twin-2', 'one', 'hostname')).stdout).toBe('one');
  });

  it('says what went wrong when its session does not start, and leaves nothing', async () => {
    await expect(start('broken', 'engine:no/such')).rejects.toThrow(/did not start/);
    expect(await readdir(runtime)).toEqual([]);
  });
});

describe('the directory of running sandboxes', () => {
  it.each(['belongs to somebody else', 'is a symbolic link'])('is not used where it %s', async (how) => {
    const [root, other] = users;
    if (!root || !other) return;
    const place = await mkdtemp(join(tmpdir(), 'hlt-'));
    await chmod(place, 0o755);
    const runtime = join(place, 'r');
    if (how === 'is a symbolic link') await symlink('/tmp', runtime);
    else {
      await mkdir(runtime);
      await chown(runtime, other.uid, other.uid);
    }
    const driver = startDriver(root, join(app, 'sandbox-driver.mjs'), runtime);
    await expect(driver.ask({ do: 'list' })).rejects.toMatchObject({ reason: 'unsafe-directory' });
    await driver.close();
    await rm(place, { recursive: true });
  });
});
