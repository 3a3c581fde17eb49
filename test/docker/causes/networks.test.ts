import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
let docker: DockerCase;
beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create --subnet 10.50.0.0/24 front');
  await docker.engine.docker('network create --subnet 10.51.0.0/24 back');
  await docker.engine.docker('network create --internal --subnet 10.52.0.0/24 inner');
  await docker.engine.docker(
    'network create -o com.docker.network.bridge.enable_icc=false --subnet 10.53.0.0/24 apart',
  );
});
afterAll(() => docker.engine.close());
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('client');
  await net.wire('host/uplink 10.99.0.1/24', 'client/eth0 10.99.0.2/24');
  await net.run('client', 'ip route add default via 10.99.0.1');
  await net.listen('client', { protocol: 'tcp', port: 80 });
});
afterEach(async () => {
  await docker.removeContainers();
  await net.close();
});

test('internal-network: nothing gets out; a second network opens it, and the undo closes it again', async () => {
  await docker.run('db', '--network inner', SERVER);
  await docker.run('near', '--network inner');
  await docker.serving({ from: 'near', to: 'db', port: 80 });
  const asked = { from: 'container:near', to: '10.99.0.2', port: 80 };
  const diagnosis = await docker.expectCause(asked, 'internal-network');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'host',
    params: { container: 'near', networks: 'inner' },
  });
  expect(diagnosis.causes[0]?.summary).toMatch(/nothing gets out/);
  await docker.mendAndUndo(asked, diagnosis);
});

test('internal-network: nothing gets in', async () => {
  await docker.run('db', '--network inner', SERVER);
  const diagnosis = await docker.expectCause(
    { from: 'netns:client', to: 'container:db', port: 80 },
    'internal-network',
  );
  expect(diagnosis.causes[0]?.summary).toMatch(/nothing gets from outside/);
});

test('bridge-firewalled: a rule of the user’s about the bridge, on a network that keeps its containers apart', async () => {
  await docker.run('db', '--network apart --publish 8080:80', SERVER);
  await docker.run('web', '--network apart');
  await docker.serving({ from: 'host', to: 'container:db', port: 80 });
  const id = await docker.engine.docker('network inspect -f {{.Id}} apart');
  const rule = `FORWARD -o br-${id.slice(0, 12)} -p tcp --dport 80 -j REJECT --reject-with tcp-reset`;
  await net.run('host', `iptables -I ${rule}`);
  try {
    const between = { from: 'container:web', to: 'container:db', port: 80 };
    await docker.mendAndUndo(between, await docker.expectCause(between, 'bridge-firewalled'));
  } finally {
    await net.run('host', `iptables -D ${rule}`);
  }
});

test('icc-disabled: two containers of one network that keeps them apart', async () => {
  await docker.run('web', '--network apart');
  await docker.run('db', '--network apart', SERVER);
  await docker.run('free', '--network front');
  await docker.run('server', '--network front', SERVER);
  await docker.serving({ from: 'free', to: 'server', port: 80 });
  const asked = { from: 'container:web', to: 'container:db', port: 80 };
  const diagnosis = await docker.expectCause(asked, 'icc-disabled');
  expect(diagnosis.causes[0]?.params).toMatchObject({ from: 'web', to: 'db', network: 'apart' });
  await docker.mendAndUndo(asked, diagnosis);
});

test('docker-isolation: a container on the default network is asked for at its new address', async () => {
  await docker.run('web', '--network front');
  await docker.run('db', '', SERVER);
  const asked = { from: 'container:web', to: 'container:db', port: 80 };
  const diagnosis = await docker.expectCause(asked, 'docker-isolation');
  expect(diagnosis.causes[0]?.fixes[0]?.title).toContain('Connect the container db to the network front');
  await docker.mendAndUndo(asked, diagnosis);
});

test('policy-drop: a client that sends to a container’s own address', async () => {
  await docker.run('db', '--network front', SERVER);
  const asked = { from: 'netns:client', to: 'container:db', port: 80 };
  await docker.serving({ ...asked, from: 'host' });
  const diagnosis = await docker.expectCause(asked, 'policy-drop');
  expect(diagnosis.causes[0]).toMatchObject({ namespace: 'host', params: { chain: 'FORWARD' } });
  expect(diagnosis.causes[0]?.fixes[0]?.steps[0]?.argv).toContain('DOCKER-USER');
  await docker.mendAndUndo(asked, diagnosis);
});

test('an alias of one network, asked for on another that both are on', async () => {
  await docker.run('project-db-1', '--network front --network-alias db', SERVER);
  await docker.engine.docker('network connect back project-db-1');
  await docker.run('web', '--network back');
  await docker.serving({ from: 'web', to: 'project-db-1', port: 80 });
  const asked = { from: 'web', to: 'db', port: 80 };
  const diagnosis = await docker.expectCause(asked, 'name-on-other-network');
  expect(diagnosis.causes[0]?.fixes.map(({ title }) => title)).toEqual([
    'Connect the container web to the network front',
    'Use project-db-1 instead',
  ]);
  await docker.mendAndUndo(asked, diagnosis);
});

test('host-gateway-unset: the name that only Docker Desktop defines', async () => {
  await docker.run('told', '--network front --add-host host.docker.internal:host-gateway');
  await docker.run('web', '--network front');
  await net.listen('host', { protocol: 'tcp', port: 8000 });
  await docker.serving({ from: 'told', to: 'host.docker.internal', port: 8000 });
  const diagnosis = await docker.expectCause(
    { from: 'web', to: 'host.docker.internal', port: 8000 },
    'host-gateway-unset',
  );
  expect(diagnosis.causes[0]?.params).toMatchObject({ gateway: '10.50.0.1' });
  expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
  await docker.serving({ from: 'web', to: '10.50.0.1', port: 8000 });
});

