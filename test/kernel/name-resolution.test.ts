import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, brief } from '../support/cause-case.ts';
import { serveDns, type DnsServer } from '../support/dns-server.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';
import { layResolverFiles, type ResolverTexts } from '../support/resolver-files.ts';

/** The system's own getaddrinfo(3) is the oracle: the same addresses, by the same questions to the same servers. */
let net: TestNetwork;
let files: Awaited<ReturnType<typeof layResolverFiles>>;
let servers: Readonly<Record<string, DnsServer>>;

const NAMES = {
  shop: ['10.1.0.1'],
  'shop.corp.test': ['10.1.0.2'],
  'api.corp.test': ['10.1.0.3', 'fd01::3'],
  'six.corp.test': ['fd01::6'],
  'a.b': ['10.1.0.4'],
  'a.b.corp.test': ['10.1.0.5'],
  'empty.corp.test': [],
  '*.wild.test': ['10.1.0.99'],
  many: Array.from({ length: 40 }, (_, index) => `10.2.0.${index + 1}`),
};

beforeAll(async () => {
  files = await layResolverFiles();
  net = await buildNetwork();
  await net.namespaces('red', 'dns');
  await net.wire(
    'red/eth0 10.0.0.2/24 fd00::2/64',
    'dns/eth0 10.0.0.3/24 10.0.0.4/24 10.0.0.5/24 10.0.0.6/24 10.0.0.7/24 fd00::3/64',
  );
  const server = (address: string, more: object = {}): Promise<DnsServer> =>
    serveDns(net, 'dns', { address, names: NAMES, ...more });
  servers = {
    '10.0.0.3': await server('10.0.0.3'),
    '10.0.0.4': await server('10.0.0.4', { behaviour: 'SERVFAIL' }),
    '10.0.0.5': await server('10.0.0.5', { behaviour: 'silent' }),
    '10.0.0.6': await server('10.0.0.6', { truncates: true }),
    'fd00::3': await server('fd00::3'),
  };
});
afterAll(async () => {
  await net.close();
  await files.close();
});

/** Names with their server, in the order of their first question: A and AAAA come in either order. */
async function heard(): Promise<readonly string[]> {
  const all = await Promise.all(
    Object.entries(servers).map(async ([address, server]) =>
      (await server.questions()).map((line) => `${address} ${line.split(' ')[0] ?? ''}`),
    ),
  );
  return [...new Set(all.flat())].sort();
}

const GOOD = 'nameserver 10.0.0.3\n';
const SEARCH = `${GOOD}search corp.test\n`;

const CASES: readonly (readonly [string, string, ResolverTexts])[] = [
  ['a name as it is', 'shop', { resolv: GOOD }],
  ['a name that nobody knows', 'nobody', { resolv: GOOD }],
  ['the search list first, for a name with too few dots', 'shop', { resolv: SEARCH }],
  ['with ndots:0 the name as it is first', 'shop', { resolv: `${SEARCH}options ndots:0\n` }],
  ['a dot at the end', 'shop.', { resolv: SEARCH }],
  ['the search list later, for a name with dots enough', 'api.corp', { resolv: `${GOOD}search test\n` }],
  ['ndots:5 tries the search list first', 'a.b', { resolv: `${SEARCH}options ndots:5\n` }],
  ['a wildcard takes a name away', 'shop', { resolv: `${GOOD}search wild.test\n` }],
  ['several domains, in order', 'api', { resolv: `${GOOD}search none.test corp.test wild.test\n` }],
  ['“domain” instead of “search”', 'api', { resolv: `${GOOD}domain corp.test\n` }],
  [
    'the last of “domain” and “search” counts',
    'api',
    { resolv: `${GOOD}search none.test\ndomain corp.test\n` },
  ],
  [
    'a name without addresses lets the search go on',
    'empty',
    { resolv: `${GOOD}search corp.test wild.test\n` },
  ],
  ['only an IPv6 address', 'six', { resolv: SEARCH }],
  ['a hosts file first', 'shop', { resolv: GOOD, hosts: '10.9.0.1 shop\n10.9.0.2 shop other\n' }],
  ['a hosts file without DNS', 'api', { resolv: SEARCH, nsswitch: 'hosts: files\n' }],
  [
    'DNS before the hosts file',
    'shop',
    { resolv: GOOD, hosts: '10.9.0.1 shop\n', nsswitch: 'hosts: dns files\n' },
  ],
  [
    'a source that ends the search',
    'shop',
    { resolv: GOOD, nsswitch: 'hosts: files [NOTFOUND=return] dns\n' },
  ],
  ['a server that fails is passed over', 'shop', { resolv: `nameserver 10.0.0.4\n${GOOD}` }],
  ['a server that nobody runs is passed over', 'shop', { resolv: `nameserver 10.0.0.7\n${GOOD}` }],
  [
    'a silent server is passed over',
    'shop',
    { resolv: `nameserver 10.0.0.5\n${GOOD}options timeout:1 attempts:1\n` },
  ],
  [
    'all servers fail',
    'shop',
    { resolv: 'nameserver 10.0.0.4\nsearch corp.test\noptions timeout:1 attempts:1\n' },
  ],
  [
    'no server answers',
    'shop',
    { resolv: 'nameserver 10.0.0.5\nsearch corp.test\noptions timeout:1 attempts:1\n' },
  ],
  [
    'no server is there',
    'shop',
    { resolv: 'nameserver 10.0.0.7\nsearch corp.test\noptions timeout:1 attempts:1\n' },
  ],
  ['an answer that does not fit into UDP', 'many', { resolv: 'nameserver 10.0.0.6\n' }],
  ['TCP from the start', 'api', { resolv: `${SEARCH}options use-vc\n` }],
  ['an IPv6 server', 'api', { resolv: 'nameserver fd00::3\nsearch corp.test\n' }],
  ['letters of either size', 'SHOP', { resolv: GOOD }],
];

test.each(CASES)('%s: %s', async (_title, name, texts) => {
  await files.write(texts);
  const forget = async (): Promise<void> => {
    await Promise.all(Object.values(servers).map((server) => server.forget()));
  };
  await forget();
  const oracle = await execa('nsenter', ['--net=/run/netns/red', 'getent', 'ahosts', name], {
    reject: false,
  });
  const expected = [
    ...new Set(oracle.stdout.split('\n').flatMap((line) => line.split(/\s+/)[0] || [])),
  ].sort();
  const asked = await heard();

  await forget();
  const diagnosis = await ask({ from: 'netns:red', to: name });
  const queries = diagnosis.legs.flatMap((leg) => leg.queries ?? []);
  const found = diagnosis.probe.outcome === 'name-unresolved' ? null : diagnosis.flow.address;
  if (expected.length === 0) expect(found, brief(diagnosis)).toBeNull();
  else expect(expected, brief(diagnosis)).toContain(found);
  // What a failure makes us ask besides, to explain it, is not part of the way; nobody hears what is sent to nobody.
  const sent = [
    ...new Set(
      queries
        .filter(({ server }) => server in servers)
        .map(({ server, name: query }) => `${server} ${query}`),
    ),
  ].sort();
  expect(sent.map((line) => line.toLowerCase())).toEqual(asked.map((line) => line.toLowerCase()));
});
