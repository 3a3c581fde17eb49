import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConntrack } from '../../../diagnostics/collect/conntrack.ts';
import { parseContainer, parseNetworks } from '../../../diagnostics/collect/docker/parse.ts';
import { parseJson, parseObjects } from '../../../diagnostics/host/external-json.ts';
import { parseLinks } from '../../../diagnostics/collect/links.ts';
import { parseFdb, parseNeighbours } from '../../../diagnostics/collect/neighbours.ts';
import { parseResolver } from '../../../diagnostics/collect/resolver.ts';
import { parseRoutes } from '../../../diagnostics/collect/routes.ts';
import { parseRules } from '../../../diagnostics/collect/rules.ts';
import { isDamagedListing, parseDatagramPorts, parseSockets } from '../../../diagnostics/collect/sockets.ts';
import { parseSettings } from '../../../diagnostics/collect/sysctls.ts';

const tables = (name: string): number | undefined => (name === 'main' ? 254 : undefined);

/** Each reader of JSON records, by the keys that it looks at. */
const RECORD_READERS: Readonly<Record<string, (records: readonly Record<string, unknown>[]) => unknown>> = {
  links: (records) => parseLinks(records, 'machine/1', () => null),
  routes: (records) => parseRoutes(records, tables),
  rules: (records) => parseRules(records, 4, tables),
  neighbours: parseNeighbours,
  fdb: parseFdb,
  containers: (records) => records.map(parseContainer),
  networks: parseNetworks,
};

const KEYS = [
  ...['ifindex', 'ifname', 'flags', 'linkinfo', 'info_kind', 'info_data', 'addr_info', 'link', 'link_index'],
  ...['link_netnsid', 'master', 'type', 'dst', 'table', 'nexthops', 'metrics', 'via', 'gateway', 'metric'],
  ...['priority', 'src', 'srclen', 'fwmark', 'ipproto', 'goto', 'action', 'state', 'lladdr', 'mac', 'dev'],
  ...['Id', 'Name', 'State', 'Config', 'HostConfig', 'NetworkSettings', 'Networks', 'Ports', 'IPAM'],
];

describe('damaged output never throws', () => {
  test.each(Object.keys(RECORD_READERS))('%s', (name) => {
    const record = fc.dictionary(fc.constantFrom(...KEYS), fc.jsonValue(), { maxKeys: 12 });
    fc.assert(
      fc.property(fc.array(record), (records) => {
        RECORD_READERS[name]?.(records as Record<string, unknown>[]);
      }),
    );
  });

  test.each([
    ['sockets', parseSockets],
    ['conntrack', parseConntrack],
    ['settings', parseSettings],
    ['resolver', (text: string) => parseResolver(text, text, text)],
    ['json', parseObjects],
  ] as const)('%s', (_, parse) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parse(text);
      }),
    );
  });
});

test('a cut list is damage, not a shorter list', () => {
  expect(parseObjects('[{"ifindex":1},{"ifin')).toBeNull();
  expect(parseObjects('')).toBeNull();
  expect(parseObjects('{}')).toBeNull();
  expect(parseObjects('[{},{"a":1}]')).toEqual([{ a: 1 }]);
});

test("iproute2's escapes are understood, and what is right stays as it is", () => {
  expect(parseJson(String.raw`["it\'s \\' \" \n"]`)).toEqual([`it's \\' " \n`]);
  expect(parseJson('["\u001b[31m"]')).toEqual(['\u001b[31m']);
});

describe('a listing of sockets', () => {
  const HEADING = 'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n';
  const line = (...[used, limit, port, uid]: readonly string[]): string =>
    `tcp   LISTEN ${used} ${limit} 0.0.0.0:${port} 0.0.0.0:* users:(("a uid:99999999999",pid=9,fd=3)) uid:${uid} ino:1 sk:1 cgroup:/ <->\n`;
  const BEYOND = '99999999999999999999';

  test.each([
    ['as the kernel has it', line('0', '128', '80', '1000'), false],
    ['with a queue beyond any number', line(BEYOND, '128', '80', '1000'), true],
    ['with room beyond any number', line('0', BEYOND, '80', '1000'), true],
    ['with a port beyond any number', line('0', '128', BEYOND, '1000'), true],
    ['with a user beyond any number', line('0', '128', '80', BEYOND), true],
    ['cut', line('0', '128', '80', '1000').slice(0, 30), true],
    ['of none', '', false],
  ])('%s', (_, text, is) => {
    expect(isDamagedListing(`${HEADING}${text}`)).toBe(is);
  });

  test('without its heading it is none: nothing at all is not nobody who listens', () => {
    expect(isDamagedListing('')).toBe(true);
    expect(parseDatagramPorts('')).toBeNull();
  });

  test('of UDP: cut, or with another text in it, it is none', () => {
    const heading = 'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n';
    const whole = heading + 'UNCONN 0 0 0.0.0.0:53 0.0.0.0:*   \nESTAB 0 0 10.0.0.1:5555 10.0.0.2:53   \n';
    expect(parseDatagramPorts(whole)).toEqual([53, 5555]);
    expect(parseDatagramPorts(heading)).toEqual([]);
    expect(parseDatagramPorts(whole.slice(0, -20))).toBeNull();
    expect(parseDatagramPorts(`${whole}something broke\n`)).toBeNull();
    expect(parseDatagramPorts(whole.replace('5555', BEYOND))).toBeNull();
  });
});
