import { describe, expect, it } from 'vitest';
import type { Container, Engine } from '../../../diagnostics/model/container.ts';
import { known, unread } from '../../../diagnostics/model/fact.ts';
import type { ResolverFiles } from '../../../diagnostics/model/resolver.ts';
import { addressOwners } from '../../../diagnostics/simulate/owners.ts';
import { queriesFor, resolveName } from '../../../diagnostics/simulate/names.ts';
import { idOf, sketchSnapshot } from '../../support/snapshot.ts';

const files = (more: Partial<ResolverFiles> = {}): ResolverFiles => ({
  hosts: [{ address: '127.0.0.1', names: ['localhost'] }],
  nameservers: ['127.0.0.11'],
  search: [],
  ndots: 0,
  hostsSources: ['files', 'dns'],
  ...more,
});

const container = (name: string, networks: Readonly<Record<string, string>>): Container => ({
  id: `${name}0123456789abcdef`,
  name,
  image: 'test',
  state: 'running',
  restartCount: 0,
  pid: 1,
  namespace: idOf(name),
  networkMode: Object.keys(networks)[0] ?? 'none',
  networks: Object.entries(networks).map(([network, address]) => ({
    network,
    networkId: `id-${network}`,
    address,
    aliases: [`${name}-alias`],
  })),
  publishedPorts: [],
  exposedPorts: [],
  resolver: known(files()),
});

const engine: Engine = {
  kind: 'docker',
  version: '20.10',
  endpoint: 'unix:///run/docker.sock',
  foreign: false,
  containers: [
    container('web', { front: '10.1.0.2' }),
    container('db', { front: '10.1.0.3', back: '10.2.0.3' }),
    container('cache', { back: '10.2.0.4' }),
    { ...container('old', { front: '10.1.0.9' }), state: 'exited', namespace: null },
  ],
  networks: [],
};

const snapshot = sketchSnapshot({ host: {}, web: {}, db: {}, cache: {} }, known(engine));
const web = { namespace: idOf('web'), container: 'web' };

describe('names in a container on a network of a user', () => {
  it.each(['db', 'DB', 'db-alias', 'db.front', 'db0123456789', 'db.'])(
    '%s is known to the engine',
    (name) => {
      expect(resolveName(snapshot, web, name)).toMatchObject({ addresses: ['10.1.0.3'], by: 'engine' });
    },
  );

  it.each(['cache', 'old', 'db.back'])('%s is not: the engine asks its own servers', (name) => {
    expect(resolveName(snapshot, web, name)).toMatchObject({ type: 'ask', engineLacks: true });
  });

  it('an address and a line of the hosts file need nobody', () => {
    expect(resolveName(snapshot, web, '10.1.0.3')).toMatchObject({ addresses: ['10.1.0.3'], by: 'literal' });
    expect(resolveName(snapshot, web, 'localhost')).toMatchObject({ addresses: ['127.0.0.1'], by: 'hosts' });
  });
});

describe('names of a process in no container', () => {
  const withFiles = (resolver: ResolverFiles) =>
    sketchSnapshot({ host: { facts: { resolver: known(resolver) } } });
  const host = { namespace: idOf('host') };

  it('are asked of the servers in resolv.conf', () => {
    const asked = resolveName(withFiles(files({ nameservers: ['192.0.2.53'] })), host, 'db');
    expect(asked).toEqual({
      type: 'ask',
      servers: ['192.0.2.53'],
      queries: ['db'],
      engineLacks: false,
      noneNamed: false,
    });
  });

  it('without a server are asked of the one on this machine', () => {
    expect(resolveName(withFiles(files({ nameservers: [] })), host, 'db')).toMatchObject({
      type: 'ask',
      servers: ['127.0.0.1'],
      noneNamed: true,
    });
  });

  it('without dns in nsswitch.conf are not known', () => {
    expect(resolveName(withFiles(files({ hostsSources: ['files'] })), host, 'db')).toMatchObject({
      why: 'not-in-hosts',
    });
  });

  it('need the files to be read first', () => {
    const blind = sketchSnapshot({ host: { facts: { resolver: unread } } });
    expect(resolveName(blind, host, 'db')).toEqual({
      type: 'missing',
      missing: [{ namespace: idOf('host'), fact: 'resolver' }],
    });
  });
});

it.each([
  ['db', 1, ['a.test', 'b.test'], ['db.a.test', 'db.b.test', 'db']],
  ['db', 0, ['a.test'], ['db', 'db.a.test']],
  ['db.x', 1, ['a.test'], ['db.x', 'db.x.a.test']],
  ['db.x', 5, ['a.test'], ['db.x.a.test', 'db.x']],
  ['db.x.', 5, ['a.test'], ['db.x']],
])('%s with ndots %i and search %j asks for %j', (name, ndots, search, queries) => {
  expect(queriesFor(name, { ndots, search })).toEqual(queries);
});

it('the owners of an address, known and likely', () => {
  const some = sketchSnapshot(
    { host: {}, web: { links: ['eth0 10.1.0.2/24'] }, db: { facts: { links: unread } } },
    known(engine),
  );
  expect(addressOwners(some, '10.1.0.2').owners.map(({ namespace, link }) => [namespace, link.name])).toEqual(
    [[idOf('web'), 'eth0']],
  );
  expect(addressOwners(some, '10.1.0.3')).toMatchObject({
    owners: [],
    likely: [idOf('db')],
    unread: [idOf('db')],
  });
});
