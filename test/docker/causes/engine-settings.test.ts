import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { serveDns } from '../../support/dns-server.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { emptyFirewall } from '../../support/empty-firewall.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** The name server that the engine's host asks, and an address beside it that nobody has. */
const UPSTREAM = '10.97.0.2';
const NOBODY = '10.97.0.77';
const SHOP = { from: 'web', to: 'shop.example', port: 80 };

let net: TestNetwork;
beforeEach(async () => {
  await emptyFirewall();
  net = await buildNetwork();
  await net.run('host', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.namespaces('dns');
  await net.wire('host/uplink 10.97.0.1/24', `dns/eth0 ${UPSTREAM}/24`);
  await net.run('dns', 'ip route add default via 10.97.0.1');
  await net.listen('dns', { protocol: 'tcp', port: 80 });
  await serveDns(net, 'dns', { address: UPSTREAM, names: { 'shop.example': [UPSTREAM] } });
  await net.run('host', 'mkdir -p /run/systemd/resolve');
  await net.run('host', 'tee /run/systemd/resolve/resolv.conf', `nameserver ${UPSTREAM}\n`);
});
afterEach(async () => {
  await net.run('host', 'rm -r /run/systemd/resolve');
  await net.close();
});

async function engine(...words: readonly string[]): Promise<DockerCase> {
  const docker = dockerCase(await startEngine({ arguments: words }));
  onTestFinished(() => docker.engine.close());
  await docker.engine.docker('network create --subnet 10.63.0.0/24 front');
  return docker;
}

test('resolver-unreachable: --dns of a container names nobody, and the host knows a server that answers', async () => {
  const docker = await engine();
  await docker.run('near', `--network front --dns ${UPSTREAM}`);
  await docker.serving({ ...SHOP, from: 'near' });
  await docker.run('web', `--network front --dns ${NOBODY}`);
  const told = await docker.expectCause(SHOP, 'resolver-unreachable');
  expect(told.causes[0]?.params).toMatchObject({ server: NOBODY, via: '127.0.0.11' });
  expect(told.causes[0]?.fixes, brief(told)).toMatchObject([
    {
      title: `Make the container web anew with --dns ${UPSTREAM} instead of --dns ${NOBODY} (dns in a compose file)`,
    },
  ]);
  expect(told.causes[0]?.fixes[0]?.proven).toBe(true);

  // On the default network the file in the container names the server itself.
  await docker.run('plain', `--dns ${NOBODY}`);
  const asked = { ...SHOP, from: 'plain' };
  const direct = await docker.expectCause(asked, 'resolver-unreachable');
  expect(direct.causes[0]?.fixes[0]?.permanent).toContain(`--dns ${UPSTREAM}`);
  await docker.mendAndUndo(asked, direct);
});

test('resolver-unreachable: a server on the loopback of the container is nobody’s to start there', async () => {
  const docker = await engine();
  await docker.run('web', '--network front --dns 127.0.0.53');
  const diagnosis = await docker.expectCause(SHOP, 'resolver-unreachable');
  expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({
    title: expect.stringContaining(`--dns ${UPSTREAM}`) as string,
    proven: true,
  });
});

test('resolver-unreachable: the engine itself was told a wrong server, which only its process tells', async () => {
  const docker = await engine('--dns', NOBODY);
  await docker.run('near', `--network front --dns ${UPSTREAM}`);
  await docker.serving({ ...SHOP, from: 'near' });
  await docker.run('web', '--network front');
  const diagnosis = await docker.expectCause(SHOP, 'resolver-unreachable');
  expect(diagnosis.causes[0]?.params).toMatchObject({ server: NOBODY, via: '127.0.0.11' });
  expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({
    title: expect.stringMatching(/^Tell the engine to ask 10\.97\.0\.2 instead of 10\.97\.0\.77/) as string,
    proven: true,
  });
});

test('docker-chains-missing: an engine that was told to write no rules has lost none, and a restart brings none', async () => {
  const docker = await engine('--iptables=false');
  await docker.run('web', '--network front --publish 8080:80', SERVER);
  await docker.serving({ from: 'host', to: 'container:web', port: 80 });
  const asked = { from: 'netns:dns', to: '10.97.0.1', port: 8080 };
  const diagnosis = await docker.expectCause(asked, 'docker-chains-missing');
  const [cause] = diagnosis.causes;
  expect(cause?.summary).toMatch(/^Docker in host was told to write no firewall rules \(--iptables=false\)/);
  expect(cause?.explanation).not.toContain('removed');
  expect(cause?.fixes.flatMap(({ steps }) => steps.map(({ argv }) => argv[0]))).not.toContain('systemctl');
  expect(cause?.fixes[0]?.permanent).toMatch(/^Take --iptables=false away/);
  await docker.mendAndUndo(asked, diagnosis);
});
