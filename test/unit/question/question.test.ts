import { describe, expect, test } from 'vitest';
import type { Container, Engine } from '../../../diagnostics/model/container.ts';
import { absent, known } from '../../../diagnostics/model/fact.ts';
import { UNREAD_FACTS, type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { findFlow, parseQuestion, type Question } from '../../../diagnostics/question/question.ts';

const container = (name: string, id: string, namespace: string | null): Container => ({
  id,
  name,
  image: 'busybox',
  state: namespace === null ? 'exited' : 'running',
  restartCount: 0,
  pid: namespace === null ? 0 : 42,
  namespace,
  networkMode: 'bridge',
  networks: [],
  publishedPorts: [],
  exposedPorts: [],
  resolver: absent,
});

const snapshot: Snapshot = {
  schema: 1,
  machine: { kernel: '6.1', bootId: 'x', takenAt: '2026-01-01T00:00:00Z', privileged: true },
  hosts: [
    {
      id: 'machine',
      rootNamespace: 'machine/1',
      engine: known({
        kind: 'docker',
        version: '29',
        endpoint: 'unix:///run/docker.sock',
        foreign: false,
        containers: [container('web', 'abcdef0123', 'machine/2'), container('old', '123456789a', null)],
        networks: [],
      }),
    },
  ],
  namespaces: [
    { id: 'machine/1', host: 'machine', inode: 1, names: [{ type: 'host' }], facts: UNREAD_FACTS },
    {
      id: 'machine/2',
      host: 'machine',
      inode: 2,
      names: [
        { type: 'container', name: 'web' },
        { type: 'pid', pid: 42, process: 'nginx' },
      ],
      facts: UNREAD_FACTS,
    },
    {
      id: 'machine/3',
      host: 'machine',
      inode: 3,
      names: [{ type: 'netns', name: 'router' }],
      facts: UNREAD_FACTS,
    },
  ],
};

const ask = (from: string, to: string, more: Partial<Question> = {}) =>
  findFlow(parseQuestion({ from, to, protocol: null, port: null, ...more }), snapshot);

describe('a question', () => {
  test('without a port is about icmp, with one about tcp', () => {
    expect(ask('host', '10.0.0.1')).toMatchObject({ protocol: 'icmp', port: null });
    expect(ask('host', '10.0.0.1:80')).toMatchObject({ protocol: 'tcp', port: 80 });
    expect(ask('host', '10.0.0.1', { protocol: 'udp', port: 53 })).toMatchObject({
      protocol: 'udp',
      port: 53,
    });
  });

  test('finds ends by container name, beginning of its id, namespace name and PID', () => {
    const web = { type: 'namespace', host: 'machine', namespace: 'machine/2' };
    expect(ask('host', 'web').to).toEqual({ ...web, container: 'web' });
    expect(ask('host', 'container:abcd').to).toEqual({ ...web, container: 'web' });
    expect(ask('host', 'pid:42').to, 'a process of that container').toEqual({ ...web, container: 'web' });
    expect(ask('router', 'host').from).toMatchObject({ namespace: 'machine/3' });
    expect(ask('machine/router', 'host').from).toMatchObject({ namespace: 'machine/3' });
  });

  test('of containers of several engines that are called the same, the user says which', () => {
    const podman = (namespace: string | null, id: string): Engine => ({
      kind: 'podman',
      version: '4.3',
      endpoint: 'podman',
      foreign: false,
      containers: [container('web', id, namespace), container('api', `a${id}`, 'machine/4')],
      networks: [],
    });
    const others = [known(podman('machine/3', 'fedcba98')), known({ ...podman(null, '77aa'), tag: 'ann' })];
    const several = {
      ...snapshot,
      hosts: snapshot.hosts.map((host) => ({ ...host, others })),
    };
    const to = (text: string, from = 'host') =>
      findFlow(parseQuestion({ from, to: text, protocol: null, port: null }), several).to;
    expect(() => to('web')).toThrow(
      expect.objectContaining({
        reason: 'ambiguous-end',
        near: ['docker:web', 'podman:web', 'podman@ann:web'],
      }),
    );
    expect(to('docker:web:80')).toMatchObject({ namespace: 'machine/2' });
    expect(to('podman@ann:web')).toEqual({
      type: 'stopped-container',
      host: 'machine',
      container: 'web',
      engine: 'podman@ann',
    });
    expect(to('container:fedc')).toMatchObject({ namespace: 'machine/3' });
    expect(to('web', 'container:fedc'), 'who is on podman asks podman').toMatchObject({
      namespace: 'machine/3',
    });
    expect(to('podman:8080'), 'a port, of something called podman').toEqual({
      type: 'name',
      name: 'podman',
    });
  });

  test('takes a stopped container as an end that can be explained, and other words as names', () => {
    expect(ask('host', 'old').to).toEqual({ type: 'stopped-container', host: 'machine', container: 'old' });
    expect(ask('host', 'example.org').to).toEqual({ type: 'name', name: 'example.org' });
  });

  test.each<[string, string, string, Partial<Question>, string, readonly string[]]>([
    ['an unknown FROM', 'ruoter', 'host', {}, 'from-not-found', ['router']],
    ['an unknown prefixed FROM', 'netns:routr', 'host', {}, 'from-not-found', ['netns:router']],
    ['an unknown prefixed TO', 'host', 'container:wbe', {}, 'prefixed-to-not-found', ['container:web']],
    ['a TO that nothing can be', 'host', '$(reboot)', {}, 'to-not-found', []],
    ['an unknown host', 'host', 'machin/web', {}, 'host-not-found', ['machine']],
    ['an address as FROM', '10.0.0.1', 'host', {}, 'from-not-found', []],
    ['a stopped FROM', 'old', 'host', {}, 'from-not-found', []],
    ['a port of FROM', 'host:80', 'web', {}, 'contradiction', []],
    ['two ports', 'host', 'web:80', { port: 81 }, 'contradiction', []],
    ['two protocols', 'host', 'web:80/udp', { protocol: 'tcp' }, 'contradiction', []],
    ['icmp with a port', 'host', 'web:80', { protocol: 'icmp' }, 'contradiction', []],
    ['tcp without a port', 'host', 'web', { protocol: 'tcp' }, 'contradiction', []],
    ['outside as TO', 'host', 'outside', {}, 'contradiction', []],
  ])('refuses %s', (_what, from, to, more, reason, near) => {
    expect(() => ask(from, to, more)).toThrow(expect.objectContaining({ reason, near }));
  });
});
