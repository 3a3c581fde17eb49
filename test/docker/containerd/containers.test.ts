import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { nameText } from '../../../diagnostics/model/namespace.ts';
import { topologyOf } from '../../../diagnostics/model/topology-of.ts';
import { QuestionError } from '../../../diagnostics/question/question-error.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { startContainerd, type TestContainerd } from '../../support/containerd.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let containerd: TestContainerd;
let net: TestNetwork;

const SLEEP = ['/bin/sleep', '1000'];
const SERVE = ['/bin/httpd', '-f', '-p', '80'];
const pod = (name: string, namespace: string) => ({
  'io.kubernetes.pod.name': name,
  'io.kubernetes.pod.namespace': namespace,
});

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('one', 'two', 'three', 'four');
  for (const [name, address] of Object.entries({ one: 2, two: 3, three: 4, four: 5 }))
    await net.wire(`${name}/eth0 10.4.0.${address}/24`, `host/v${name}`);
  await net.bridge('host/br0 10.4.0.1/24', 'vone', 'vtwo', 'vthree', 'vfour');
  containerd = await startContainerd();
  await containerd.run({ id: 'a1', netns: 'one', labels: { 'nerdctl/name': 'web' }, command: SLEEP });
  await containerd.run({
    id: '0123456789ab'.repeat(5) + 'cdef',
    netns: 'two',
    namespace: 'k8s.io',
    labels: { ...pod('shop-7d4f', 'default'), 'io.kubernetes.container.name': 'app' },
    command: SERVE,
  });
  await containerd.run({
    id: 'fedcba987654'.repeat(5) + '3210',
    netns: 'three',
    namespace: 'k8s.io',
    labels: { ...pod('till-99', 'default'), 'io.kubernetes.container.name': 'app' },
    command: SLEEP,
  });
  await containerd.run({ id: 'nobody-named-it', netns: 'four', labels: {}, command: SLEEP });
  await vi.waitFor(async () => expect(await net.run('two', 'ss -Hltn')).toContain(':80'), 60_000);
});
afterAll(async () => {
  await containerd.close();
  await net.close();
});

test('containers of containerd are called what nerdctl, Kubernetes or nobody named them', async () => {
  const snapshot = await createLiveSource(openMachine()).discover();
  const names = snapshot.namespaces.flatMap((it) => it.names.filter(({ type }) => type === 'container'));
  expect(names.map(nameText).sort()).toEqual([
    'containerd:nobody-named-it',
    'containerd:web',
    'containerd@k8s.io:shop-7d4f',
    'containerd@k8s.io:till-99',
  ]);
  const labels = topologyOf(snapshot).nodes.flatMap(({ kind, label }) =>
    kind === 'container' ? [label] : [],
  );
  expect(labels).toEqual(expect.arrayContaining(['web', 'shop-7d4f', 'till-99', 'nobody-named-it']));
});

test.each([
  ['web', 'shop-7d4f'],
  ['containerd:web', 'containerd@k8s.io:shop-7d4f'],
  ['nobody-named-it', 'container:0123456789ab'],
  ['till-99', 'containerd:shop-7d4f'],
])('why %s %s:80: by name, pod or id', async (from, to) => {
  const diagnosis = await ask({ from, to, port: 80 });
  expect([diagnosis.verdict, diagnosis.probe.agrees], brief(diagnosis)).toEqual(['reachable', true]);
});

test('two containers of two pods are called “app”: the user has to say which', async () => {
  const asked = await ask({ from: 'web', to: 'app', port: 80 }).catch((error: unknown) => error);
  expect(QuestionError.is(asked) && [asked.reason, asked.near]).toEqual([
    'ambiguous-end',
    ['container:0123456789ab', 'container:fedcba987654'],
  ]);
});
