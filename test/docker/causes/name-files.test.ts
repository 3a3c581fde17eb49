import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { serveDns } from '../../support/dns-server.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** A name server beyond the engine's host, for what the engine's own does not know. */
const UPSTREAM = '10.97.0.2';

let net: TestNetwork;
let docker: DockerCase;
beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create --subnet 10.63.0.0/24 front');
});
afterAll(() => docker.engine.close());
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('dns');
  await net.wire('host/uplink 10.97.0.1/24', `dns/eth0 ${UPSTREAM}/24`);
  await serveDns(net, 'dns', {
    address: UPSTREAM,
    names: { '*.corp.test': ['10.97.0.99'], 'shop.example': [UPSTREAM] },
  });
});
afterEach(async () => {
  await docker.removeContainers();
  await net.close();
});

const asked = { from: 'web', to: 'storage', port: 80 };

test('hosts-file-override: --add-host with an address that the container no longer has', async () => {
  await docker.run('db', '--network front --network-alias storage', SERVER);
  await docker.run('near', '--network front');
  await docker.serving({ ...asked, from: 'near' });
  await docker.run('web', '--network front --add-host storage:10.63.0.200');
  const diagnosis = await docker.expectCause(asked, 'hosts-file-override');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'container:web',
    params: { name: 'storage', address: '10.63.0.200', container: 'db' },
  });
  await docker.mendAndUndo(asked, diagnosis);
});

test('search-domain: the company’s wildcard takes the container’s name away', async () => {
  await docker.run('db', '--network front --network-alias storage', SERVER);
  await docker.run('near', `--network front --dns ${UPSTREAM} --dns-search corp.test`);
  await docker.serving({ ...asked, from: 'near' });
  await docker.run('web', `--network front --dns ${UPSTREAM} --dns-search corp.test --dns-opt ndots:1`);
  const diagnosis = await docker.expectCause(asked, 'search-domain');
  expect(diagnosis.causes[0]?.params).toMatchObject({
    instead: 'storage.corp.test',
    address: '10.97.0.99',
    ndots: 1,
  });
  expect(diagnosis.legs[0]?.queries?.map(({ server, name }) => [server, name])).toEqual([
    ['127.0.0.11', 'storage.corp.test'],
  ]);
  await docker.mendAndUndo(asked, diagnosis);
});

test('stub-resolver-in-container: the host’s 127.0.0.53 on the default network', async () => {
  await net.listen('dns', { protocol: 'tcp', port: 80 });
  await net.run('host', 'mkdir -p /run/systemd/resolve');
  await net.run('host', 'tee /run/systemd/resolve/resolv.conf', `nameserver ${UPSTREAM}\n`);
  const shop = { from: 'web', to: 'shop.example', port: 80 };
  await docker.run('near', `--dns ${UPSTREAM}`);
  await docker.serving({ ...shop, from: 'near' });
  await docker.run('web', '--dns 127.0.0.53');
  const diagnosis = await docker.expectCause(shop, 'stub-resolver-in-container');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'container:web',
    params: { stub: '127.0.0.53', right: UPSTREAM },
  });
  await docker.mendAndUndo(shop, diagnosis);
  await net.run('host', 'rm -r /run/systemd/resolve');
});

test('name-collision: two projects on one network, each with a storage of its own', async () => {
  await docker.run('one-storage', '--network front --network-alias storage', SERVER);
  await docker.run('web', '--network front');
  await docker.serving(asked);
  await docker.run('two-storage', '--network front --network-alias storage');
  const diagnosis = await docker.ask(asked);
  expect([diagnosis.verdict, ...diagnosis.causes.map(({ id }) => id)], brief(diagnosis)).toEqual([
    'partial',
    'name-collision',
  ]);
  expect(diagnosis.causes[0]?.params).toMatchObject({
    name: 'storage',
    network: 'front',
    wrong: 'two-storage',
    right: 'one-storage',
  });
  expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ title: 'Use one-storage instead', proven: true });
  await docker.serving({ ...asked, to: 'one-storage' });
});

test('copies of one service share their name on purpose: what fails is the copy', async () => {
  const labels = '--label com.docker.compose.project=shop --label com.docker.compose.service=storage';
  await docker.run('storage-1', `--network front --network-alias storage ${labels}`, SERVER);
  await docker.run('storage-2', `--network front --network-alias storage ${labels}`);
  await docker.run('web', '--network front');
  await docker.serving({ ...asked, to: 'storage-1' });
  const diagnosis = await docker.ask(asked);
  expect(
    [diagnosis.verdict, ...diagnosis.causes.map(({ id, namespace }) => [id, namespace])],
    brief(diagnosis),
  ).toEqual(['partial', ['no-listener', 'container:storage-2']]);
});
