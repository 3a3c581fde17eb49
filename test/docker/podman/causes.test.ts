import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { applyFixes } from '../../../diagnostics/question/apply.ts';
import { brief } from '../../support/cause-case.ts';
import { podmanCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startPodman, type TestPodman } from '../../support/podman.ts';

let podman: TestPodman;
let kase: DockerCase;

beforeAll(async () => {
  podman = await startPodman();
  kase = podmanCase(podman);
  await podman.podman('network create front');
  await podman.podman('network create back');
});
afterAll(() => podman.close());
afterEach(() => podman.podman('rm --force --all --time 0'));

/** The words of a person: nothing of podman's is mended by commands of Docker. */
const commands = (diagnosis: Awaited<ReturnType<DockerCase['ask']>>): string =>
  JSON.stringify(
    diagnosis.causes.map(({ evidence, explanation, fixes }) => [
      evidence.map(({ source }) => source),
      explanation,
      fixes.map(({ steps, undo, permanent }) => [steps, undo, permanent]),
    ]),
  );

describe('names', () => {
  test('name-on-other-network: an alias that is known elsewhere', async () => {
    await kase.run('web', '--network front');
    await kase.run('near', '--network back');
    await kase.run('db', '--network back --network-alias storage', SERVER);
    await kase.serving({ from: 'near', to: 'storage', port: 80 });
    const asked = { from: 'web', to: 'storage', port: 80 };
    const diagnosis = await kase.expectCause(asked, 'name-on-other-network');
    expect(commands(diagnosis)).toContain('"podman","network","connect"');
    expect(commands(diagnosis)).not.toMatch(/docker/i);
    await kase.mendAndUndo(asked, diagnosis);
  });

  test('default-bridge-has-no-names: the address works, the name does not', async () => {
    await kase.run('web', '');
    await kase.run('db', '', SERVER);
    await kase.serving({ from: 'web', to: 'container:db', port: 80 });
    const asked = { from: 'web', to: 'db', port: 80 };
    const diagnosis = await kase.expectCause(asked, 'default-bridge-has-no-names');
    expect(commands(diagnosis)).not.toMatch(/docker/i);
    await kase.mendAndUndo(asked, diagnosis);
  });

  test('name-not-known: a name that no container has, with the near one', async () => {
    await kase.run('web', '--network front');
    await kase.run('database', '--network front', SERVER);
    await kase.serving({ from: 'web', to: 'database', port: 80 });
    const diagnosis = await kase.expectCause({ from: 'web', to: 'databse', port: 80 }, 'name-not-known');
    expect(diagnosis.causes[0]?.params['near'], brief(diagnosis)).toBe('database');
    expect(commands(diagnosis)).not.toMatch(/docker/i);
  });
});

test('container-stopped: a stopped container is named, and started by podman', async () => {
  await kase.run('web', '--network front');
  await kase.run('db', '--network front', SERVER);
  const asked = { from: 'web', to: 'container:db', port: 80 };
  await kase.serving(asked);
  await podman.podman('stop --time 0 db');
  const diagnosis = await kase.expectCause(asked, 'container-stopped');
  expect(diagnosis.causes[0]?.fixes[0]?.steps[0]?.argv).toEqual(['podman', 'start', 'db']);
  expect(commands(diagnosis)).not.toMatch(/docker/i);
  const applied = await applyFixes(diagnosis, {
    ask: (probe) => kase.ask(asked, probe),
    run: await kase.runner(),
  });
  expect(applied.problem).toBeNull();
  await kase.serving(asked);
});

describe('ports', () => {
  test('port-not-published: on the host nothing listens, in the container a server does', async () => {
    await kase.run('db', '--network front', SERVER);
    await kase.serving({ from: 'host', to: 'db', port: 80 });
    const asked = { from: 'host', to: await gatewayOf('front'), port: 80 };
    const diagnosis = await kase.expectCause(asked, 'port-not-published', 'likely');
    expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
    expect(commands(diagnosis)).not.toMatch(/docker/i);
    await kase.mendAndUndo(asked, diagnosis, 'likely');
  });

  test('wrong-port: the container’s port asked of the host', async () => {
    await kase.run('db', '--network front --publish 8080:80', SERVER);
    await kase.serving({ from: 'host', to: 'db', port: 80 });
    const asked = { from: 'host', to: await gatewayOf('front'), port: 80 };
    const diagnosis = await kase.expectCause(asked, 'wrong-port', 'likely');
    expect(diagnosis.causes[0]?.params).toMatchObject({ right: 8080, askedOn: 'host' });
    expect(commands(diagnosis)).not.toMatch(/docker/i);
  });

  test('published-on-loopback: a port for the host alone, asked from elsewhere', async () => {
    await kase.run('db', '--network front --publish 127.0.0.1:8080:80', SERVER);
    await kase.serving({ from: 'host', to: '127.0.0.1', port: 8080 });
    const asked = { from: 'host', to: await gatewayOf('front'), port: 8080 };
    const diagnosis = await kase.expectCause(asked, 'published-on-loopback');
    expect(commands(diagnosis)).not.toMatch(/docker/i);
  });
});

test('container-without-network: podman connects no container that was made without one', async () => {
  await kase.run('web', '--network front');
  await kase.run('alone', '--network none');
  const diagnosis = await kase.expectCause({ from: 'alone', to: 'web' }, 'container-without-network');
  await expect(podman.podman('network connect front alone')).rejects.toThrow('invalid network mode');
  expect(diagnosis.causes[0]?.fixes, brief(diagnosis)).toEqual([]);
  expect(diagnosis.causes[0]?.explanation).toContain('podman run --network');
});

const gatewayOf = async (network: string): Promise<string> =>
  podman.podman(['network', 'inspect', network, '-f', '{{(index .Subnets 0).Gateway}}']);
