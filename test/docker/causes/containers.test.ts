import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openLab } from '../../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../../diagnostics/host/machine.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import { applyFixes, undoSteps, type ApplyResult } from '../../../diagnostics/question/apply.ts';
import { stepRunner, type StepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask as askLive, brief, type Asked } from '../../support/cause-case.ts';
import { startEngine, type TestEngine } from '../../support/docker.ts';

let engine: TestEngine;
let machine: Machine;

beforeAll(async () => {
  engine = await startEngine();
  machine = openLab([{ id: 'machine', pid: null, engine: engine.endpoint }]);
  await engine.docker('network create front');
  await engine.docker('network create back');
});
afterAll(() => engine.close());
afterEach(async () => {
  const containers = (await engine.docker('ps -aq')).split('\n').filter(Boolean);
  if (containers.length > 0) await engine.docker(['rm', '-f', ...containers]);
});

const SERVER = ['busybox', 'httpd', '-f', '-p', '80'];
const run = (
  name: string,
  options: string,
  command: readonly string[] = ['busybox', 'sleep', '1000'],
): Promise<string> =>
  engine.docker(['run', '-d', '--name', name, ...options.split(' ').filter(Boolean), ...command]);
const ask = (asked: Asked, probe = true): Promise<Diagnosis> => askLive(asked, probe, machine);

/** A server that listens is ready when a connection from its own namespace works. */
async function serving(asked: Asked): Promise<void> {
  await expect
    .poll(async () => brief(await ask(asked)), { timeout: 10_000 })
    .toContain('"verdict": "reachable"');
}

const runner = async (): Promise<StepRunner> =>
  stepRunner(machine, await createLiveSource(machine).discover());

async function expectCause(asked: Asked, id: string, certainty = 'certain'): Promise<Diagnosis> {
  const diagnosis = await ask(asked);
  expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
  expect(
    diagnosis.causes.map((cause) => [cause.id, cause.certainty]),
    brief(diagnosis),
  ).toEqual([[id, certainty]]);
  return diagnosis;
}

async function mend(asked: Asked, diagnosis: Diagnosis): Promise<ApplyResult> {
  const applied = await applyFixes(diagnosis, { ask: (probe) => ask(asked, probe), run: await runner() });
  expect(applied.problem).toBeNull();
  expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
  return applied;
}

async function mendAndUndo(asked: Asked, diagnosis: Diagnosis, id: string): Promise<void> {
  expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
  const applied = await mend(asked, diagnosis);
  expect(await undoSteps(applied.undo, await runner())).toBeNull();
  await expectCause(asked, id);
}

describe('docker-isolation', () => {
  test('containers on different networks; on a common one it is not reported', async () => {
    await run('web', '--network front');
    await run('db', '--network back', SERVER);
    await run('near', '--network back');
    const asked = { from: 'container:web', to: 'container:db', port: 80 };
    await serving({ ...asked, from: 'container:near' });
    const diagnosis = await expectCause(asked, 'docker-isolation');
    expect(diagnosis.causes[0]?.params).toMatchObject({
      from: 'web',
      to: 'db',
      fromNetworks: 'front',
      toNetworks: 'back',
    });
    await mendAndUndo(asked, diagnosis, 'docker-isolation');
  });
});

describe('rules beside Docker’s', () => {
  test('filter-drop: a rule of the user’s in DOCKER-USER; the accept goes there too', async () => {
    await run('db', '--network front', SERVER);
    await engine.docker('network create --subnet 172.30.0.0/24 side');
    const asked = { from: 'outside:10.99.0.2@uplink', to: 'container:db', port: 80 };
    await execa('ip', 'link add uplink type veth peer name far'.split(' '));
    try {
      for (const words of ['address add 10.99.0.1/24 dev uplink', 'link set uplink up', 'link set far up'])
        await execa('ip', words.split(' '));
      const outside = await ask(asked);
      expect(outside.probe.outcome, brief(outside)).toBe('not-run');
      const ids = outside.causes.map(({ id }) => id);
      expect(ids, brief(outside)).toEqual(['policy-drop']);
      expect(outside.causes[0]?.fixes[0]?.steps[0]?.argv, brief(outside)).toContain('DOCKER-USER');
    } finally {
      await execa('ip', ['link', 'delete', 'uplink']);
    }
  });
});

describe('names', () => {
  test('name-on-other-network: an alias that is known elsewhere', async () => {
    await run('web', '--network front');
    await run('near', '--network back');
    await run('db', '--network back --network-alias storage', SERVER);
    await serving({ from: 'near', to: 'storage', port: 80 });
    const asked = { from: 'web', to: 'storage', port: 80 };
    await mendAndUndo(asked, await expectCause(asked, 'name-on-other-network'), 'name-on-other-network');
  });

  test('default-bridge-has-no-names: the address works, the name does not', async () => {
    await run('web', '');
    await run('db', '', SERVER);
    await serving({ from: 'web', to: 'container:db', port: 80 });
    const asked = { from: 'web', to: 'db', port: 80 };
    await mendAndUndo(
      asked,
      await expectCause(asked, 'default-bridge-has-no-names'),
      'default-bridge-has-no-names',
    );
  });

  test('name-not-known: a name that no container has, with the near one', async () => {
    await run('web', '--network front');
    await run('database', '--network front', SERVER);
    await serving({ from: 'web', to: 'database', port: 80 });
    const diagnosis = await ask({ from: 'container:web', to: 'databse', port: 80 });
    expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
    expect(diagnosis.probe.outcome).toBe('name-unresolved');
    expect(diagnosis.causes[0]?.params['near'], brief(diagnosis)).toBe('database');
  });
});

describe('container-stopped', () => {
  test('a stopped container is named, started, and stopped again', async () => {
    await run('web', '--network front');
    await run('db', '--network front', SERVER);
    const asked = { from: 'container:web', to: 'container:db', port: 80 };
    await serving(asked);
    await engine.docker('stop -t 0 db');
    const diagnosis = await expectCause(asked, 'container-stopped');
    const applied = await applyFixes(diagnosis, { ask: (probe) => ask(asked, probe), run: await runner() });
    expect(applied.problem).toBeNull();
    await serving(asked);
  });
});

describe('ports', () => {
  test('wrong-port: the host’s port asked of the container', async () => {
    await run('web', '--network front');
    await run('db', '--network front --publish 8080:80', SERVER);
    await serving({ from: 'container:web', to: 'container:db', port: 80 });
    const diagnosis = await expectCause(
      { from: 'container:web', to: 'container:db', port: 8080 },
      'wrong-port',
    );
    expect(diagnosis.causes[0]?.params).toMatchObject({ right: 80, askedOn: 'container' });
    expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ steps: [], proven: true });
  });

  test('wrong-port: the container’s port asked of the host', async () => {
    await run('db', '--network front --publish 8080:80', SERVER);
    await serving({ from: 'host', to: 'container:db', port: 80 });
    const diagnosis = await expectCause({ from: 'host', to: '127.0.0.1', port: 80 }, 'wrong-port');
    expect(diagnosis.causes[0]?.params).toMatchObject({ right: 8080, askedOn: 'host' });
  });

  test('port-not-published', async () => {
    await run('db', '--network front', SERVER);
    await serving({ from: 'host', to: 'container:db', port: 80 });
    const gateway = await engine.docker([
      'network',
      'inspect',
      'front',
      '-f',
      '{{(index .IPAM.Config 0).Gateway}}',
    ]);
    const asked = { from: 'host', to: gateway, port: 80 };
    const diagnosis = await expectCause(asked, 'port-not-published', 'likely');
    expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
    await mend(asked, diagnosis);
  });
});
