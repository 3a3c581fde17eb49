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
import { parseSockets } from '../../../diagnostics/collect/sockets.ts';
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
