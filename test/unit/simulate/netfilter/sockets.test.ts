import { describe, expect, it } from 'vitest';
import { parseNftJson } from '../../../../diagnostics/collect/nftables.ts';
import { parseSockets } from '../../../../diagnostics/collect/sockets.ts';
import type { Hook, Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import type { SocketLookup, SocketSeen } from '../../../../diagnostics/simulate/netfilter/types.ts';
import { hookInput, iptables } from '../../../support/hook-input.ts';

const LISTED = [
  'tcp LISTEN 0      128      0.0.0.0:3128 0.0.0.0:* users:(("squid",pid=10,fd=3)) ino:78 sk:4d58 fwmark:0x7 cgroup:/ <->',
  '\tinet-sockopt: ( is_icsk mc_loop transparent mc_all)',
  'tcp LISTEN 0      128    127.0.0.1:3129 0.0.0.0:* users:(("nc",pid=10,fd=4)) ino:79 sk:4d57 cgroup:/ <->          ',
  '\tinet-sockopt: ( is_icsk mc_loop mc_all)        ',
  'tcp LISTEN 0      128            *:3130       *:* ino:80 sk:4d59 cgroup:/ v6only:0 <->',
].join('\n');

it('ss tells what a socket may: of an older one it is not known', () => {
  expect(parseSockets(LISTED)).toMatchObject([
    { port: 3128, transparent: true, mark: 7 },
    { port: 3129, transparent: false },
    { port: 3130, v6only: false },
  ]);
  expect(parseSockets(LISTED)[2]).not.toHaveProperty('transparent');
});

const PLACE = { address: '10.0.0.254', port: 3128 };

/** A namespace where one socket listens, or (null) none. */
const sockets = (socket: SocketSeen | null): SocketLookup => ({
  of: () => socket,
  claimer: () => ({ place: PLACE, socket }),
});
const socket = (more: Partial<SocketSeen> = {}): SocketSeen => ({
  transparent: true,
  wildcard: false,
  mark: 5,
  ...more,
});

const ends = (ruleset: Ruleset, seen: SocketLookup | undefined, hook: Hook = 'prerouting') =>
  runHook(ruleset, hook, hookInput({}, seen ? { sockets: seen } : {})).map(
    ({ verdict, packet, certain }) => ({
      verdict,
      mark: packet.mark,
      claimed: packet.claimed?.port ?? null,
      certain,
    }),
  );

const mangle = (...lines: readonly string[]): Ruleset =>
  iptables(['*mangle', ':PREROUTING ACCEPT [0:0]', ...lines, 'COMMIT'].join('\n'));

describe('TPROXY', () => {
  const rule = mangle(
    '-A PREROUTING -p tcp -m tcp --dport 80 -j TPROXY --on-port 3128 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x3',
  );

  it.each([
    ['a transparent socket is given the packet', socket(), 'accept', 1, 3128],
    ['another is not, and the packet is dropped', socket({ transparent: false }), 'drop', 0, null],
    ['so it is where nobody listens', null, 'drop', 0, null],
  ] as const)('%s', (_, seen, verdict, mark, claimed) => {
    expect(ends(rule, sockets(seen))).toEqual([{ verdict, mark, claimed, certain: true }]);
  });

  it('says where a socket is missing', () => {
    const [outcome] = runHook(rule, 'prerouting', hookInput({}, { sockets: sockets(null) }));
    expect(outcome?.steps).toMatchObject([{ kind: 'filter', verdict: 'drop', unclaimed: PLACE }]);
  });

  it('is no guess where the sockets are not known', () => {
    const outcomes = [ends(rule, sockets(socket({ transparent: null }))), ends(rule, undefined)];
    for (const outcome of outcomes) {
      expect(outcome.length).toBeGreaterThan(1);
      expect(outcome.every(({ certain }) => !certain)).toBe(true);
    }
  });
});

describe('-m socket', () => {
  it.each([
    ['', socket(), true],
    ['', null, false],
    ['', socket({ wildcard: true }), false],
    ['--nowildcard', socket({ wildcard: true }), true],
    ['--transparent', socket(), true],
    ['--transparent', socket({ transparent: false }), false],
    ['--transparent --nowildcard', socket({ wildcard: true, transparent: false }), false],
  ] as const)('%s %j: %s', (options, seen, matches) => {
    const rule = mangle(`-A PREROUTING -p tcp -m socket ${options} -j DROP`.replaceAll('  ', ' '));
    expect(ends(rule, sockets(seen))).toMatchObject([
      { verdict: matches ? 'drop' : 'accept', certain: true },
    ]);
  });

  it('marks the packet as the socket is marked, whatever comes of the rest of the rule', () => {
    const rule = mangle('-A PREROUTING -m socket --restore-skmark -m mark --mark 9 -j DROP');
    expect(ends(rule, sockets(socket()))).toMatchObject([{ verdict: 'accept', mark: 5, certain: true }]);
  });
});

describe('nft', () => {
  const nft = (...expr: readonly object[]): Ruleset => ({
    ...parseNftJson(
      JSON.stringify({
        nftables: [
          { table: { family: 'inet', name: 'x' } },
          {
            chain: {
              ...{ family: 'inet', table: 'x', name: 'c', type: 'filter' },
              ...{ hook: 'prerouting', prio: -150, policy: 'accept' },
            },
          },
          { rule: { family: 'inet', table: 'x', chain: 'c', handle: 1, expr } },
        ],
      }),
      '',
    ),
  });
  const drop = { drop: null };
  const asks = (key: string, right: number): object => ({
    match: { op: '==', left: { socket: { key } }, right },
  });

  it.each([
    ['what nobody takes goes to the next rule', [{ tproxy: { port: 3128 } }, drop], null, 'accept', null],
    ['what is taken goes on in the rule', [{ tproxy: { port: 3128 } }, drop], socket(), 'drop', 3128],
    [
      'another family is not meant',
      [{ tproxy: { family: 'ip6', addr: '::1', port: 3128 } }, drop],
      socket(),
      'accept',
      null,
    ],
    ['no socket, no match', [asks('transparent', 0), drop], null, 'accept', null],
    ['transparent', [asks('transparent', 1), drop], socket(), 'drop', null],
    ['wildcard', [asks('wildcard', 1), drop], socket(), 'accept', null],
    ['mark', [asks('mark', 5), drop], socket(), 'drop', null],
  ] as const)('%s', (_, expr, seen, verdict, claimed) => {
    expect(ends(nft(...expr), sockets(seen))).toMatchObject([{ verdict, claimed, certain: true }]);
  });

  it('a control group is not known', () => {
    const rule = nft(
      { match: { op: '==', left: { socket: { key: 'cgroupv2', level: 1 } }, right: 'a' } },
      drop,
    );
    expect(ends(rule, sockets(socket()))).toHaveLength(2);
  });
});