test('container-restarting: a program that ends again and again', async () => {
  await docker.run('web', '--network front');
  await docker.run('broken', '--network front --restart always', ['busybox', 'sh', '-c', 'exit 1']);
  const state = (): Promise<string> => docker.engine.docker('inspect -f {{.State.Status}} broken');
  // Docker waits longer before each start: after a few it is nearly always waiting.
  await expect.poll(() => docker.engine.docker('inspect -f {{.RestartCount}} broken')).toMatch(/^[4-9]/);
  await expect.poll(state).toBe('restarting');
  const diagnosis = await docker.expectCause({ from: 'web', to: 'broken', port: 80 }, 'container-restarting');
  expect(diagnosis.causes[0]?.explanation).toContain('docker logs broken');
});

test('a shared namespace: the container that joined it has the other’s address and its failures', async () => {
  await docker.run('web', '--network front', SERVER);
  await docker.run('sidecar', '--network container:web');
  await docker.run('near', '--network front');
  await docker.serving({ from: 'near', to: 'container:sidecar', port: 80 });
  await docker.serving({ from: 'sidecar', to: '127.0.0.1', port: 80 });
  const diagnosis = await docker.expectCause(
    { from: 'near', to: 'container:sidecar', port: 81 },
    'no-listener',
  );
  expect(diagnosis.causes[0]?.params).toMatchObject({ otherPorts: '80' });
});

describe('bridge-missing: somebody deleted a network’s bridge', () => {
  const lose = async (network: string): Promise<string> => {
    const id = await docker.engine.docker(`network inspect -f {{.Id}} ${network}`);
    const bridge = `br-${id.trim().slice(0, 12)}`;
    await net.run('host', `ip link delete ${bridge}`);
    return bridge;
  };
  const makeAgain = (network: string, subnet: string): Promise<string> =>
    docker.engine.docker(`network create --subnet ${subnet} ${network}`);

  test.each([
    ['a neighbour', { from: 'container:web', to: 'container:db' }],
    ['the host', { from: 'host', to: 'container:db' }],
    ['the world', { from: 'container:web', to: '10.99.0.2' }],
  ] as const)('asked for %s', async (_, ends) => {
    await makeAgain('lost', '10.58.0.0/24');
    try {
      await docker.run('db', '--network lost', SERVER);
      await docker.run('web', '--network lost');
      await docker.serving({ ...ends, port: 80 });
      const bridge = await lose('lost');
      const diagnosis = await docker.expectCause({ ...ends, port: 80 }, 'bridge-missing');
      expect(diagnosis.causes, brief(diagnosis)).toHaveLength(1);
      expect(diagnosis.causes[0]).toMatchObject({
        namespace: 'host',
        certainty: 'certain',
        params: { bridge, network: 'lost', wires: 2 },
      });
      await docker.mendAndUndo({ ...ends, port: 80 }, diagnosis);
    } finally {
      await docker.removeContainers();
      await docker.engine.docker('network rm lost');
    }
  });
});

test('wrong-default-gateway: of two networks the default route takes the internal one', async () => {
  await docker.run('web', '--network front');
  await docker.engine.docker('network connect inner web');
  const asked = { from: 'web', to: '10.99.0.2', port: 80 };
  await docker.serving(asked);
  const pid = await docker.engine.docker('inspect -f {{.State.Pid}} web');
  await net.run('host', `nsenter -t ${pid} -n ip route replace default via 10.52.0.1`);
  const diagnosis = await docker.expectCause(asked, 'wrong-default-gateway');
  expect(diagnosis.causes[0]?.params).toMatchObject({ rightGateway: '10.50.0.1' });
  await docker.mendAndUndo(asked, diagnosis);
});

test('ipv6-disabled: told of the container whose address is asked for, and of no other on its network', async () => {
  await docker.engine.docker('network create --ipv6 --subnet 10.77.0.0/24 --subnet fd77::/64 both');
  try {
    await docker.run('near', '--network both');
    await docker.run('four', '--network both --sysctl net.ipv6.conf.all.disable_ipv6=1', SERVER);
    const own = await docker.engine.docker(
      'inspect -f {{.NetworkSettings.Networks.both.GlobalIPv6Address}} four',
    );
    await docker.expectCause({ from: 'near', to: own, port: 80 }, 'ipv6-disabled');
    await docker.expectCause({ from: 'near', to: 'fd77::77', port: 80 }, 'neighbour-unresolved');
  } finally {
    await docker.removeContainers();
    await docker.engine.docker('network rm both');
  }
});

test('filter-drop: by a rule before Docker’s own chains, where only an accept before it helps', async () => {
  await docker.run('web', '--network front -p 8080:80', SERVER);
  const asked = { from: 'netns:client', to: '10.99.0.1', port: 8080 };
  await docker.serving(asked);
  await net.run('host', 'iptables -I FORWARD -i uplink -p tcp -j DROP');
  const diagnosis = await docker.expectCause(asked, 'filter-drop');
  expect(diagnosis.causes[0]?.fixes[0]?.title).toMatch(/^Accept .* in chain FORWARD before rule 1$/);
  await docker.mendAndUndo(asked, diagnosis);
  await net.run('host', 'iptables -D FORWARD 1');
});
