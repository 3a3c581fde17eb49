import { expect, test } from 'vitest';
import type { Container } from '../../../diagnostics/model/container.ts';
import { absent, known } from '../../../diagnostics/model/fact.ts';
import type { Link } from '../../../diagnostics/model/link.ts';
import type { Namespace } from '../../../diagnostics/model/namespace.ts';
import { UNREAD_FACTS, type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { topologyOf } from '../../../diagnostics/model/topology-of.ts';

const link = (index: number, name: string, more: Partial<Link> = {}): Link => ({
  index,
  name,
  kind: { type: 'veth' },
  mac: null,
  mtu: 1500,
  up: true,
  carrier: true,
  flags: [],
  addresses: [],
  ...more,
});

const namespace = (
  inode: number,
  names: Namespace['names'],
  links: readonly Link[],
  host = 'machine',
): Namespace => ({
  id: `${host}/${inode}`,
  host,
  inode,
  names,
  facts: { ...UNREAD_FACTS, links: known(links) },
});

const lo = link(1, 'lo', { kind: { type: 'loopback' } });

const container = (name: string): Container => ({
  id: `${name}-id`,
  name,
  image: 'busybox',
  state: 'exited',
  restartCount: 0,
  pid: 0,
  namespace: null,
  networkMode: 'bridge',
  networks: [],
  publishedPorts: [],
  exposedPorts: [],
  resolver: absent,
});

const snapshot: Snapshot = {
  schema: 1,
  machine: { kernel: '', bootId: '', takenAt: '', privileged: true },
  hosts: [
    {
      id: 'machine',
      rootNamespace: 'machine/1',
      engine: known({
        kind: 'docker',
        version: '',
        endpoint: '',
        foreign: false,
        networks: [],
        containers: [container('old')],
      }),
    },
  ],
  namespaces: [
    namespace(
      1,
      [{ type: 'host' }, { type: 'container', name: 'hostly' }],
      [
        lo,
        link(2, 'br0', {
          kind: { type: 'bridge', vlanFiltering: false, stp: false },
          addresses: [{ family: 4, address: '10.0.0.1', length: 24, scope: 'global', flags: [] }],
        }),
        link(3, 'v0', { master: 2, peer: { namespace: 'machine/2', index: 2 } }),
        link(4, 'lost', { peer: { namespace: null, index: 9 } }),
      ],
    ),
    namespace(
      2,
      [{ type: 'container', name: 'web' }],
      [
        lo,
        link(2, 'eth0', { peer: { namespace: 'machine/1', index: 3 }, up: false }),
        link(3, 'mv', {
          kind: { type: 'macvlan', mode: 'bridge' },
          peer: { namespace: 'machine/2', index: 2 },
        }),
      ],
    ),
    namespace(3, [{ type: 'container', name: 'alone' }], [lo]),
    namespace(4, [{ type: 'pid', pid: 7, process: 'browser' }], [lo]),
    namespace(5, [{ type: 'pid', pid: 8, process: 'vpn' }], [lo, link(2, 'w')]),
  ],
};

test('hosts hold namespaces and containers, these hold interfaces and bridges', () => {
  const { nodes } = topologyOf(snapshot);
  expect(nodes.map((node) => `${node.parent ?? ''} > ${node.id} ${node.kind} ${node.label}`)).toEqual([
    ' > host:machine host machine',
    'host:machine > ns:machine/1 namespace host',
    'ns:machine/1 > container:machine/1/hostly container hostly',
    'ns:machine/1 > if:machine/1/2 bridge br0',
    'ns:machine/1 > if:machine/1/3 interface v0',
    'ns:machine/1 > if:machine/1/4 interface lost',
    'host:machine > ns:machine/2 container web',
    'ns:machine/2 > if:machine/2/2 interface eth0',
    'ns:machine/2 > if:machine/2/3 interface mv',
    'host:machine > ns:machine/3 container alone',
    'host:machine > ns:machine/5 namespace pid:8',
    'ns:machine/5 > if:machine/5/2 interface w',
    'host:machine > container:machine/old-id container old',
  ]);
});

test('a pair is one edge, ports and what stands on another are edges, an unseen end is none', () => {
  expect(
    topologyOf(snapshot).edges.map(({ kind, source, target, up }) => [kind, source, target, up]),
  ).toEqual([
    ['port', 'if:machine/1/3', 'if:machine/1/2', true],
    ['veth', 'if:machine/1/3', 'if:machine/2/2', false],
    ['lower', 'if:machine/2/3', 'if:machine/2/2', false],
  ]);
});

test('each node says how a question names it, with the host where there are several', () => {
  const endpoints = (of: Snapshot): (string | null)[] =>
    topologyOf(of).nodes.flatMap(({ endpoint }) => endpoint ?? []);
  expect(endpoints(snapshot)).toEqual([
    'host',
    'container:hostly',
    'container:web',
    'container:alone',
    'pid:8',
    'container:old',
  ]);
  const two: Snapshot = {
    ...snapshot,
    hosts: [
      { id: 'h1', rootNamespace: 'h1/1', engine: absent },
      { id: 'h2', rootNamespace: 'h2/2', engine: absent },
    ],
    namespaces: [
      namespace(1, [{ type: 'host' }], [lo], 'h1'),
      namespace(2, [{ type: 'host' }], [lo], 'h2'),
      namespace(3, [{ type: 'netns', name: 'red' }], [lo], 'h2'),
    ],
  };
  expect(endpoints(two)).toEqual(['h1/host', 'h2/host', 'h2/netns:red']);
});
