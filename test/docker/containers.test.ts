import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Container, Engine } from '../../diagnostics/model/container.ts';
import { nameText } from '../../diagnostics/model/namespace.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { startEngine, type TestEngine } from '../support/docker.ts';
import { namespaceNamed, snapshotOf, value } from '../support/facts.ts';

let engine: TestEngine;
let snapshot: Snapshot;
const before = process.env['DOCKER_HOST'];

beforeAll(async () => {
  engine = await startEngine();
  await engine.docker('network create --internal --subnet 10.77.0.0/24 back');
  await engine.docker(
    'run -d --name web -p 127.0.0.1:8080:80 --expose 90 --add-host db:10.77.0.9 busybox sleep 600',
  );
  await engine.docker('run -d --name api --net back --network-alias backend busybox sleep 600');
  await engine.docker('run -d --name sidecar --net container:web busybox sleep 600');
  await engine.docker('run -d --name alone --net none busybox sleep 600');
  await engine.docker('run -d --name hostly --net host busybox sleep 600');
  await engine.docker('create --name stopped -p 8081:81 busybox sleep 600');
  process.env['DOCKER_HOST'] = engine.endpoint;
  snapshot = await snapshotOf(createLiveSource(openMachine()), ['links', 'resolver']);
});
afterAll(async () => {
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
  await engine.close();
});

const asked = (): Engine => {
  const [host] = snapshot.hosts;
  if (!host) throw new Error('no host');
  return value(host.engine);
};
const container = (name: string): Container => {
  const found = asked().containers.find((one) => one.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
};

test('containers are in the namespaces that their processes are in', () => {
  expect(asked()).toMatchObject({ kind: 'docker', foreign: false, endpoint: engine.endpoint });
  for (const name of ['web', 'api', 'sidecar', 'alone', 'hostly'])
    expect(namespaceNamed(snapshot, `container:${name}`).id).toBe(container(name).namespace);
  expect(container('sidecar').namespace).toBe(container('web').namespace);
  expect(container('hostly').namespace).toBe(snapshot.hosts[0]?.rootNamespace);
  expect(namespaceNamed(snapshot, 'host').names.slice(0, 2).map(nameText)).toEqual([
    'host',
    'container:hostly',
  ]);
  expect(container('alone').networkMode).toBe('none');
});

test('what the engine says of a container', () => {
  expect(container('web')).toMatchObject({
    state: 'running',
    image: 'busybox',
    networkMode: 'bridge',
    publishedPorts: [{ protocol: 'tcp', containerPort: 80, hostPort: 8080, hostAddress: '127.0.0.1' }],
  });
  expect(container('web').exposedPorts).toContain('90/tcp');
  expect(container('web').networks[0]).toMatchObject({
    network: 'bridge',
    address: '172.17.0.2',
    gateway: '172.17.0.1',
  });
  expect(container('api').networks[0]?.aliases).toEqual(expect.arrayContaining(['api', 'backend']));
  expect(container('stopped')).toMatchObject({
    state: 'created',
    namespace: null,
    resolver: { state: 'absent' },
    publishedPorts: [{ containerPort: 81, hostPort: 8081 }],
  });
  const back = asked().networks.find(({ name }) => name === 'back');
  expect(back).toMatchObject({ internal: true, driver: 'bridge', subnets: [{ subnet: '10.77.0.0/24' }] });
  const bridges = value(namespaceNamed(snapshot, 'host').facts.links).filter(
    (link) => link.kind.type === 'bridge',
  );
  expect(bridges.map(({ name }) => name).sort()).toEqual([back?.bridge, 'docker0'].sort());
});

test('a veth of the host leads into the container', () => {
  const links = value(namespaceNamed(snapshot, 'container:web').facts.links);
  const eth0 = links.find(({ name }) => name === 'eth0');
  expect(eth0?.peer?.namespace).toBe(snapshot.hosts[0]?.rootNamespace);
  const outer = value(namespaceNamed(snapshot, 'host').facts.links).find(
    ({ index }) => index === eth0?.peer?.index,
  );
  expect(outer?.peer).toEqual({ namespace: container('web').namespace, index: eth0?.index });
});

test('the files by which a container resolves names are its own', () => {
  expect(value(container('web').resolver).hosts).toContainEqual({
    address: '10.77.0.9',
    names: ['db'],
    line: expect.any(Number) as number,
  });
  expect(value(container('api').resolver).nameservers).toEqual(['127.0.0.11']);
});

test('an engine that is not where DOCKER_HOST says is told', async () => {
  const source = createLiveSource(openMachine());
  process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
  const [silent] = (await source.discover()).hosts;
  expect(silent?.engine).toEqual({
    state: 'denied',
    reason: expect.stringContaining('/nowhere/docker.sock') as unknown,
  });
  process.env['DOCKER_HOST'] = engine.endpoint;
});
