import { describe, expect, it } from 'vitest';
import { parseIptablesSave } from '../../../../diagnostics/collect/iptables-save.ts';
import { parseRecentLists } from '../../../../diagnostics/collect/iptables/recent.ts';
import { parseNftJson } from '../../../../diagnostics/collect/nftables.ts';
import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { hookInput, PACKET } from '../../../support/hook-input.ts';

const LISTS = parseRecentLists(
  [
    '/proc/net/xt_recent/seen:src=10.0.0.1 ttl: 64 last_seen: 4294937296 oldest_pkt: 1 4294937296',
    '/proc/net/xt_recent/other:src=10.0.0.9 ttl: 64 last_seen: 4294937296 oldest_pkt: 1 4294937296',
    '/proc/net/xt_recent/other:src=damaged',
    '/proc/net/xt_recent/often:src=10.0.0.1 ttl: 64 last_seen: 4294937298 oldest_pkt: 2 4294937296, 4294937298',
  ].join('\n'),
);

const verdicts = (ruleset: Ruleset): readonly string[] =>
  runHook(ruleset, 'forward', hookInput())
    .map(({ verdict }) => verdict)
    .toSorted();

const recent = (...rules: readonly string[]): Ruleset =>
  parseIptablesSave(
    [
      '*filter',
      ':FORWARD ACCEPT [0:0]',
      ...rules.map((rule) => `-A FORWARD -m recent ${rule} --mask 255.255.255.255 --rsource`),
      'COMMIT',
    ]
      .join('\n')
      .replaceAll(/ -j DROP(.*)/g, '$1 -j DROP'),
    { backend: 'legacy', family: 'ip', recent: LISTS },
  );

describe(`-m recent, asked for ${PACKET.source}`, () => {
  it.each([
    ['who is listed is met', ['--rcheck --name seen -j DROP'], ['drop']],
    ['who is not listed is not', ['--rcheck --name other -j DROP'], ['accept']],
    ['nor where the list is empty', ['--rcheck --name empty -j DROP'], ['accept']],
    ['the opposite', ['! --rcheck --name other -j DROP'], ['drop']],
    ['when it came last is not known', ['--rcheck --seconds 60 --name seen -j DROP'], ['accept', 'drop']],
    ['who never came did not come lately', ['--update --seconds 60 --name other -j DROP'], ['accept']],
    ['to be put into a list is to be met', ['--set --name other -j DROP'], ['drop']],
    [
      'who has just been put in did not come often',
      ['--set --name other', '--rcheck --hitcount 4 --name other -j DROP'],
      ['accept'],
    ],
    ['but came just now', ['--set --name other', '--rcheck --seconds 60 --name other -j DROP'], ['drop']],
    ['who came twice came twice', ['--rcheck --hitcount 2 --name often -j DROP'], ['drop']],
    ['not three times', ['--rcheck --seconds 60 --hitcount 3 --name often -j DROP'], ['accept']],
    [
      'unless this was the third',
      ['--set --name often', '--update --seconds 60 --hitcount 3 --name often -j DROP'],
      ['accept', 'drop'],
    ],
    [
      'to be met by an update is to come once more',
      ['--update --name often', '--rcheck --hitcount 4 --name often -j DROP'],
      ['accept'],
    ],
    [
      'and may be once too often',
      ['--update --name often', '--rcheck --hitcount 3 --name often -j DROP'],
      ['accept', 'drop'],
    ],
  ])('%s', (_, rules, expected) => {
    expect(verdicts(recent(...rules))).toEqual(expected);
  });

  it('is a guess where the lists could not be read', () => {
    const { tables, unknowns } = parseIptablesSave(
      '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m recent --rcheck --name seen -j DROP\nCOMMIT\n',
      { backend: 'legacy', family: 'ip', recent: null },
    );
    expect(verdicts({ tables, unknowns })).toEqual(['accept', 'drop']);
  });
});

const nft = (sets: readonly object[], ...rules: readonly (readonly (object | string)[])[]): Ruleset =>
  parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 'x' } },
        ...sets,
        {
          chain: {
            ...{ family: 'ip', table: 'x', name: 'c', type: 'filter' },
            ...{ hook: 'forward', prio: 0, policy: 'accept' },
          },
        },
        ...rules.map((expr, handle) => ({ rule: { family: 'ip', table: 'x', chain: 'c', handle, expr } })),
      ],
    }),
    '',
  );

