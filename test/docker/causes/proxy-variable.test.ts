import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { takeSnapshot } from '../../../diagnostics/collect/take-snapshot.ts';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
let docker: DockerCase;
beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create --subnet 10.64.0.0/24 front');
});
afterAll(() => docker.engine.close());
/** A proxy beyond the engine's host listens on 10.97.0.2, port 3128. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('proxy');
  await net.wire('host/uplink 10.97.0.1/24', 'proxy/eth0 10.97.0.2/24');
  await net.listen('proxy', { protocol: 'tcp', port: 3128 });
  await docker.run('api', '--network front', SERVER);
});
afterEach(async () => {
  await docker.removeContainers();
  await net.close();
});

const asked = { from: 'web', to: 'api', port: 80 };

test('proxy-variable: the proxy is not there, and only who obeys the variable notices', async () => {
  await docker.run(
    'web',
    '--network front -e http_proxy=http://user:s3cret@10.97.0.9:3128/path -e TOKEN=hush',
  );
  const diagnosis = await docker.ask(asked);
  expect([diagnosis.verdict, diagnosis.probe.outcome], brief(diagnosis)).toEqual(['partial', 'reply']);
  expect(diagnosis.causes.map(({ id, certainty, namespace }) => [id, certainty, namespace])).toEqual([
    ['proxy-variable', 'certain', 'container:web'],
  ]);
  expect(diagnosis.causes[0]?.params).toMatchObject({
    variable: 'http_proxy',
    proxy: '10.97.0.9:3128',
    target: 'api',
    end: 'way',
  });
  expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ proven: true, steps: [] });
  expect(diagnosis.legs.map(({ kind, flow }) => [kind, flow.to])).toContainEqual(['relay', '10.97.0.9']);

  await docker.engine.docker('rm -f web');
  await docker.run('web', '--network front -e http_proxy=http://10.97.0.9:3128 -e no_proxy=localhost,api');
  const mended = await docker.ask(asked);
  expect([mended.verdict, mended.causes, mended.notes], brief(mended)).toEqual(['reachable', [], []]);
});

test('proxy-variable: the proxy answers, and has no way to the container', async () => {
  await docker.run('web', '--network front -e HTTP_PROXY=10.97.0.2:3128');
  const diagnosis = await docker.ask({ ...asked, to: 'container:api' });
  expect([diagnosis.verdict, ...diagnosis.causes.map(({ id }) => id)], brief(diagnosis)).toEqual([
    'partial',
    'proxy-variable',
  ]);
  expect(diagnosis.causes[0]?.params).toMatchObject({ end: 'behind', proxy: '10.97.0.2:3128' });
});

test('proxy-variable: the proxy’s name leads nowhere', async () => {
  await docker.run('web', '--network front -e http_proxy=http://proxy.corp.test:3128');
  const diagnosis = await docker.ask(asked);
  expect(
    diagnosis.causes.map(({ id, params }) => [id, params['end']]),
    brief(diagnosis),
  ).toEqual([['proxy-variable', 'name']]);
});

test('a proxy that gets there is told in a note, and nothing is wrong', async () => {
  await docker.run('proxy', '--network front', ['busybox', 'httpd', '-f', '-p', '3128']);
  await docker.run('web', '--network front -e http_proxy=http://proxy:3128');
  await docker.serving({ from: 'web', to: 'proxy', port: 3128 });
  const diagnosis = await docker.ask(asked);
  expect([diagnosis.verdict, diagnosis.causes], brief(diagnosis)).toEqual(['reachable', []]);
  expect(diagnosis.notes.join()).toContain('http_proxy');
});

test('what speaks no HTTP asks no proxy', async () => {
  await docker.run('web', '--network front -e http_proxy=http://10.97.0.9:3128');
  await docker.run('db', '--network front', ['busybox', 'httpd', '-f', '-p', '5432']);
  await docker.serving({ from: 'web', to: 'db', port: 5432 });
  const diagnosis = await docker.ask({ from: 'web', to: 'db', port: 5432 });
  expect([diagnosis.verdict, diagnosis.causes, diagnosis.notes], brief(diagnosis)).toEqual([
    'reachable',
    [],
    [],
  ]);
});

test('of the environment a snapshot keeps the proxy’s place, and no more', async () => {
  await docker.run('web', '--network front -e https_proxy=https://user:s3cret@10.97.0.9 -e TOKEN=hush-hush');
  const text = JSON.stringify(await takeSnapshot(createLiveSource(docker.machine)));
  expect(text).toContain('"https":{"host":"10.97.0.9","port":443}');
  expect(text).not.toMatch(/s3cret|hush-hush|TOKEN/);
});
