import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { brief } from '../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../support/docker-case.ts';
import { startEngine } from '../support/docker.ts';
import { serveNames } from '../support/name-server.ts';
import { buildNetwork } from '../support/network.ts';

let docker: DockerCase;

beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create front');
  await docker.run('db', '--network front --network-alias storage', SERVER);
});
afterAll(() => docker.engine.close());
afterEach(() => docker.engine.docker('rm -f web'));

const asked = { from: 'web', to: 'storage', port: 80 };

test('an alias is asked of the engine’s resolver, through the rules that lead to it', async () => {
  await docker.run('web', '--network front');
  await docker.serving(asked);
  const { legs } = await docker.ask(asked);
  expect(legs.map(({ kind, flow, forward }) => [kind, flow.to, flow.protocol, forward.disposition])).toEqual([
    ['dns', '127.0.0.11', 'udp', 'delivered'],
    ['direct', expect.any(String), 'tcp', 'delivered'],
  ]);
  expect(
    legs[0]?.forward.hops.flatMap(({ steps }) => steps.map(({ kind }) => kind)),
    'Docker rewrites the port on which its resolver is asked',
  ).toContain('translate');
});

test('resolver-unreachable: the engine knows the name, and the container cannot hear it', async () => {
  const web = await docker.run('web', '--network front');
  await docker.serving(asked);
  const pid = await docker.engine.docker(['inspect', '-f', '{{.State.Pid}}', web]);
  await execa('nsenter', ['-t', pid, '-n', 'iptables', '-t', 'nat', '-F']);
  const diagnosis = await docker.expectCause(asked, 'resolver-unreachable');
  expect(diagnosis.probe.outcome).toBe('name-unresolved');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'container:web',
    params: { because: 'docker-chains-missing', lacks: 'resolver', server: '127.0.0.11' },
  });
  expect(
    diagnosis.legs.map(({ kind, forward }) => [kind, forward.disposition]),
    brief(diagnosis),
  ).toEqual([['dns', 'refused']]);
  await docker.mendAndUndo(asked, diagnosis);
});

test('a process of a container asks for names as its container does', async () => {
  const web = await docker.run('web', '--network front', ['busybox', 'sh', '-c', 'sleep 1000 & wait']);
  const first = await docker.engine.docker(['inspect', '-f', '{{.State.Pid}}', web]);
  const children = (): Promise<string> => readFile(`/proc/${first}/task/${first}/children`, 'utf8');
  await expect.poll(children).toMatch(/\d/);
  for (const process of [first, (await children()).trim()]) {
    const own = { ...asked, from: `pid:${process}` };
    await docker.serving(own);
    const { legs } = await docker.ask(own);
    expect(legs.map(({ flow }) => flow.to)).toEqual(['127.0.0.11', expect.any(String)]);
  }
});

const WRITES = (line: string): readonly string[] => [
  ...['busybox', 'sh', '-c', `echo "${line}" >/etc/resolv.conf; exec busybox sleep 1000`],
];

test('engine-resolver-bypassed: the container’s program wrote resolv.conf anew; its neighbour is called by its own name', async () => {
  await docker.run('near', '--network front');
  for (const to of ['db', 'storage']) await docker.serving({ from: 'near', to, port: 80 });
  await docker.run('web', '--network front', WRITES('nameserver 10.99.0.53'));
  const file = (): Promise<string> => docker.engine.docker('exec web cat /etc/resolv.conf');
  await expect.poll(file).toBe('nameserver 10.99.0.53');
  for (const to of ['db', 'storage']) {
    const own = { from: 'web', to, port: 80 };
    const diagnosis = await docker.expectCause(own, 'engine-resolver-bypassed');
    expect(diagnosis.causes[0]).toMatchObject({
      namespace: 'container:web',
      params: { asked: '10.99.0.53', server: '127.0.0.11', container: 'db', network: 'front' },
    });
    await docker.mendAndUndo(own, diagnosis);
  }
  await docker.engine.docker('rm -f near');
});

test('engine-resolver-bypassed: resolv.conf is empty', async () => {
  await docker.run('web', '--network front', WRITES('# nobody'));
  await expect.poll(() => docker.engine.docker('exec web cat /etc/resolv.conf')).toBe('# nobody');
  const diagnosis = await docker.expectCause({ from: 'web', to: 'db', port: 80 }, 'engine-resolver-bypassed');
  expect(diagnosis.causes[0]?.fixes[0], brief(diagnosis)).toMatchObject({ proven: true, steps: [] });
});

