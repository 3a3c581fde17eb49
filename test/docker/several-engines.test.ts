import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { nameText } from '../../diagnostics/model/namespace.ts';
import { QuestionError } from '../../diagnostics/question/question-error.ts';
import { brief } from '../support/cause-case.ts';
import { startContainerd, type TestContainerd } from '../support/containerd.ts';
import { dockerCase, SERVER, type DockerCase } from '../support/docker-case.ts';
import { startEngine, type TestEngine } from '../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';
import { startPodman, type TestPodman } from '../support/podman.ts';

let net: TestNetwork;
let first: TestEngine;
let second: TestEngine;
let podman: TestPodman;
let containerd: TestContainerd;
let kase: DockerCase;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('apart');
  first = await startEngine();
  second = await startEngine({ arguments: ['--bridge', 'none'] });
  kase = dockerCase(first);
  await first.docker('network create --subnet 10.60.0.0/24 front');
  await second.docker('network create --subnet 10.61.0.0/24 front');
  podman = await startPodman();
  await podman.podman('network create --subnet 10.62.0.0/24 front');
  containerd = await startContainerd();
  await kase.run('web', '--network front');
  await kase.run('db', '--network front --publish 8081:80', SERVER);
  await second.docker(['run', '-d', '--name', 'db', '--network', 'front', ...SERVER]);
  await second.docker(['run', '-d', '--name', 'cache', '--network', 'front', '-p', '8082:80', ...SERVER]);
  await podman.podman(['run', '-d', '--name', 'db', '--network', 'front', '-p', '8083:80', ...SERVER]);
  await podman.podman('run -d --name client --network front busybox sleep 1000');
  await containerd.run({
    id: 'a1',
    netns: 'apart',
    labels: { 'nerdctl/name': 'db' },
    command: ['/bin/sleep', '1000'],
  });
});
afterAll(async () => {
  await containerd.close();
  await podman.close();
  await second.close();
  await first.close();
  await net.close();
});

test('two engines of Docker, Podman and containerd: each container has one name', async () => {
  const snapshot = await createLiveSource(kase.machine).discover();
  const names = snapshot.namespaces.flatMap((it) =>
    it.names.filter(({ type }) => type === 'container').map(nameText),
  );
  expect(names.map((name) => name.replace(/@engine-\w+/, '@second')).sort()).toEqual(
    [
      ...['container:web', 'container:db', 'docker@second:db', 'docker@second:cache'],
      ...['podman:db', 'podman:client', 'containerd:db'],
    ].sort(),
  );
});

test('a name that several have: who asks on one engine means its own; else the user says which', async () => {
  const asked = await kase.ask({ from: 'host', to: 'db', port: 80 }).catch((error: unknown) => error);
  if (!QuestionError.is(asked)) throw new Error('an answer to an ambiguous question');
  expect([asked.reason, asked.near.map((name) => name.replace(/@engine-\w+/, '@second'))]).toEqual([
    'ambiguous-end',
    ['docker:db', 'docker@second:db', 'podman:db', 'containerd:db'],
  ]);
  for (const to of asked.near.slice(0, 3)) {
    const diagnosis = await kase.ask({ from: 'host', to, port: 80 });
    expect([diagnosis.verdict, diagnosis.probe.agrees], `${to}: ${brief(diagnosis)}`).toEqual([
      'reachable',
      true,
    ]);
  }
});

test.each([
  ['web', 'db', '10.60.0.'],
  ['cache', 'db', '10.61.0.'],
  ['client', 'db', '10.62.0.'],
])('why %s %s:80: each by its own engine', async (from, to, network) => {
  const diagnosis = await kase.ask({ from, to, port: 80 });
  expect([diagnosis.verdict, diagnosis.probe.agrees], brief(diagnosis)).toEqual(['reachable', true]);
  expect(diagnosis.flow.address).toContain(network);
});

test.each([[8081], [8082], [8083]])(
  'the rules of each engine lead to its container: port %i',
  async (port) => {
    const diagnosis = await kase.ask({ from: 'host', to: '127.0.0.1', port });
    expect([diagnosis.verdict, diagnosis.probe.agrees], brief(diagnosis)).toEqual(['reachable', true]);
  },
);

test('what is done to the second engine says which one', async () => {
  await second.docker('stop -t 0 cache');
  const diagnosis = await kase.ask({ from: 'host', to: 'cache', port: 80 });
  expect(
    diagnosis.causes.map(({ id }) => id),
    brief(diagnosis),
  ).toEqual(['container-stopped']);
  expect(diagnosis.causes[0]?.fixes[0]?.steps[0]?.argv).toEqual([
    ...['docker', '--host', second.endpoint, 'start', 'cache'],
  ]);
});
