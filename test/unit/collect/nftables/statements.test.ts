import { afterEach, describe, expect, test } from 'vitest';
import { parseNftJson } from '../../../../diagnostics/collect/nftables.ts';
import type { RulePart } from '../../../../diagnostics/model/ruleset.ts';

/** The parts of a rule that consists of these statements, as `nft -j` lists them. */
const partsOf = (...expr: readonly unknown[]): readonly RulePart[] => {
  const where = { family: 'inet', table: 't', chain: 'c' };
  const { tables, unknowns } = parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 't' } },
        {
          chain: {
            family: 'inet',
            table: 't',
            name: 'c',
            type: 'filter',
            hook: 'input',
            prio: 0,
            policy: 'accept',
          },
        },
        { rule: { ...where, handle: 2, expr } },
      ],
    }),
    '',
  );
  expect(unknowns).toEqual([]);
  return tables[0]?.chains[0]?.rules[0]?.parts ?? [];
};

const last = (...expr: readonly unknown[]): RulePart | undefined => partsOf(...expr).at(-1);
const field = (protocol: string, name: string) => ({ payload: { protocol, field: name } });
const set = (key: unknown, value: unknown) => ({ mangle: { key, value } });
const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
const rewrite = (target: string, value: unknown) => ({ type: 'rewrite', target, value });
const constant = (value: number | string) => ({ type: 'constant', value });
const of = (name: string, ...steps: readonly (readonly [string, number])[]) => ({
  type: 'field',
  field: name,
  steps: steps.map(([operator, number]) => ({ operator, constant: number })),
});

describe('what is set', () => {
  test.each<readonly [string, unknown, unknown]>([
    ['a destination', set(field('ip', 'daddr'), '10.0.0.2'), rewrite('daddr', constant('10.0.0.2'))],
    ['a source of IPv6', set(field('ip6', 'saddr'), 'fd00::2'), rewrite('saddr', constant('fd00::2'))],
    ['a port', set(field('tcp', 'dport'), 99), rewrite('dport', constant(99))],
    ['a port of any protocol', set(field('th', 'sport'), 99), rewrite('sport', constant(99))],
    ['a port from another', set(field('udp', 'dport'), field('udp', 'sport')), rewrite('dport', of('sport'))],
    [
      'bits of an address',
      set(field('ip', 'daddr'), { '|': [{ '&': [field('ip', 'saddr'), '255.255.0.0'] }, '0.0.0.5'] }),
      rewrite('daddr', of('nh 12 4', ['&', 0xffff0000], ['|', 5])),
    ],
    [
      'a mark from the header',
      set({ meta: { key: 'mark' } }, { '<<': [field('ip', 'dscp'), 8] }),
      rewrite('mark', of('dscp', ['<<', 8])),
    ],
    ['a priority', set({ meta: { key: 'priority' } }, '1:a'), rewrite('priority', constant(0x1000a))],
    ['no priority', set({ meta: { key: 'priority' } }, 'none'), rewrite('priority', constant(0))],
    ['a label', set({ ct: { key: 'label' } }, 5), { type: 'set-label', labels: [5] }],
    [
      'an address out of a map',
      set(field('ip', 'daddr'), { map: { key: field('tcp', 'dport'), data: { set: [[80, '10.0.0.5']] } } }),
      {
        type: 'mark-map',
        target: 'daddr',
        fields: ['dport'],
        map: { type: 'inline', entries: [{ tuple: [{ type: 'number', value: 80 }], value: '10.0.0.5' }] },
      },
    ],
    [
      'an address out of a named map',
      set(field('ip', 'daddr'), { map: { key: field('tcp', 'dport'), data: '@m' } }),
      { type: 'mark-map', target: 'daddr', fields: ['dport'], map: { type: 'named', name: 'm' } },
    ],
  ])('%s', (_, statement, part) => {
    expect(last(statement)).toEqual(part);
  });

  test.each<readonly [string, unknown]>([
    ['an address that is none', set(field('ip', 'daddr'), '10.0.0.999')],
    ['an expression that is damaged', set(field('ip', 'daddr'), { '|': 7 })],
    ['nothing', set(field('ip', 'daddr'), null)],
    ['a priority that is none', set({ meta: { key: 'priority' } }, '1:2:3')],
    ['a label by its name', set({ ct: { key: 'label' } }, 'web')],
    ['a field that is not modelled', set(field('icmp', 'type'), 5)],
    ['a map of what is damaged', set(field('ip', 'daddr'), { map: { key: null, data: { set: [[80]] } } })],
  ])('is not known: %s', (_, statement) => {
    expect(last(statement)).toMatchObject({ type: 'unmodelled', decides: false });
  });

  test('the packet has to have it', () => {
    expect(partsOf(set(field('ip', 'ttl'), 5))[0]).toMatchObject({ fields: ['nfproto'] });
    expect(partsOf(set(field('tcp', 'dport'), 5))[0]).toMatchObject({ fields: ['l4proto'] });
  });
});

