import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import { buildCommand } from '../../support/built-command.ts';
import { brief } from '../../support/cause-case.ts';
import { podmanCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { namespaceNamed } from '../../support/facts.ts';
import { startPodman, startRootlessPodman, type TestPodman } from '../../support/podman.ts';
import { ROOTLESS_USER } from '../../support/rootless-user.ts';
import { withoutTun } from '../../support/tun.ts';

let podman: TestPodman;
let rootless: Awaited<ReturnType<typeof startRootlessPodman>>;
let kase: DockerCase;

/** slirp4netns gives a container its way out by a device of it. */
const missing = withoutTun();

describe.skipIf(missing !== null)(`rootless podman${missing === null ? '' : ` (${missing})`}`, () => {
  beforeAll(async () => {
    podman = await startPodman();
    rootless = await startRootlessPodman();
    kase = podmanCase(podman);
    await rootless.podman(['run', '-d', '--name', 'shop', '-p', '8099:80', 'busybox', ...SERVER.slice(1)]);
    await rootless.podman('run -d --name till -p 8098:80 busybox sleep 1000');
    await rootless.podman('network create mine');
    await rootless.podman(['run', '-d', '--name', 'db', '--network', 'mine', 'busybox', ...SERVER.slice(1)]);
    await rootless.podman('run -d --name web --network mine busybox sleep 1000');
  });
  afterAll(async () => {
    await rootless.close();
    await podman.close();
  });

  test('root sees an ordinary user’s containers by their names, and whose they are', async () => {
    const snapshot = await createLiveSource(openMachine()).discover();
    for (const name of ['shop', 'till', 'db', 'web'])
      expect(namespaceNamed(snapshot, `podman@${ROOTLESS_USER.name}:${name}`)).toBeDefined();
  });

  test('two of them on one network of the user reach each other, by name', async () => {
    await kase.serving({ from: 'web', to: 'db', port: 80 });
    const diagnosis = await kase.ask({ from: `podman@${ROOTLESS_USER.name}:web`, to: 'db', port: 80 });
    expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
  });

  test('its user asks without sudo', async () => {
    const command = await buildCommand();
    const { stdout } = await command.run(rootless.as, ['why', 'podman:web', 'db:80', '--json']);
    const answer = JSON.parse(stdout) as Pick<Diagnosis, 'verdict' | 'probe'>;
    expect([answer.verdict, answer.probe.outcome], stdout).toEqual(['reachable', 'reply']);
  });

  test('user-mode-network: its address is asked from the host; its published port answers', async () => {
    const published = { from: 'host', to: '127.0.0.1', port: 8099 };
    await kase.serving(published);
    expect((await kase.ask(published)).causes).toEqual([]);
    const diagnosis = await kase.ask({ from: 'host', to: 'shop', port: 80 });
    expect([diagnosis.verdict, diagnosis.causes.map(({ id }) => id)], brief(diagnosis)).toEqual([
      'unreachable',
      ['user-mode-network'],
    ]);
    expect(diagnosis.causes[0]?.params).toMatchObject({ program: 'slirp4netns', hostPort: 8099 });
  });

  test('user-mode-network: all of them have the same address, which is the asker’s own', async () => {
    const diagnosis = await kase.ask({ from: 'till', to: 'shop', port: 80 });
    expect([diagnosis.verdict, diagnosis.causes.map(({ id }) => id)], brief(diagnosis)).toEqual([
      'unreachable',
      ['user-mode-network'],
    ]);
  });

  test('user-mode-network: a container on a network of the user, asked from the host', async () => {
    const diagnosis = await kase.ask({ from: 'host', to: 'db', port: 80 });
    expect([diagnosis.verdict, diagnosis.causes.map(({ id }) => id)], brief(diagnosis)).toEqual([
      'unreachable',
      ['user-mode-network'],
    ]);
    expect(diagnosis.causes[0]?.params['hostPort']).toBeNull();
  });

  test('relay-backend-dead: rootlessport accepts, and in the container nobody listens', async () => {
    const diagnosis = await kase.ask({ from: 'host', to: '127.0.0.1', port: 8098 });
    expect([diagnosis.verdict, diagnosis.causes.map(({ id }) => id)], brief(diagnosis)).toEqual([
      'unreachable',
      ['relay-backend-dead'],
    ]);
    expect(diagnosis.causes[0]?.params).toMatchObject({ relay: 'rootlessport', because: 'no-listener' });
  });
});
