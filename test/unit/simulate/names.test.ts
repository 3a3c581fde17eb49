import { describe, expect, it } from 'vitest';
import type { Container, Engine } from '../../../diagnostics/model/container.ts';
import { known, unread } from '../../../diagnostics/model/fact.ts';
import type { ResolverFiles } from '../../../diagnostics/model/resolver.ts';
import { addressOwners } from '../../../diagnostics/simulate/neighbour/owners.ts';
import {
  answerKey,
  unansweredName,
  type NameAnswer,
  type NameAnswers,
} from '../../../diagnostics/model/dns-answer.ts';
import { queriesFor } from '../../../diagnostics/simulate/names/dns-search.ts';
import { resolveName } from '../../../diagnostics/simulate/names/names.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

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
      expect(resolveName(snapshot, web, name)).toMatchObject({
        type: 'ask',
        asks: [{ server: '127.0.0.11' }],
        expected: ['10.1.0.3'],
      });
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
      asks: [{ server: '192.0.2.53', name: 'db' }],
      expected: [],
      engineLacks: false,
      sent: [],
    });
  });

  it('without a server are asked of the one on this machine', () => {
    expect(resolveName(withFiles(files({ nameservers: [] })), host, 'db')).toMatchObject({
      type: 'ask',
      asks: [{ server: '127.0.0.1', name: 'db' }],
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
      sent: [],
    });
  });
});

describe('a server that nobody could ask', () => {
  const unasked = (name: string, expected: readonly string[]): NameAnswers => {
    const answer = { ...unansweredName({ server: '127.0.0.11', name }, 'No probe was made.'), unasked: true };
    return new Map([[answerKey(web.namespace, '127.0.0.11', name, expected), answer]]);
  };

  it('may know the name or not', () => {
    expect(resolveName(snapshot, web, 'shop', unasked('shop', []))).toMatchObject({
      type: 'unknown',
      reason: 'a name server could not be asked for shop: No probe was made.',
    });
  });

  it('says what the engine says, where it is the engine’s own', () => {
    expect(resolveName(snapshot, web, 'db', unasked('db', ['10.1.0.3']))).toMatchObject({
      type: 'addresses',
      addresses: ['10.1.0.3'],
      by: 'engine',
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

it.each([
  ['db', 1, ['db.a.test', 'db']],
  ['db.x', 1, ['db.x']],
  ['db.x', 2, ['db.x.a.test', 'db.x']],
])(
  'musl: %s with ndots %i asks for %j, and searches for nothing that has dots enough',
  (name, ndots, queries) => {
    expect(queriesFor(name, { ndots, search: ['a.test'], libc: 'musl' })).toEqual(queries);
  },
);

describe('several servers', () => {
  const said = (server: string, name: string, more: Partial<NameAnswer>): NameAnswer => ({
    ...{ server, name, code: 'NOERROR', addresses: [], transport: 'udp', milliseconds: 1, detail: '' },
    ...more,
  });
  const heard = (...answers: readonly NameAnswer[]): NameAnswers =>
    new Map(answers.map((answer) => [answerKey(idOf('host'), answer.server, answer.name), answer]));
  const resolve = (answers: NameAnswers, more: Partial<ResolverFiles>) =>
    resolveName(
      sketchSnapshot({
        host: {
          facts: {
            resolver: known(
              files({ nameservers: ['10.0.0.1', '10.0.0.2'], search: ['t'], ndots: 1, ...more }),
            ),
          },
        },
      }),
      { namespace: idOf('host') },
      'db',
      answers,
    );
  const no = { code: 'NXDOMAIN' };
  const yes = { addresses: ['10.9.0.1'] };

  it('glibc asks the second only where the first fails', () => {
    expect(resolve(heard(), {})).toMatchObject({ asks: [{ server: '10.0.0.1', name: 'db.t' }] });
    expect(resolve(heard(said('10.0.0.1', 'db.t', { code: 'SERVFAIL' })), {})).toMatchObject({
      asks: [{ server: '10.0.0.2', name: 'db.t' }],
    });
    expect(resolve(heard(said('10.0.0.1', 'db.t', no)), {})).toMatchObject({
      asks: [{ server: '10.0.0.1', name: 'db' }],
    });
  });

  it('glibc passes a name without addresses by, musl is content with it', () => {
    const empty = heard(said('10.0.0.1', 'db.t', {}), said('10.0.0.2', 'db.t', {}));
    expect(resolve(empty, {})).toMatchObject({ asks: [{ server: '10.0.0.1', name: 'db' }] });
    expect(resolve(empty, { libc: 'musl' })).toMatchObject({ type: 'not-known', why: 'no-such-name' });
  });

  it('musl asks all at once, and believes the quickest that says yes or no', () => {
    expect(resolve(heard(), { libc: 'musl' })).toMatchObject({
      asks: [
        { server: '10.0.0.1', name: 'db.t' },
        { server: '10.0.0.2', name: 'db.t' },
      ],
    });
    const both = heard(
      said('10.0.0.1', 'db.t', { ...no, milliseconds: 9 }),
      said('10.0.0.2', 'db.t', { ...yes, milliseconds: 2 }),
    );
    expect(resolve(both, { libc: 'musl' })).toMatchObject({ addresses: ['10.9.0.1'], source: '10.0.0.2' });
    const failing = heard(
      said('10.0.0.1', 'db.t', { code: 'SERVFAIL' }),
      said('10.0.0.2', 'db.t', { code: null }),
    );
    expect(resolve(failing, { libc: 'musl' })).toMatchObject({ type: 'not-known', why: 'no-answer' });
  });

  it('musl reads no nsswitch.conf', () => {
    expect(resolve(heard(), { libc: 'musl', hostsSources: ['files'] })).toMatchObject({ type: 'ask' });
  });
});

describe('other sources of nsswitch.conf', () => {
  const named = (name: string, sources: string, more: Partial<ResolverFiles> = {}) =>
    resolveName(
      sketchSnapshot({
        host: {
          facts: {
            resolver: known(files({ nameservers: ['10.0.0.1'], hostsSources: sources.split(' '), ...more })),
          },
        },
      }),
      { namespace: idOf('host') },
      name,
    );

  it.each([
    ['db', 'files mdns4_minimal [NOTFOUND=return] dns', 'ask'],
    ['printer.local', 'files mdns4_minimal [NOTFOUND=return] dns', 'unknown'],
    ['db', 'files resolve [!UNAVAIL=return] dns', 'ask'],
    ['db', 'files myhostname', 'not-known'],
    ['db', 'files sss', 'unknown'],
    ['app.localhost', 'files myhostname dns', 'addresses'],
  ])('%s by “%s”: %s', (name, sources, type) => {
    expect(named(name, sources)).toMatchObject({ type });
  });

  it('systemd-resolved, where it runs, has the last word', () => {
    expect(named('db', 'files resolve [!UNAVAIL=return] sss', { upstream: ['10.0.0.2'] })).toMatchObject({
      type: 'ask',
    });
  });
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
