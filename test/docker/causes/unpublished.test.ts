import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** Ports that a container was made with, and that its engine does not publish, or not for who asks. */
const CLIENT = 'netns:client';
const HOST = '10.99.0.1';
const asked = { from: CLIENT, to: HOST, port: 8080 };

let net: TestNetwork;
let docker: DockerCase;
beforeAll(async () => {
  // An engine closes FORWARD where nobody forwarded before it.
  await execa('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create --subnet 10.64.0.0/24 front');
  await docker.engine.docker('network create --internal --subnet 10.65.0.0/24 inner');
});
afterAll(() => docker.engine.close());
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('client');
  await net.wire('host/uplink 10.99.0.1/24 fd99::1/64', 'client/eth0 10.99.0.2/24 fd99::2/64');
  await net.run('client', 'ip route add default via 10.99.0.1');
});
afterEach(async () => {
  await docker.removeContainers();
  await net.close();
});

/** What is published again with the network has the port it was made with. */
async function mendAgain(id: string): Promise<void> {
  const diagnosis = await docker.expectCause(asked, id);
  expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
  await docker.mend(asked, diagnosis);
}

test('internal-network: its port is published nowhere, and on a second network it is', async () => {
  await docker.run('web', '--network inner --publish 8080:80', SERVER);
  await mendAgain('internal-network');
});

test.each(['127.0.0.1', HOST])(
  'internal-network: the host itself asks for the port at %s, and nothing else is wrong',
  async (to) => {
    await docker.run('web', '--network inner --publish 8080:80', SERVER);
    const own = { from: 'host', to, port: 8080 };
    await docker.mend(own, await docker.expectCause(own, 'internal-network'));
  },
);

test.each([
  [CLIENT, HOST],
  ['host', HOST],
  ['host', '127.0.0.1'],
])(
  'internal-network: %s asks %s for a port that is kept since the other network was left',
  async (from, to) => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    await docker.serving({ from, to, port: 8080 });
    await docker.engine.docker('network connect inner web');
    const kept = { from, to, port: 8080 };
    expect((await docker.ask(kept)).verdict).toBe('reachable');
    await docker.engine.docker('network disconnect front web');
    const diagnosis = await docker.expectCause(kept, 'internal-network');
    expect(diagnosis.causes[0]?.params).toMatchObject({ kept: true, port: 8080 });
    await docker.mendAndUndo(kept, diagnosis);
  },
);

test.each([
  ['taken off its network', '--network front', 'network disconnect front web'],
  ['without one from the beginning', '--network none', 'inspect web'],
])('container-without-network: a port of one that was %s', async (_, options, then) => {
  await docker.run('web', `${options} --publish 8080:80`, SERVER);
  await docker.engine.docker(then);
  await mendAgain('container-without-network');
});

test('internal-network: of several networks, the address on the internal one', async () => {
  await docker.run('web', '--network inner', SERVER);
  await docker.engine.docker('network connect front web');
  const diagnosis = await docker.ask({ from: CLIENT, to: 'container:web', port: 80 });
  expect(diagnosis.causes.map(({ id }) => id)).toEqual(['internal-network']);
  expect(diagnosis.causes[0]?.params).toMatchObject({ networks: 'inner', others: 'front' });
  expect(diagnosis.causes[0]?.fixes[0], brief(diagnosis)).toMatchObject({ proven: true, steps: [] });
});

describe('published-on-other-address: the other family', () => {
  test('nobody passes IPv6 on, and the engine’s own socket is not told to listen elsewhere', async () => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    await docker.serving(asked);
    for (const [from, to, instead] of [
      [CLIENT, 'fd99::1', HOST],
      ['host', '::1', '127.0.0.1'],
    ] as const) {
      const diagnosis = await docker.expectCause({ from, to, port: 8080 }, 'published-on-other-address');
      expect(diagnosis.causes[0]?.params).toMatchObject({ family: 4, address: to });
      expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ title: `Use ${instead} instead`, proven: true });
    }
  });

  test('published on [::] alone, asked by IPv4', async () => {
    await docker.run('web', '--network front --publish [::]:8080:80', SERVER);
    await docker.serving({ from: 'host', to: 'container:web', port: 80 });
    const diagnosis = await docker.expectCause(asked, 'published-on-other-address');
    expect(diagnosis.causes[0]?.params).toMatchObject({ family: 6 });
    await docker.mendAndUndo(asked, diagnosis);
  });
});

test('subnet-overlap: a network of the engine’s without containers, or closed to others, hides an address behind a route', async () => {
  await net.namespaces('far');
  await net.wire('host/vpn0 10.200.0.1/30', 'far/eth0 10.200.0.2/30');
  await net.run('far', 'ip addr add 172.17.5.5/32 dev lo');
  await net.run('far', 'ip route add default via 10.200.0.1');
  await net.listen('far', { protocol: 'tcp', port: 80 });
  await net.run('host', 'ip route add 172.16.0.0/12 via 10.200.0.2');
  await docker.run('web', '--network front');
  for (const from of ['host', 'web']) {
    const overlap = { from, to: '172.17.5.5', port: 80 };
    const diagnosis = await docker.expectCause(overlap, 'subnet-overlap');
    expect(diagnosis.causes[0]?.params).toMatchObject({ device: 'docker0', empty: true });
    await docker.mendAndUndo(overlap, diagnosis);
  }
});

test('subnet-overlap: a container of the network that hides the address, which its host claims too', async () => {
  await net.namespaces('far');
  await net.wire('host/vpn0 10.200.0.1/30', 'far/eth0 10.200.0.2/30');
  await net.run('far', 'ip addr add 10.64.0.77/32 dev lo');
  await net.run('far', 'ip route add default via 10.200.0.1');
  await net.listen('far', { protocol: 'tcp', port: 80 });
  await net.run('host', 'ip route add 10.64.0.0/16 via 10.200.0.2');
  await docker.run('web', '--network front');
  const overlap = { from: 'web', to: '10.64.0.77', port: 80 };
  const diagnosis = await docker.expectCause(overlap, 'subnet-overlap');
  expect(diagnosis.causes[0]).toMatchObject({ namespace: 'container:web', params: { device: 'eth0' } });
  expect(diagnosis.causes[0]?.fixes[0]?.steps.map(({ namespace }) => namespace)).toEqual([
    'container:web',
    'host',
  ]);
  await docker.mendAndUndo(overlap, diagnosis);
});

test('a host port that another program has is told, though it answers', async () => {
  await docker.run('web', '--network front --publish 8080:80', SERVER);
  await docker.serving(asked);
  expect((await docker.ask(asked)).notes).toEqual([]);
  await docker.engine.docker('stop -t 0 web');
  await net.listen('host', { protocol: 'tcp', port: 8080 });
  const diagnosis = await docker.ask(asked);
  expect(diagnosis.verdict).toBe('reachable');
  expect(diagnosis.notes[0]).toMatch(
    /^It is .*, a program of the host itself, that answers on port 8080, and not the container web/,
  );
});
