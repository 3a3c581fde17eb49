import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** `-p` that the engine discards, or keeps a port for and passes nothing on. */
const CLIENT = 'netns:client';
const HOST = '10.99.0.1';
const HOST6 = 'fd99::1';

let net: TestNetwork;
let docker: DockerCase;
beforeAll(async () => {
  await execa('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create --subnet 10.64.0.0/24 front');
  await docker.engine.docker('network create --ipv6 --subnet 10.65.0.0/24 --subnet fd65::/64 six');
});
afterAll(() => docker.engine.close());
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('client');
  await net.wire(`host/uplink ${HOST}/24 ${HOST6}/64`, 'client/eth0 10.99.0.2/24 fd99::2/64');
  await net.run('client', `ip route add default via ${HOST}`);
  await net.run('client', `ip route add default via ${HOST6}`);
});
afterEach(async () => {
  await docker.removeContainers();
  await net.close();
});

const httpd = (port: number): readonly string[] => ['busybox', 'httpd', '-f', '-p', String(port)];

test('of a container with the host’s network: its own port is what counts', async () => {
  await docker.run('web', '--network host --publish 8085:88', httpd(88));
  await docker.serving({ from: CLIENT, to: HOST, port: 88 });
  for (const to of [HOST, HOST6, 'container:web']) {
    const diagnosis = await docker.expectCause({ from: CLIENT, to, port: 8085 }, 'published-in-vain');
    expect(diagnosis.causes[0]?.params).toMatchObject({ reason: 'host-network', served: true });
    expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ title: 'Use port 88 instead', proven: true });
  }
});

test('of a container with the host’s network, no other container’s port is meant', async () => {
  await docker.run('onhost', '--network host --publish 8085:80', httpd(88));
  await docker.run('other', '--network front --publish 8090:80', SERVER);
  await docker.run('quiet', '--network front', httpd(81));
  await docker.serving({ from: CLIENT, to: HOST, port: 8090 });
  for (const port of [80, 81])
    await docker.expectCause({ from: CLIENT, to: 'container:onhost', port }, 'no-listener');
  await docker.expectCause({ from: CLIENT, to: HOST, port: 80 }, 'wrong-port', 'likely');
  const diagnosis = await docker.expectCause({ from: CLIENT, to: HOST, port: 8085 }, 'published-in-vain');
  expect(diagnosis.causes[0]?.params).toMatchObject({ reason: 'host-network', served: false });
});

test.each(['[::]', `[${HOST6}]`])('published on %s of a container without IPv6, and no proxy', async (on) => {
  await docker.run('web', `--network front --publish ${on}:8080:80`, SERVER);
  await docker.serving({ from: CLIENT, to: 'container:web', port: 80 });
  const diagnosis = await docker.expectCause({ from: CLIENT, to: HOST6, port: 8080 }, 'published-in-vain');
  expect(diagnosis.causes[0]?.params).toMatchObject({ reason: 'no-address6', container: 'web' });
  expect(diagnosis.causes[0]?.fixes[0], brief(diagnosis)).toMatchObject({
    title: 'Use container:web, port 80 instead',
    proven: true,
  });
});

test('an engine without rules for IPv6 keeps the port, and nobody answers on it', async () => {
  await docker.run('web', '--network six --ip6 fd65::80 --publish 8080:80', SERVER);
  // An address is used only after its owner looked for a second one.
  await docker.serving({ from: 'host', to: 'fd65::80', port: 80 });
  const asked = { from: CLIENT, to: HOST6, port: 8080 };
  const diagnosis = await docker.expectCause(asked, 'published-in-vain');
  expect(diagnosis.causes[0]?.params).toMatchObject({ reason: 'no-rule6' });
  await docker.mendAndUndo(asked, diagnosis);
  const itself = await docker.expectCause({ ...asked, from: 'host', to: '::1' }, 'published-in-vain');
  expect(itself.causes[0]?.fixes.map(({ title, proven }) => [title, proven])).toEqual([
    ['Use container:web, port 80 instead', true],
  ]);
});

test('of a container on the LAN itself (macvlan)', async () => {
  await docker.engine.docker(
    'network create -d macvlan --subnet 10.99.0.0/24 --gateway 10.99.0.1 -o parent=uplink lan',
  );
  try {
    await docker.run('web', '--network lan --ip 10.99.0.80 --publish 8070:80', SERVER);
    await docker.serving({ from: CLIENT, to: 'container:web', port: 80 });
    const diagnosis = await docker.expectCause({ from: CLIENT, to: HOST, port: 8070 }, 'published-in-vain');
    expect(diagnosis.causes[0]?.params).toMatchObject({ reason: 'driver', driver: 'macvlan' });
    expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
  } finally {
    await docker.removeContainers();
    await docker.engine.docker('network rm lan');
  }
});
