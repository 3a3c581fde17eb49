import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { applyFixes, undoSteps } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { commandLine } from '../../diagnostics/report/command.ts';
import { buildCommand } from '../support/built-command.ts';
import { ask, brief } from '../support/cause-case.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { SERVER } from '../support/docker-case.ts';
import { namespaceNamed } from '../support/facts.ts';
import { startRootlessDocker, type RootlessDocker } from '../support/rootless-docker.ts';
import { ROOTLESS_USER } from '../support/rootless-user.ts';
import { withoutTun } from '../support/tun.ts';

const named = (container: string): string => `docker@${ROOTLESS_USER.name}:${container}`;

/** slirp4netns gives the engine its way out by a device of it. */
const missing = withoutTun();

describe.skipIf(missing !== null)(`rootless Docker${missing === null ? '' : ` (${missing})`}`, () => {
  let engine: RootlessDocker;
  beforeAll(async () => {
    engine = await startRootlessDocker();
    await engine.docker('network create front');
    await engine.docker(['run', '-d', '--name', 'shop', '--network', 'front', '-p', '8099:80', ...SERVER]);
    await engine.docker('run -d --name till --network front -p 8098:80 busybox sleep 1000');
    await engine.docker('run -d --name away busybox sleep 1000');
  });
  afterAll(() => engine.close());

  test('root sees an ordinary user’s containers by their names, and whose they are', async () => {
    const snapshot = await createLiveSource(openMachine()).discover();
    for (const name of ['shop', 'till', 'away']) expect(namespaceNamed(snapshot, named(name))).toBeDefined();
  });

  test('two of them reach each other by name; one on another network does not', async () => {
    await expect
      .poll(async () => (await ask({ from: 'till', to: 'shop', port: 80 })).verdict)
      .toBe('reachable');
    const apart = await ask({ from: 'away', to: 'shop', port: 80 });
    expect([apart.verdict, apart.causes.map(({ id }) => id)], brief(apart)).toEqual([
      'unreachable',
      ['docker-isolation'],
    ]);
  });

  test('a published port leads through rootlesskit and the proxy behind it into the container', async () => {
    const snapshot = await createLiveSource(openMachine()).discover();
    const answer = await ask({ from: 'host', to: '127.0.0.1', port: 8099 });
    expect([answer.verdict, answer.probe.agrees], brief(answer)).toEqual(['reachable', true]);
    expect(answer.legs.map(({ kind }) => kind)).toEqual(['direct', 'relay', 'relay']);
    expect(answer.legs.at(-1)?.forward.hops.at(-1)?.namespace).toBe(
      namespaceNamed(snapshot, named('shop')).id,
    );
  });

  test('relay-backend-dead: rootlesskit accepts, and in the container nobody listens', async () => {
    const answer = await ask({ from: 'host', to: '127.0.0.1', port: 8098 });
    expect([answer.verdict, answer.causes.map(({ id }) => id)], brief(answer)).toEqual([
      'unreachable',
      ['relay-backend-dead'],
    ]);
  });

  test('user-mode-network: its address is asked from the host', async () => {
    const answer = await ask({ from: 'host', to: 'shop', port: 80 });
    expect([answer.verdict, answer.causes.map(({ id }) => id)], brief(answer)).toEqual([
      'unreachable',
      ['user-mode-network'],
    ]);
    expect(answer.causes[0]?.params).toMatchObject({ rootless: true, hostPort: 8099 });
  });

  test('what is wrong inside is named and mended where it is, and the commands that are shown lead there', async () => {
    const asked = { from: 'till', to: 'shop', port: 80 } as const;
    const machine = openMachine();
    const runner = async () => stepRunner(machine, await createLiveSource(machine).discover());
    await engine.docker('exec --privileged shop ip link set eth0 down');
    const broken = await ask(asked);
    expect(
      broken.causes.map(({ id }) => id),
      brief(broken),
    ).toEqual(['interface-down']);
    const [fix] = broken.causes[0]?.fixes ?? [];
    const [step] = fix?.steps ?? [];
    if (!step) throw new Error('no step');
    await execa('sh', ['-c', commandLine(step)]);
    const mended = await ask(asked);
    expect([mended.verdict, mended.causes], brief(mended)).toEqual(['reachable', []]);

    await engine.docker('exec --privileged shop ip link set eth0 down');
    const again = await ask(asked);
    const applied = await applyFixes(again, { ask: (probe) => ask(asked, probe), run: await runner() });
    expect([applied.problem, applied.outcome]).toEqual([null, 'works']);
    expect(await undoSteps(applied.undo, await runner())).toBeNull();
    await engine.docker('exec --privileged shop ip link set eth0 up');
  });

  test('its user asks without sudo', async () => {
    const command = await buildCommand();
    const { stdout } = await command.run(engine.as, ['why', 'till', 'shop:80', '--json']);
    const answer = JSON.parse(stdout) as Pick<Diagnosis, 'verdict' | 'probe' | 'legs'>;
    expect([answer.verdict, answer.probe.outcome], stdout).toEqual(['reachable', 'reply']);
    expect(answer.legs.map(({ kind }) => kind)).toEqual(['dns', 'direct']);
  });
});