describe('what is asked', () => {
  const number = (value: number) => [[{ type: 'number', value }]];
  test.each<readonly [string, unknown, string, unknown]>([
    ['a priority', match({ meta: { key: 'priority' } }, '1:2'), 'priority', number(0x10002)],
    ['a realm', match({ rt: { key: 'classid' } }, '5'), 'realm', number(5)],
    ['the realm that has a name', match({ meta: { key: 'rtclassid' } }, 'cosmos'), 'realm', number(0)],
    ['a label', match({ ct: { key: 'label' } }, 5, 'in'), 'ct label', [[{ type: 'text', value: '5' }]]],
    ['all labels', match({ ct: { key: 'label' } }, 5, '!='), 'ct labels', [[{ type: 'text', value: '5' }]]],
    [
      'the port of a VRF',
      match({ meta: { key: 'sdifname' } }, 'eth0'),
      'vrf port',
      [[{ type: 'text', value: 'eth0' }]],
    ],
    ['packets', match({ ct: { key: 'packets' } }, 5), 'ct packets both', number(5)],
    ['bytes back', match({ ct: { key: 'bytes', dir: 'reply' } }, 5), 'ct bytes reply', number(5)],
    [
      'bytes a packet',
      match({ ct: { key: 'avgpkt', dir: 'original' } }, 5),
      'ct average original',
      number(5),
    ],
    [
      'a hash with its seed',
      match(
        {
          jhash: {
            mod: 3,
            seed: 1,
            offset: 10,
            expr: { concat: [field('ip', 'saddr'), field('tcp', 'dport')] },
          },
        },
        11,
      ),
      'jhash 3 1 10 saddr . dport',
      number(11),
    ],
    [
      'a hash whose seed nobody knows',
      match({ jhash: { mod: 3, expr: field('ip', 'saddr') } }, 1),
      'hash',
      number(1),
    ],
  ])('%s', (_, statement, name, tuples) => {
    expect(last(statement)).toMatchObject({ fields: [name], values: { tuples } });
  });

  test.each<readonly [string, unknown, unknown]>([
    [
      'connections',
      { 'ct count': { val: 5, inv: true } },
      { type: 'connection-count', over: true, limit: 5 },
    ],
    ['no more connections', { 'ct count': { val: 5 } }, { type: 'connection-count', over: false, limit: 5 }],
    [
      'a quota',
      { quota: { val: 2, val_unit: 'kbytes', used: 5, used_unit: 'bytes', inv: true } },
      { type: 'quota', over: true, bytes: 2048, used: 5 },
    ],
    ['a quota by its name', { quota: 'q' }, { type: 'unmodelled', text: 'quota', because: 'amount' }],
    [
      'a quota in a unit that is none',
      { quota: { val: 2, val_unit: 'yards' } },
      { type: 'unmodelled', text: 'quota', because: 'amount' },
    ],
    [
      'connections of an element',
      { set: { op: 'add', set: '@s', elem: 'x', stmt: [{ 'ct count': { val: 5, inv: true } }] } },
      { type: 'connection-count', over: true, limit: 5 },
    ],
    [
      'no more connections of an element, which a full set may not take',
      { set: { op: 'add', set: '@s', elem: 'x', stmt: [{ 'ct count': { val: 5 } }] } },
      { type: 'unmodelled', text: 'set', because: 'rate' },
    ],
    ['a damaged count', { 'ct count': { val: 'x' } }, { type: 'unmodelled', text: 'ct count' }],
  ])('%s', (_, statement, part) => {
    expect(last(statement)).toEqual(part);
  });
});

/** nft writes times as the clock of whoever lists them shows them. */
describe('times', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  test.each<readonly [string, string, unknown, unknown]>([
    ['UTC', 'hour', '08:30', { type: 'number', value: 30_600 }],
    ['Asia/Tokyo', 'hour', '08:30', { type: 'number', value: 84_600 }],
    ['Asia/Tokyo', 'hour', { range: ['15:00', '07:00:01'] }, { type: 'range', from: 21_600, to: 79_201 }],
    ['UTC', 'day', 'Sunday', { type: 'number', value: 0 }],
    ['UTC', 'day', 6, { type: 'number', value: 6 }],
    ['UTC', 'time', '2026-01-01 00:00:00', { type: 'number', value: 1_767_225_600 }],
    ['Asia/Tokyo', 'time', '2026-01-01 09:00:00', { type: 'number', value: 1_767_225_600 }],
  ])('%s: %s %j', (place, key, written, value) => {
    process.env['TZ'] = place;
    expect(last(match({ meta: { key } }, written))).toMatchObject({ values: { tuples: [[value]] } });
  });

  test.each<readonly [string, unknown]>([
    ['hour', '25:61'],
    ['hour', 'noon'],
    ['day', 'Someday'],
    ['time', '2026-99-99 00:00:00'],
  ])('damaged: %s %j', (key, written) => {
    expect(last(match({ meta: { key } }, written))).toMatchObject({ type: 'unmodelled' });
  });
});