describe('name-of-joined: a container that joined another’s network is called as that one', () => {
  const unknown = { from: 'app', to: 'web', port: 80 };
  afterEach(() => docker.engine.docker('rm -f gate app'));

  test('from a neighbour', async () => {
    await docker.run('gate', '--network front', SERVER);
    await docker.run('web', '--network container:gate');
    await docker.run('app', '--network front');
    await docker.serving({ ...unknown, to: 'gate' });
    await expect(docker.engine.docker('exec app nslookup web')).rejects.toThrow();
    const diagnosis = await docker.expectCause(unknown, 'name-of-joined');
    expect(diagnosis.causes[0]).toMatchObject({
      params: { container: 'web', owner: 'gate', instead: 'gate' },
      fixes: [{ proven: true, title: 'Use gate instead' }],
    });
  });

  test('from the one whose network it is: both are localhost to each other', async () => {
    await docker.run('app', '--network front', SERVER);
    await docker.run('web', '--network container:app');
    await docker.serving({ from: 'web', to: 'localhost', port: 80 });
    const diagnosis = await docker.expectCause(unknown, 'name-of-joined');
    expect(diagnosis.causes[0]?.fixes[0], brief(diagnosis)).toMatchObject({
      proven: true,
      title: 'Use localhost instead',
    });
  });

  test('on the default network, where nobody has a name', async () => {
    await docker.run('gate', '', SERVER);
    await docker.run('web', '--network container:gate');
    await docker.run('app', '');
    const address = await docker.engine.docker('inspect -f {{.NetworkSettings.IPAddress}} gate');
    await docker.serving({ ...unknown, to: address });
    const diagnosis = await docker.expectCause(unknown, 'name-of-joined');
    expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ proven: true, title: `Use ${address} instead` });
  });

  test('it asks as the one does whose network it has, and what is to be connected is that one', async () => {
    await docker.engine.docker('network create aside');
    await docker.run('gate', '--network aside', SERVER);
    await docker.run('web', '--network container:gate');
    await docker.serving({ from: 'web', to: 'gate', port: 80 });
    const asked = { from: 'web', to: 'storage', port: 80 };
    const diagnosis = await docker.expectCause(asked, 'name-on-other-network');
    await docker.mendAndUndo(asked, diagnosis);
    await docker.engine.docker('rm -f gate');
    await docker.engine.docker('network rm aside');
  });
});

test('a name typed wrong: what a neighbour is called on the common network is near', async () => {
  await docker.run('web', '--network front');
  const diagnosis = await docker.expectCause(
    { from: 'web', to: 'storge', port: 80 },
    'name-not-known',
    'likely',
  );
  expect(diagnosis.causes[0]?.params['near']).toBe('storage');
});

test('a name of one word that no container has: certain only where the server behind the engine’s own says no', async () => {
  await using net = await buildNetwork();
  await net.namespaces('provider');
  await net.wire('host/uplink 10.99.0.1/24', 'provider/eth0 10.99.0.53/24');
  await serveNames(net, 'provider', '10.99.0.53', { intranet: '10.99.0.53' });
  await net.listen('provider', { protocol: 'tcp', port: 80 });
  await docker.run('web', '--network front --dns 10.99.0.53');
  // Docker's server passes a name without dots on as well.
  await docker.serving({ from: 'web', to: 'intranet', port: 80 });
  const unknown = { from: 'web', to: 'elsewhere', port: 80 };
  await docker.expectCause(unknown, 'name-not-known');
  await docker.engine.docker('rm -f web');
  await docker.run('web', '--network front --dns 10.99.0.77');
  const diagnosis = await docker.expectCause(unknown, 'name-not-known', 'likely');
  expect(diagnosis.causes[0]?.explanation).toContain('Docker itself knows no container called elsewhere');
});

test('resolver-unreachable: what the engine’s resolver does not know it asks another server, which a firewall keeps from it', async () => {
  await using net = await buildNetwork();
  await net.namespaces('provider');
  await net.wire('host/uplink 10.99.0.1/24', 'provider/eth0 10.99.0.53/24');
  await serveNames(net, 'provider', '10.99.0.53', { 'shop.test': '10.99.0.53' });
  await net.listen('provider', { protocol: 'tcp', port: 80 });
  await docker.run('web', '--network front --dns 10.99.0.53');
  const shop = { from: 'web', to: 'shop.test', port: 80 };
  await docker.serving(shop);
  await execa('iptables', ['-I', 'DOCKER-USER', '-p', 'udp', '--dport', '53', '-j', 'DROP']);
  const diagnosis = await docker.expectCause(shop, 'resolver-unreachable');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'host',
    params: { server: '10.99.0.53', via: '127.0.0.11', because: 'filter-drop' },
  });
  await docker.mendAndUndo(shop, diagnosis);
  await execa('iptables', ['-D', 'DOCKER-USER', '-p', 'udp', '--dport', '53', '-j', 'DROP']);
});
