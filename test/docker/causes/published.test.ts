import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** A client beyond the engine's host, which has 10.99.0.1 and 10.98.0.1. */
const CLIENT = 'netns:client';
const HOST = '10.99.0.1';

let net: TestNetwork;
const ofNetwork = (docker: DockerCase, network: string, what: 'Subnet' | 'Gateway'): Promise<string> =>
  docker.engine.docker(['network', 'inspect', network, '-f', `{{(index .IPAM.Config 0).${what}}}`]);

/** A server in the container “dns”, whose namespace is called so too; its image has no such program. */
async function serveUdp({ engine }: DockerCase): Promise<void> {
  await net.run('host', ['mkdir', '-p', '/run/netns']);
  const key = await engine.docker(['inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'dns']);
  await net.run('host', ['ln', '-sf', key, '/run/netns/dns']);
  await net.listen('dns', { protocol: 'udp', port: 53 });
}

const ON_LOOPBACK = ['busybox', 'httpd', '-f', '-p', '127.0.0.1:80'];

describe.each([
  ['with the userland proxy', true],
  ['without the userland proxy', false],
])('ports published %s', (_how, userlandProxy) => {
  let docker: DockerCase;
  beforeAll(async () => {
    docker = dockerCase(await startEngine({ userlandProxy }));
    await docker.engine.docker('network create front');
    await docker.engine.docker('network create back');
  });
  afterAll(() => docker.engine.close());
  beforeEach(async () => {
    net = await buildNetwork();
    await net.namespaces('client');
    await net.wire('host/uplink 10.99.0.1/24 10.98.0.1/24', 'client/eth0 10.99.0.2/24');
    await net.run('client', 'ip route add default via 10.99.0.1');
  });
  afterEach(async () => {
    await docker.removeContainers();
    await net.close();
  });

  test('healthy: from the host, a client, another network’s gateway, and the container itself', async () => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    await docker.serving({ from: CLIENT, to: HOST, port: 8080 });
    for (const from of ['host', 'container:web'])
      for (const to of [HOST, '10.98.0.1']) {
        const diagnosis = await docker.ask({ from, to, port: 8080 });
        expect([from, to, diagnosis.verdict, diagnosis.probe.agrees], brief(diagnosis)).toEqual([
          from,
          to,
          'reachable',
          true,
        ]);
      }
    const own = await docker.ask({ from: 'host', to: '127.0.0.1', port: 8080 });
    expect([own.verdict, own.probe.agrees, own.causes], brief(own)).toEqual(['reachable', true, []]);
  });

  test('listens-on-loopback, in the container behind a published port', async () => {
    await docker.run('web', '--network front --publish 8080:80', ON_LOOPBACK);
    for (const [from, to] of [
      [CLIENT, HOST],
      ['host', '127.0.0.1'],
    ] as const) {
      // From the host itself, the proxy takes the connection: what it reaches is another question.
      const relayed = userlandProxy && from === 'host';
      const diagnosis = await docker.expectCause(
        { from, to, port: 8080 },
        relayed ? 'relay-backend-dead' : 'listens-on-loopback',
      );
      expect(diagnosis.probe.outcome).toBe(relayed ? 'closed-early' : 'refused');
      expect(diagnosis.legs.map(({ kind }) => kind)).toEqual(relayed ? ['direct', 'relay'] : ['direct']);
      if (relayed) expect(diagnosis.causes[0]?.params).toMatchObject({ because: 'listens-on-loopback' });
      expect(diagnosis.causes[0]?.namespace).toBe('container:web');
      expect(diagnosis.causes[0]?.params).toMatchObject({ port: 80, listens: '127.0.0.1' });
      expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ steps: [], proven: true });
    }
  });

  test('no-listener, in the container behind a published port', async () => {
    await docker.run('web', '--network front --publish 9100-9102:100-102');
    const diagnosis = await docker.expectCause({ from: CLIENT, to: HOST, port: 9101 }, 'no-listener');
    expect(diagnosis.causes[0]?.namespace).toBe('container:web');
    expect(diagnosis.causes[0]?.params).toMatchObject({ port: 101 });
  });

  test('container-stopped: whose port of the host it would be; started again, it takes it', async () => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    const asked = { from: CLIENT, to: HOST, port: 8080 };
    await docker.serving(asked);
    await docker.engine.docker('stop -t 0 web');
    for (const [from, to] of [
      [CLIENT, HOST],
      ['host', '127.0.0.1'],
    ] as const) {
      const diagnosis = await docker.expectCause({ from, to, port: 8080 }, 'container-stopped');
      expect(diagnosis.causes[0]).toMatchObject({ namespace: 'container:web', params: { status: 137 } });
      expect(diagnosis.causes[0]?.fixes[0]?.steps[0]?.argv).toEqual(['docker', 'start', 'web']);
    }
    await docker.mend(asked, await docker.ask(asked));
    // Its other ports are nobody's.
    await docker.engine.docker('stop -t 0 web');
    await docker.expectCause({ ...asked, port: 8081 }, 'no-listener');
  });

  test('no-listener: the port was published for another one than the service listens on', async () => {
    await docker.run('web', '--network front --publish 8080:80', ['busybox', 'httpd', '-f', '-p', '3000']);
    await docker.serving({ from: 'host', to: 'container:web', port: 3000 });
    for (const [from, to, id] of [
      [CLIENT, HOST, 'no-listener'],
      ['host', '127.0.0.1', userlandProxy ? 'relay-backend-dead' : 'no-listener'],
    ] as const) {
      const diagnosis = await docker.expectCause({ from, to, port: 8080 }, id);
      expect(diagnosis.causes[0]?.params).toMatchObject({ port: 80, published: 8080, serves: 3000 });
      expect(diagnosis.causes[0]?.explanation).toContain('-p 8080:3000');
    }
  });

  test('no-listener: the port is published for the other protocol', async () => {
    await docker.run('web', '--network front --publish 8053:53/udp --publish 8090:80', SERVER);
    await docker.serving({ from: CLIENT, to: HOST, port: 8090 });
    const diagnosis = await docker.expectCause({ from: CLIENT, to: HOST, port: 8053 }, 'no-listener');
    expect(diagnosis.causes[0]?.summary).toBe(
      'Nothing listens on tcp port 8053 in host; web publishes port 8053 for udp only',
    );
    const inside = await docker.expectCause(
      { from: 'host', to: 'container:web', port: 80, protocol: 'udp' },
      'no-listener',
    );
    expect(inside.causes[0]?.summary).toContain('; tcp port 80 is open there');
  });

  test('dnat-elsewhere: a rule before Docker’s takes the port away, to one that nobody has', async () => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    const asked = { from: CLIENT, to: HOST, port: 8080 };
    await docker.serving(asked);
    const rule = 'PREROUTING -i uplink -p tcp --dport 8080 -j REDIRECT --to-ports 9999';
    await net.run('host', `iptables -t nat -I ${rule}`);
    const diagnosis = await docker.expectCause(asked, 'dnat-elsewhere');
    await docker.mendAndUndo(asked, diagnosis);
    await net.run('host', `iptables -t nat -D ${rule}`);
  });

  test('published-on-loopback: asked from outside, the port is forwarded where packets come in', async () => {
    await docker.run('web', '--network front --publish 127.0.0.1:8080:80', SERVER);
    const asked = { from: 'outside:10.99.0.2@uplink', to: HOST, port: 8080 };
    const diagnosis = await docker.expectCause(asked, 'published-on-loopback');
    expect(diagnosis.causes[0]?.fixes.map(({ title, proven }) => [title, proven])).toEqual([
      [expect.stringContaining('Forward port 8080'), true],
    ]);
    expect(diagnosis.causes[0]?.fixes[0]?.steps[0]?.argv).toContain('PREROUTING');
  });

  test('published-on-loopback: asked from elsewhere', async () => {
    await docker.run('web', '--network front --publish 127.0.0.1:8080:80', SERVER);
    await docker.serving({ from: 'host', to: '127.0.0.1', port: 8080 });
    const asked = { from: CLIENT, to: HOST, port: 8080 };
    const diagnosis = await docker.expectCause(asked, 'published-on-loopback');
    expect(diagnosis.causes[0]?.namespace).toBe('host');
    expect(diagnosis.causes[0]?.params).toMatchObject({ container: 'web', published: '127.0.0.1' });
    // What is published lasts as long as the container: no firewall's configuration knows its address.
    expect(diagnosis.causes[0]?.fixes[0]?.permanent).toContain('-p 8080:80, or -p 10.99.0.1:8080:80');
    await docker.mendAndUndo(asked, diagnosis);
  });

  test('published-on-other-address: the other address of the host was asked', async () => {
    await docker.run('web', '--network front --publish 10.98.0.1:8080:80', SERVER);
    await docker.serving({ from: CLIENT, to: '10.98.0.1', port: 8080 });
    const asked = { from: CLIENT, to: HOST, port: 8080 };
    const diagnosis = await docker.expectCause(asked, 'published-on-other-address');
    expect(diagnosis.causes[0]?.params).toMatchObject({ published: '10.98.0.1', address: HOST });
    await docker.mendAndUndo(asked, diagnosis);
  });

  test('published-on-other-address: the host asked itself by its loopback; what is wrong behind the port is told too', async () => {
    await docker.run('web', '--network front --publish 10.98.0.1:8080:80', SERVER);
    await docker.run('shy', '--network front --publish 10.98.0.1:8081:80', ON_LOOPBACK);
    await docker.serving({ from: CLIENT, to: '10.98.0.1', port: 8080 });
    const causes = async (port: number): Promise<unknown> => {
      const diagnosis = await docker.ask({ from: 'host', to: '127.0.0.1', port });
      return diagnosis.causes.map(({ id, fixes }) => [id, fixes[0]?.proven, fixes.at(-1)?.title]);
    };
    const other = ['published-on-other-address', true, 'Use 10.98.0.1 instead'];
    expect(await causes(8080)).toEqual([other]);
    expect(await causes(8081)).toEqual([other, ['listens-on-loopback', true, expect.any(String)]]);
  });

  test('wrong-port: of several containers with this port inside, the one that answers is named', async () => {
    await docker.run('idle', '--network front --publish 8083:80');
    await docker.run('near', '--network front --publish 127.0.0.1:8082:80', SERVER);
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    await docker.run('shy', '--network front --publish 8081:80', ON_LOOPBACK);
    await docker.serving({ from: CLIENT, to: HOST, port: 8080 });
    await docker.run('twin', '--network front --publish 8084:80', SERVER);
    await docker.serving({ from: CLIENT, to: HOST, port: 8084 });
    const both = await docker.expectCause({ from: CLIENT, to: HOST, port: 80 }, 'wrong-port', 'likely');
    expect(['web: 8080', 'twin: 8084']).toContain(both.causes[0]?.params['others']);
    await docker.engine.docker('rm -f twin');
    const diagnosis = await docker.expectCause({ from: CLIENT, to: HOST, port: 80 }, 'wrong-port', 'likely');
    expect(diagnosis.causes[0]?.params).toMatchObject({ container: 'web', right: 8080, others: null });
  });

  test('port-not-published: published for tcp, as one is without a word, and the service is udp', async () => {
    await docker.run('dns', '--network front --publish 5300:53');
    await serveUdp(docker);
    const asked = { from: 'host', to: HOST, port: 5300, protocol: 'udp' as const };
    const diagnosis = await docker.expectCause(asked, 'port-not-published');
    expect(diagnosis.causes[0]?.summary).toBe(
      'dns serves udp, but port 5300 of the host is published for tcp alone',
    );
    expect(diagnosis.causes[0]?.explanation).toContain('-p 5300:53/udp');
    await docker.mendAndUndo(asked, diagnosis);
    await net.run('host', ['rm', '/run/netns/dns']);
  });

  test('UDP: a port without a service is told, a server that answers is reached', async () => {
    await docker.run('dns', '--network front --publish 5300:53/udp');
    const asked = { from: CLIENT, to: HOST, port: 5300, protocol: 'udp' as const };
    const diagnosis = await docker.ask(asked);
    expect([diagnosis.verdict, ...diagnosis.causes.map(({ id, namespace }) => [id, namespace])]).toEqual([
      'unreachable',
      ['no-listener', 'container:dns'],
    ]);
    await serveUdp(docker);
    const healthy = await docker.ask(asked);
    expect([healthy.verdict, healthy.causes], brief(healthy)).toEqual(['reachable', []]);
    await net.stop('dns', 'udp', 53);
    await net.run('host', ['rm', '/run/netns/dns']);
  });

  test('ip-forward-off at the engine’s host', async () => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    const asked = { from: CLIENT, to: HOST, port: 8080 };
    await docker.serving(asked);
    await net.run('host', 'sysctl -qw net.ipv4.ip_forward=0');
    try {
      const diagnosis = await docker.expectCause(asked, 'ip-forward-off');
      expect(diagnosis.causes[0]?.namespace).toBe('host');
      await docker.mendAndUndo(asked, diagnosis);
    } finally {
      await net.run('host', 'sysctl -qw net.ipv4.ip_forward=1');
    }
  });

  test('no-return-route: the container lost its default route, which is no matter of masquerading', async () => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    await docker.run('between', '--network front');
    await docker.engine.docker('network connect back between');
    const asked = { from: CLIENT, to: HOST, port: 8080 };
    await docker.serving(asked);
    const pid = await docker.engine.docker('inspect -f {{.State.Pid}} web');
    await net.run('host', ['nsenter', '-t', pid, '-n', 'ip', 'route', 'del', 'default']);
    const diagnosis = await docker.expectCause(asked, 'no-return-route');
    expect(diagnosis.causes[0]?.namespace).toBe('container:web');
    const gateway = await ofNetwork(docker, 'front', 'Gateway');
    // Another container is on two networks, and no router.
    const titles = diagnosis.causes[0]?.fixes.map(({ title }) => title) ?? [];
    expect(titles[0]).toBe(`Give container:web a default gateway: ${gateway}`);
    expect(
      titles.filter((title) => title.includes('gateway')),
      titles.join('; '),
    ).toHaveLength(1);
    expect(diagnosis.causes[0]?.fixes[0]?.permanent).toMatch(/^web gets its network anew from the engine/);
    await docker.mendAndUndo(asked, diagnosis);
  });

  test('filter-drop in DOCKER-USER, by the port in the container', async () => {
    await docker.run('web', '--network front --publish 8080:80', SERVER);
    const asked = { from: CLIENT, to: HOST, port: 8080 };
    await docker.serving(asked);
    await net.run('host', 'iptables -I DOCKER-USER -i uplink -p tcp --dport 80 -j DROP');
    try {
      const diagnosis = await docker.expectCause(asked, 'filter-drop');
      expect(diagnosis.causes[0]?.params).toMatchObject({ chain: 'DOCKER-USER', number: 1 });
      await docker.mendAndUndo(asked, diagnosis);
    } finally {
      await net.run('host', 'iptables -D DOCKER-USER -i uplink -p tcp --dport 80 -j DROP');
    }
  });

  test('missing-masquerade: a container asks a host that knows no way back', async () => {
    await net.run('client', 'ip route del default');
    await net.listen('client', { protocol: 'tcp', port: 80 });
    await docker.run('web', '--network front');
    const asked = { from: 'container:web', to: '10.99.0.2', port: 80 };
    await docker.serving(asked);
    const subnet = await ofNetwork(docker, 'front', 'Subnet');
    // An engine before may have left its own rule for the same subnet.
    const rules = (await net.run('host', 'iptables-save -t nat'))
      .split('\n')
      .filter((line) => line.includes(`-s ${subnet} `) && line.includes('MASQUERADE'))
      .map((line) => line.split(' ').slice(1));
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) await net.run('host', ['iptables', '-t', 'nat', '-D', ...rule]);
    try {
      const diagnosis = await docker.expectCause(asked, 'missing-masquerade');
      expect(diagnosis.causes[0]).toMatchObject({ namespace: 'host', params: { network: 'front' } });
      await docker.mendAndUndo(asked, diagnosis);
    } finally {
      for (const rule of rules) await net.run('host', ['iptables', '-t', 'nat', '-A', ...rule]);
    }
  });
});

describe('a published port asked from another network of the engine', () => {
  let docker: DockerCase;
  beforeAll(async () => {
    docker = dockerCase(await startEngine());
    await docker.engine.docker('network create front');
    await docker.engine.docker('network create back');
  });
  afterAll(() => docker.engine.close());

  test('docker-isolation, on the way that the port’s translation takes', async () => {
    await docker.run('asker', '--network front');
    await docker.run('web', '--network back --publish 8080:80', SERVER);
    await docker.serving({ from: 'host', to: '127.0.0.1', port: 8080 });
    const gateway = await ofNetwork(docker, 'front', 'Gateway');
    const asked = { from: 'container:asker', to: gateway, port: 8080 };
    const diagnosis = await docker.expectCause(asked, 'docker-isolation');
    expect(diagnosis.causes[0]?.fixes.at(-1)?.title, brief(diagnosis)).toContain('container:web, port 80');
    await docker.mendAndUndo(asked, diagnosis);
  });
});
