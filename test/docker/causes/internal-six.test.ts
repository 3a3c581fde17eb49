import { afterAll, beforeAll, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { startEngine } from '../../support/docker.ts';
import { dockerCase, type DockerCase } from '../../support/docker-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** An engine that keeps its IPv6 networks apart too. */
let docker: DockerCase;
let net: TestNetwork;
beforeAll(async () => {
  docker = dockerCase(await startEngine({ arguments: ['--experimental', '--ip6tables'] }));
  for (const [name, options] of [
    ['four', '--subnet 10.57.0.0/24'],
    ['inner', '--internal --ipv6 --subnet 10.58.0.0/24 --subnet fd58::/64'],
    ['six', '--ipv6 --subnet 10.59.0.0/24 --subnet fd59::/64'],
  ] as const)
    await docker.engine.docker(`network create ${options} ${name}`);
  net = await buildNetwork();
  await net.namespaces('client');
  await net.wire('host/uplink 10.99.0.1/24 fd99::1/64', 'client/eth0 10.99.0.2/24 fd99::2/64');
  await net.run('client', 'ip route add default via 10.99.0.1');
  await net.run('client', 'ip -6 route add default via fd99::1');
  await net.listen('client', { protocol: 'tcp', port: 80, address: '::' });
});
afterAll(async () => {
  await net.close();
  await docker.engine.close();
});

test('internal-network: of IPv6, the network to join is one that has IPv6', async () => {
  await docker.run('free', '--network six');
  await docker.serving({ from: 'free', to: 'fd99::2', port: 80 });
  await docker.run('near', '--network inner');
  const asked = { from: 'container:near', to: 'fd99::2', port: 80 };
  // The address of its bridge is tested for a duplicate first.
  await expect.poll(async () => brief(await docker.ask(asked))).not.toContain('"id": "duplicate-address"');
  const diagnosis = await docker.expectCause(asked, 'internal-network');
  expect(diagnosis.causes[0]?.fixes.map(({ title }) => title)).toEqual([
    'Connect the container near to the network six',
  ]);
  await docker.mendAndUndo(asked, diagnosis);

  const four = await docker.expectCause({ ...asked, to: '10.99.0.2' }, 'internal-network');
  expect(four.causes[0]?.fixes.map(({ title }) => title)).toContain(
    'Connect the container near to the network four',
  );
});
