import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import type { Container, Engine } from '../../../diagnostics/model/container.ts';
import { nameText } from '../../../diagnostics/model/namespace.ts';
import { topologyOf } from '../../../diagnostics/model/topology-of.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { brief } from '../../support/cause-case.ts';
import { podmanCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { namespaceNamed, snapshotOf, value } from '../../support/facts.ts';
import { startPodman, type TestPodman } from '../../support/podman.ts';

let podman: TestPodman;
let kase: DockerCase;
let snapshot: Snapshot;

beforeAll(async () => {
  podman = await startPodman();
  kase = podmanCase(podman);
  await podman.podman('network create --subnet 10.77.0.0/24 front');
  await podman.podman('network create --internal --subnet 10.78.0.0/24 back');
  await kase.run('web', '--network front -p 127.0.0.1:8080:80');
  await kase.run('db', '--network front --network-alias storage -p 5432:80', SERVER);
  await kase.run('alone', '--network none');
  await kase.run('hostly', '--network host');
  await podman.podman('create --name stopped --network front -p 8081:81 busybox sleep 600');
  // The image of pause containers is not to be had without a registry: busybox does what it does.
  await podman.podman([
    ...['pod', 'create', '--name', 'shop', '--network', 'front', '-p', '9090:80'],
    ...['--infra-image', 'busybox', '--infra-command', '/bin/sleep 1000'],
  ]);
  await kase.run('till', '--pod shop', SERVER);
  snapshot = await snapshotOf(createLiveSource(openMachine()), ['links', 'resolver']);
});
afterAll(() => podman.close());

const asked = (): Engine => {
  const other = snapshot.hosts[0]?.others?.[0];
  if (!other) throw new Error('no podman');
  return value(other);
};
const container = (name: string): Container => {
  const found = asked().containers.find((one) => one.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
};

test('containers of podman are named, and in the namespaces that their processes are in', () => {
  expect(asked()).toMatchObject({ kind: 'podman', foreign: false, endpoint: 'podman' });
  expect(asked().version).toMatch(/^\d/);
  for (const name of ['web', 'db', 'alone', 'hostly', 'till'])
    expect(namespaceNamed(snapshot, `podman:${name}`).id).toBe(container(name).namespace);
  expect(container('hostly').namespace).toBe(snapshot.hosts[0]?.rootNamespace);
  expect(container('stopped')).toMatchObject({ state: 'created', namespace: null });
});

test('networks, addresses, aliases and published ports are told', () => {
  expect(container('web').publishedPorts).toEqual([
    { protocol: 'tcp', containerPort: 80, hostPort: 8080, hostAddress: '127.0.0.1' },
  ]);
  expect(container('stopped').publishedPorts).toEqual([
    { protocol: 'tcp', containerPort: 81, hostPort: 8081, hostAddress: '0.0.0.0' },
  ]);
  const [membership] = container('db').networks;
  expect(membership).toMatchObject({ network: 'front', gateway: '10.77.0.1' });
  expect(membership?.aliases).toEqual(expect.arrayContaining(['db', 'storage']));
  const links = value(namespaceNamed(snapshot, 'podman:db').facts.links);
  expect(links.flatMap(({ addresses }) => addresses.map(({ address }) => address))).toContain(
    membership?.address,
  );
  expect(asked().networks).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'front', driver: 'bridge', internal: false, named: true }),
      expect.objectContaining({ name: 'back', internal: true }),
    ]),
  );
});

test('a pod is found by its name, and its network is called after the container that works in it', () => {
  const namespace = namespaceNamed(snapshot, 'podman:till');
  expect(container('till')).toMatchObject({ pod: 'shop' });
  expect(nameText(namespace.names[0] ?? { type: 'host' })).toBe('podman:till');
  expect(namespace.names.filter(({ type }) => type === 'container')).toHaveLength(2);
});

test('the map shows them, the stopped one too', () => {
  const nodes = topologyOf(snapshot).nodes.filter(({ kind }) => kind === 'container');
  expect(nodes.map(({ label }) => label)).toEqual(
    expect.arrayContaining(['web', 'db', 'alone', 'hostly', 'till', 'stopped']),
  );
  expect(nodes.find(({ label }) => label === 'stopped')).toMatchObject({ up: false });
  expect(nodes.find(({ label }) => label === 'web')).toMatchObject({ endpoint: 'podman:web' });
});

test.each([
  ['web', 'db', 80],
  ['podman:web', 'podman:db', 80],
  ['container:web', 'storage', 80],
  ['web', 'shop', 80],
  ['host', 'db', 80],
  ['host', '127.0.0.1', 5432],
  ['host', '127.0.0.1', 9090],
])('why %s %s:%i: prediction and kernel say reachable', async (from, to, port) => {
  await kase.serving({ from, to, port });
  const diagnosis = await kase.ask({ from, to, port });
  expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
  expect(diagnosis.causes).toEqual([]);
});

test('an alias is asked of aardvark-dns, at the gateway of the network', async () => {
  const { legs } = await kase.ask({ from: 'web', to: 'storage', port: 80 });
  expect(legs.map(({ kind, flow, forward }) => [kind, flow.to, flow.protocol, forward.disposition])).toEqual([
    ['dns', '10.77.0.1', 'udp', 'delivered'],
    ['direct', container('db').networks[0]?.address, 'tcp', 'delivered'],
  ]);
});
