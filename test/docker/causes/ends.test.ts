import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork } from '../../support/network.ts';

let docker: DockerCase;
beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create --subnet 10.60.0.0/24 front');
  await docker.engine.docker('network create --subnet 10.61.0.0/24 back');
});
afterAll(() => docker.engine.close());
afterEach(() => docker.removeContainers());

test('container-without-network: the container that is asked for, made with --network none', async () => {
  await docker.run('web', '--network front');
  await docker.run('db', '--network none', SERVER);
  await docker.serving({ from: 'db', to: '127.0.0.1', port: 80 });
  const asked = { from: 'container:web', to: 'container:db', port: 80 };
  const diagnosis = await docker.expectCause(asked, 'container-without-network');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'container:db',
    params: { container: 'db', none: true, asking: false },
  });
  expect(diagnosis.causes[0]?.fixes[0]?.title).toBe('Connect the container db to the network front');
  await docker.mendAndUndo(asked, diagnosis);
});

test('container-without-network: the container that asks', async () => {
  await docker.run('job', '--network none');
  await docker.run('db', '--network back', SERVER);
  await docker.serving({ from: 'host', to: 'container:db', port: 80 });
  const asked = { from: 'job', to: 'db', port: 80 };
  const diagnosis = await docker.expectCause(asked, 'container-without-network');
  expect(diagnosis.causes[0]).toMatchObject({ namespace: 'container:job', params: { asking: true } });
  await docker.mendAndUndo(asked, diagnosis);
});

test('container-without-network: the container that asks for a name', async () => {
  await docker.run('job', '--network none');
  const diagnosis = await docker.expectCause(
    { from: 'job', to: 'registry.example', port: 443 },
    'container-without-network',
  );
  expect(diagnosis.probe.outcome, brief(diagnosis)).toBe('name-unresolved');
});

test('container-without-network: one that left its last network', async () => {
  await docker.run('web', '--network front');
  await docker.run('db', '--network front', SERVER);
  const asked = { from: 'container:web', to: 'container:db', port: 80 };
  await docker.serving(asked);
  await docker.engine.docker('network disconnect front db');
  const diagnosis = await docker.expectCause(asked, 'container-without-network');
  expect(diagnosis.causes[0]?.params).toMatchObject({ none: false });
  await docker.mendAndUndo(asked, diagnosis);
});

test('a container without a network that somebody wired by hand is on a network like any other', async () => {
  await using net = await buildNetwork();
  await net.namespaces('client');
  await docker.run('db', '--network none', SERVER);
  const pid = await docker.engine.docker(['inspect', '-f', '{{.State.Pid}}', 'db']);
  await net.run('client', `ip link add name eth0 type veth peer name eth0 netns ${pid}`);
  await net.run('client', 'ip address add 10.7.0.1/24 dev eth0');
  await net.run('client', 'ip link set eth0 up');
  const inside = (words: string): Promise<string> =>
    net.run('host', ['nsenter', '-t', pid, '-n', ...words.split(' ')]);
  await inside('ip link set eth0 up');
  const asked = { from: 'netns:client', to: 'container:db', port: 80 };
  await docker.expectCause(asked, 'no-address');
  await inside('ip address add 10.7.0.2/24 dev eth0');
  await docker.serving(asked);
});

test('localhost-confusion: a program asks its own container for a service of its neighbour', async () => {
  await docker.run('db', '--network front', SERVER);
  await docker.run('web', '--network front');
  const asked = { from: 'web', to: 'localhost', port: 80 };
  await docker.serving({ from: 'db', to: 'localhost', port: 80 });
  const diagnosis = await docker.expectCause(asked, 'localhost-confusion');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'container:web',
    params: { asked: 'localhost', meant: 'container:db', meantPort: 80 },
  });
  expect(diagnosis.causes[0]?.fixes[0], brief(diagnosis)).toMatchObject({ proven: true, steps: [] });
  expect(diagnosis.causes[0]?.fixes[0]?.title).toContain('db');
  await docker.serving({ from: 'web', to: 'db', port: 80 });
});

test('localhost-confusion: the port that the neighbour publishes on the host', async () => {
  await docker.run('db', '--network back --publish 8080:80', SERVER);
  await docker.run('web', '--network front');
  await docker.serving({ from: 'host', to: '127.0.0.1', port: 8080 });
  const asked = { from: 'web', to: '127.0.0.1', port: 8080 };
  const diagnosis = await docker.expectCause(asked, 'localhost-confusion');
  expect(diagnosis.causes[0]?.params).toMatchObject({ meant: 'container:db', meantPort: 80 });
  // The two share no network: the remedy joins them first.
  expect(diagnosis.causes[0]?.fixes[0]?.steps[0]?.argv.join(' ')).toBe('docker network connect -- back web');
  expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
  await docker.engine.docker('network connect back web');
  await docker.serving({ from: 'web', to: 'db', port: 80 });
});

test('localhost-confusion: a service of the host', async () => {
  await using net = await buildNetwork();
  await docker.run('web', '--network front');
  await net.listen('host', { protocol: 'tcp', port: 5000 });
  const asked = { from: 'web', to: 'localhost', port: 5000 };
  await docker.serving({ from: 'host', to: 'localhost', port: 5000 });
  const diagnosis = await docker.expectCause(asked, 'localhost-confusion');
  expect(diagnosis.causes[0]?.params).toMatchObject({ meant: 'host', onHost: true });
  expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({
    title: 'Use 10.60.0.1, port 5000 instead',
    proven: true,
  });
  await docker.serving({ from: 'web', to: '10.60.0.1', port: 5000 });
});

test('nobody has the port: then “localhost” is not what is wrong', async () => {
  await docker.run('web', '--network front');
  await docker.expectCause({ from: 'web', to: 'localhost', port: 5999 }, 'no-listener');
});

test.each(['db', 'web'])('no-address: somebody took the address of %s off its interface', async (bare) => {
  await docker.run('web', '--network front');
  await docker.run('db', '--network front', SERVER);
  const asked = { from: 'container:web', to: 'db', port: 80 };
  await docker.serving(asked);
  await using net = await buildNetwork();
  const key = await docker.engine.docker(['inspect', '-f', '{{.NetworkSettings.SandboxKey}}', bare]);
  const before = await net.run('host', ['nsenter', `--net=${key}`, 'ip', '-4', '-o', 'addr', 'show', 'eth0']);
  const [, address] = / inet (\S+)/.exec(before) ?? [];
  await net.run('host', ['nsenter', `--net=${key}`, 'ip', 'addr', 'flush', 'dev', 'eth0']);
  const diagnosis = await docker.expectCause(asked, 'no-address');
  expect(diagnosis.causes[0]?.namespace).toBe(`container:${bare}`);
  expect(diagnosis.causes[0]?.fixes[0]?.steps[0]?.argv.join(' '), brief(diagnosis)).toContain(
    `add ${address} dev`,
  );
  await docker.mendAndUndo(asked, diagnosis);
});
