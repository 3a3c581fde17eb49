import { expect, test } from 'vitest';
import { permanentByEngine } from '../../../diagnostics/fixes/permanent.ts';
import type { Container } from '../../../diagnostics/model/container.ts';
import { absent, known } from '../../../diagnostics/model/fact.ts';
import type { Link } from '../../../diagnostics/model/link.ts';
import { UNREAD_FACTS, type Snapshot } from '../../../diagnostics/model/snapshot.ts';

const container = (name: string, namespace: string): Container => ({
  ...{ id: name, name, namespace, image: '', state: 'running', restartCount: 0, pid: 42 },
  ...{ networkMode: 'bridge', networks: [], publishedPorts: [], exposedPorts: [], resolver: absent },
});

const veth = (name: string, index: number, peer: Link['peer']): Link => ({
  ...{ name, index, kind: { type: 'veth' }, mac: null, mtu: 1500, up: true, carrier: true, flags: [] },
  ...{ addresses: [], ...(peer ? { peer } : {}) },
});

/** A wire to the container web, a wire of the host's own, and a container with the host's network. */
const snapshot: Snapshot = {
  schema: 1,
  machine: { kernel: '6.1', bootId: 'x', takenAt: '2026-01-01T00:00:00Z', privileged: true },
  hosts: [
    {
      id: 'machine',
      rootNamespace: 'root',
      engine: known({
        ...{ kind: 'docker', version: '29', endpoint: 'unix:///run/docker.sock', foreign: false },
        containers: [container('web', 'inside'), container('onhost', 'root')],
        networks: [
          {
            id: 'f',
            name: 'front',
            driver: 'bridge',
            internal: false,
            subnets: [],
            options: {},
            bridge: 'br-f',
          },
        ],
      }),
    },
  ],
  namespaces: [
    {
      ...{ id: 'root', host: 'machine', inode: 1, names: [{ type: 'host' }] },
      facts: {
        ...UNREAD_FACTS,
        links: known([
          veth('veth1', 5, { namespace: 'inside', index: 2 }),
          veth('own0', 6, { namespace: 'root', index: 7 }),
        ]),
      },
    },
    {
      id: 'inside',
      host: 'machine',
      inode: 2,
      names: [{ type: 'container', name: 'web' }],
      facts: UNREAD_FACTS,
    },
  ],
};

test.each([
  ['the bridge of a network', { kind: 'link-up', namespace: 'root', dev: 'br-f' }, /engine makes br-f/],
  ['the wire to a container', { kind: 'set-master', namespace: 'root', dev: 'veth1' }, /engine makes veth1/],
  ['a wire of the host’s own', { kind: 'link-up', namespace: 'root', dev: 'own0' }, null],
  ['a route of the host by a bridge', { kind: 'add-route', namespace: 'root', dev: 'br-f' }, null],
  [
    'a route in a container',
    { kind: 'add-route', namespace: 'inside', dev: 'eth0' },
    /^web gets its network/,
  ],
  [
    'a setting of a container',
    { kind: 'write-sysctl', namespace: 'inside', key: 'net/ipv4/ip_forward', value: '1' },
    /--sysctl net\.ipv4\.ip_forward=1/,
  ],
  ['a service in a container', { kind: 'serve', namespace: 'inside' }, null],
])('how %s is made to last', (_what, changed, expected) => {
  const said = permanentByEngine(changed, snapshot, 'en');
  if (expected === null) expect(said).toBeNull();
  else expect(said).toMatch(expected);
});