const SADDR = { payload: { protocol: 'ip', field: 'saddr' } };
const DADDR = { payload: { protocol: 'ip', field: 'daddr' } };
const MARK = { meta: { key: 'mark' } };
const DROP = { drop: null };
const marked = (right: number): object => ({ match: { op: '==', left: MARK, right } });

describe('a set that rules fill', () => {
  const set = (name: string, ...elem: readonly string[]): object => ({
    set: { family: 'ip', table: 'x', name, type: 'ipv4_addr', flags: ['dynamic', 'timeout'], elem },
  });
  const asks = { match: { op: '==', left: SADDR, right: '@s' } };
  const full = (name: string, ...elem: readonly string[]): object => ({
    set: { family: 'ip', table: 'x', name, type: 'ipv4_addr', flags: ['dynamic'], size: 1, elem },
  });
  const fills = (name: string, elem: object = SADDR): object => ({
    set: { op: 'add', elem, set: `@${name}` },
  });
  const takes = (name: string): object => ({ set: { op: 'delete', elem: SADDR, set: `@${name}` } });

  it.each([
    ['holds what it holds', [set('s', '10.0.0.1')], [[asks, DROP]], ['drop']],
    ['and nothing else', [set('s', '10.0.0.2')], [[asks, DROP]], ['accept']],
    ['but what a rule has just put in', [set('s')], [[fills('s')], [asks, DROP]], ['drop']],
    ['into that very set', [set('s'), set('t')], [[fills('t')], [asks, DROP]], ['accept']],
    ['for that very address', [set('s')], [[fills('s', DADDR)], [asks, DROP]], ['accept']],
    ['and not what one has just taken out', [set('s', '10.0.0.1')], [[takes('s')], [asks, DROP]], ['accept']],
    ['as long as it stays out', [set('s')], [[takes('s')], [fills('s')], [asks, DROP]], ['drop']],
    ['nor what it has no room for', [full('s', '10.0.0.2')], [[fills('s')], [asks, DROP]], ['accept']],
    ['a rule without room ends there', [full('s', '10.0.0.2')], [[fills('s'), DROP]], ['accept']],
    ['who is in it needs no room', [full('s', '10.0.0.1')], [[fills('s'), DROP]], ['drop']],
    [
      'a change that nft shows as text only leaves it open',
      [set('s')],
      [['add @s { ip saddr : 10.0.0.9 }'], [asks, DROP]],
      ['accept', 'drop'],
    ],
  ])('%s', (_, sets, rules, expected) => {
    expect(verdicts(nft(sets, ...rules))).toEqual(expected);
  });
});

describe('a mark from a map', () => {
  const map = {
    map: { family: 'ip', table: 'x', name: 'm', type: 'ipv4_addr', map: 'mark', elem: [['10.0.0.1', 7]] },
  };
  const sets = (value: object): object => ({ mangle: { key: MARK, value } });
  const inline = (key: object, ...set: readonly (readonly [string | number, number])[]): object =>
    sets({ map: { key, data: { set } } });
  const numgen = (more: object = {}): object => ({ numgen: { mode: 'inc', mod: 2, offset: 0, ...more } });

  it.each([
    ['written in the rule', [[inline(SADDR, ['10.0.0.1', 5])], [marked(5), DROP]], ['drop']],
    ['by its name', [[sets({ map: { key: SADDR, data: '@m' } })], [marked(7), DROP]], ['drop']],
    ['the rule goes on with it', [[inline(SADDR, ['10.0.0.1', 5]), marked(5), DROP]], ['drop']],
    ['who is not in it is done with the rule', [[inline(SADDR, ['10.0.0.2', 5]), DROP]], ['accept']],
    [
      'drawn',
      [[inline(numgen(), [0, 5], [1, 6])], [marked(5), DROP], [marked(6), { accept: null }], [DROP]],
      ['accept', 'drop'],
    ],
    [
      'drawn as a number',
      [[sets(numgen({ offset: 16 }))], [marked(16), DROP], [marked(17), DROP], [{ accept: null }]],
      ['drop', 'drop'],
    ],
    [
      'of the connection',
      [
        [
          {
            mangle: {
              key: { ct: { key: 'mark' } },
              value: { map: { key: SADDR, data: { set: [['10.0.0.1', 3]] } } },
            },
          },
        ],
        [{ match: { op: '==', left: { ct: { key: 'mark' } }, right: 3 } }, DROP],
      ],
      ['drop'],
    ],
  ] as const)('%s', (_, rules, expected) => {
    expect(verdicts(nft([map], ...rules))).toEqual(expected);
  });
});
