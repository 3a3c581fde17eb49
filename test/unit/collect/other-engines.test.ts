import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseBundle } from '../../../diagnostics/collect/containerd/parse.ts';
import { askPodman } from '../../../diagnostics/collect/podman/ask.ts';
import { podmanStores } from '../../../diagnostics/collect/podman/stores.ts';
import type { Machine } from '../../../diagnostics/host/machine.ts';

const HOST = { id: 'machine', pid: null, engine: null };

/** Nothing may be run. */
const refuse = (): never => {
  throw new Error('a command was run');
};
const machine: Machine = {
  hosts: [HOST],
  scan: refuse,
  run: refuse,
  runAll: refuse,
  within: () => Promise.resolve(null),
  follow: refuse,
};

test('a podman that has not run since the machine started is not woken: its files tell names', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'podman-'));
  const storage = join(directory, 'storage');
  mkdirSync(join(storage, 'overlay-containers'), { recursive: true });
  writeFileSync(
    join(storage, 'overlay-containers/containers.json'),
    JSON.stringify([
      { id: 'aa11', names: ['web'], metadata: '{"image-name":"localhost/web:1","name":"web"}' },
      { id: 'bb22', metadata: 'damaged' },
      { names: ['no-id'] },
    ]),
  );
  const configuration = join(directory, 'storage.conf');
  writeFileSync(configuration, `[storage]\ndriver = "overlay"\ngraphroot = "${storage}"\n`);
  const environment = { HOME: directory, XDG_RUNTIME_DIR: directory, CONTAINERS_STORAGE_CONF: configuration };
  const [store] = podmanStores(HOST, [], environment);
  expect(store?.containers.map(({ name }) => name)).toEqual(['web']);
  const asleep = { user: null, containers: store?.containers ?? [], awake: false };
  expect(await askPodman(machine, HOST, asleep)).toMatchObject({
    state: 'known',
    value: { containers: [{ id: 'aa11', name: 'web', image: 'localhost/web:1', state: 'exited', pid: 0 }] },
  });
});

test.each([
  [
    'nerdctl',
    {
      'nerdctl/name': 'web',
      'nerdctl/ports': '[{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"127.0.0.1"}]',
    },
    {
      name: 'web',
      publishedPorts: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80, hostAddress: '127.0.0.1' }],
    },
  ],
  [
    'Kubernetes, a container of a pod',
    {
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.container-name': 'app',
      'io.kubernetes.cri.sandbox-name': 'shop-1',
      'io.kubernetes.cri.sandbox-id': 'cc33',
    },
    { name: 'app', pod: 'shop-1', networkMode: 'container:cc33' },
  ],
  [
    'Kubernetes, who keeps the pod’s network',
    {
      'io.kubernetes.cri.container-type': 'sandbox',
      'io.kubernetes.cri.sandbox-name': 'shop-1',
      'io.kubernetes.cri.sandbox-id': 'cc33',
    },
    { name: 'shop-1', pod: 'shop-1', networkMode: '' },
  ],
  ['nobody', { 'nerdctl/ports': 'damaged' }, { name: 'id-of-it', publishedPorts: [] }],
])('a bundle of containerd, named by %s', (_who, annotations, expected) => {
  expect(parseBundle('id-of-it', 42, { annotations })).toMatchObject(expected);
});
