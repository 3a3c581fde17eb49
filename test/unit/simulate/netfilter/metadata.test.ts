import { describe, expect, test } from 'vitest';
import { parseNftJson } from '../../../../diagnostics/collect/nftables.ts';
import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { passedOn } from '../../../../diagnostics/simulate/ip/passed-on.ts';
import {
  asConnection,
  confirmed,
  recognise,
  tupleOf,
} from '../../../../diagnostics/simulate/netfilter/conntrack.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import type { HookInput } from '../../../../diagnostics/simulate/netfilter/types.ts';
import { filter, hookInput, PACKET } from '../../../support/hook-input.ts';

const nft = (...expr: readonly unknown[]): Ruleset => {
  const { tables, unknowns } = parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 't' } },
        {
          chain: {
            family: 'ip',
            table: 't',
            name: 'c',
            type: 'filter',
            hook: 'forward',
            prio: 0,
            policy: 'accept',
          },
        },
        { rule: { family: 'ip', table: 't', chain: 'c', handle: 2, expr: [...expr, { drop: null }] } },
      ],
    }),
    '',
  );
  return { tables, unknowns };
};

const verdicts = (ruleset: Ruleset, input: HookInput = hookInput()) =>
  runHook(ruleset, 'forward', input).map(({ verdict, certain }) => [verdict, certain]);

const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });

const DROPPED = [['drop', true]];
const PASSED = [['accept', true]];
const EITHER = [
  ['drop', false],
  ['accept', false],
];

describe('connections that a rule counts', () => {
  const over = { 'ct count': { val: 5, inv: true } };
  test.each<readonly [string, unknown, number | undefined, unknown]>([
    ['fewer are there at all', over, 4, PASSED],
    ['enough are there, of which it may have met some', over, 5, EITHER],
    ['nobody knows how many are there', over, undefined, EITHER],
    ['one is too many', { 'ct count': { val: 0, inv: true } }, undefined, DROPPED],
    ['no more', { 'ct count': { val: 5 } }, 4, DROPPED],
  ])('%s', (_, statement, connectionCount, expected) => {
    const more = connectionCount === undefined ? {} : { connectionCount };
    expect(verdicts(nft(statement), hookInput({}, more))).toEqual(expected);
  });

  test.each<readonly [string, unknown]>([
    ['--connlimit-above 5', PASSED],
    ['! --connlimit-above 5', DROPPED],
    ['--connlimit-upto 5', DROPPED],
    ['--connlimit-above 2', EITHER],
    ['--connlimit-above x', EITHER],
  ])('iptables: %s', (words, expected) => {
    const rules = filter(`-A FORWARD -m connlimit ${words} --connlimit-mask 32 --connlimit-saddr -j DROP`);
    expect(verdicts(rules, hookInput({}, { connectionCount: 4 }))).toEqual(expected);
  });
});

test.each<readonly [string, number, boolean, unknown]>([
  ['used up', 2000, true, DROPPED],
  ['this packet is too much', 990, true, DROPPED],
  ['far from it', 0, true, PASSED],
  ['not used up', 0, false, DROPPED],
  ['used up, and asked for what is not', 2000, false, PASSED],
])('a quota: %s', (_, used, inv, expected) => {
  const val = used === 0 ? 100_000 : 1000;
  expect(verdicts(nft({ quota: { val, val_unit: 'bytes', used, used_unit: 'bytes', inv } }))).toEqual(
    expected,
  );
});

test('what is nearly used up may be so by then', () => {
  const quota = { quota: { val: 1000, val_unit: 'bytes', used: 0, used_unit: 'bytes', inv: true } };
  expect(verdicts(nft(quota))).toEqual(EITHER);
});

describe('the clock', () => {
  /** A Monday, a quarter to midnight. */
  const clock = Date.parse('2026-06-01T23:45:00Z') / 1000;
  const day = match({ meta: { key: 'day' } }, 'Monday');
  test.each<readonly [string, unknown, number | undefined, number | undefined, unknown]>([
    ['it is that day in UTC and here', day, clock, 0, DROPPED],
    ['here it is Tuesday already, and nobody knows which the kernel means', day, clock, 3600, EITHER],
    ['nobody knows what the clock shows here', day, clock, undefined, EITHER],
    ['nobody looked at the clock', day, undefined, undefined, EITHER],
    ['a moment', match({ meta: { key: 'time' } }, 5, '>'), clock, 0, DROPPED],
    ['a second of the day', match({ meta: { key: 'hour' } }, 85_500), clock, 3600, DROPPED],
    ['another', match({ meta: { key: 'hour' } }, 85_501), clock, 0, PASSED],
  ])('%s', (_, rule, now, ahead, expected) => {
    const more = {
      ...(now === undefined ? {} : { clock: now }),
      ...(ahead === undefined ? {} : { clockAhead: ahead }),
    };
    expect(verdicts({ ...nft(rule), ...more })).toEqual(expected);
  });
});

describe('realms and VRFs', () => {
  const realm = match({ rt: { key: 'classid' } }, '0');
  test.each<readonly [string, unknown, Pick<HookInput, 'realm' | 'vrfPort'>, unknown]>([
    ['none is given', realm, { realm: () => 0 }, DROPPED],
    ['some are', realm, { realm: () => null }, EITHER],
    ['by a port of a VRF', match({ meta: { key: 'sdifname' } }, 'p1'), { vrfPort: 'p1' }, DROPPED],
    ['by another', match({ meta: { key: 'sdifname' } }, 'p1'), { vrfPort: 'p2' }, PASSED],
    ['by no VRF', match({ meta: { key: 'sdifname' } }, 'p1'), {}, PASSED],
  ])('%s', (_, rule, more, expected) => {
    expect(verdicts(nft(rule), hookInput({}, more))).toEqual(expected);
  });
});

describe('labels', () => {
  const label = match({ ct: { key: 'label' } }, 5, 'in');
  test.each<readonly [string, Ruleset, readonly number[] | null | undefined, unknown]>([
    ['it has it', nft(label), [3, 5], DROPPED],
    ['it has others', nft(label), [3], PASSED],
    ['nobody knows what it has', nft(label), null, EITHER],
    ['iptables: it has it', filter('-A FORWARD -m connlabel ! --label 5 -j DROP'), [5], PASSED],
    ['iptables: it has it not', filter('-A FORWARD -m connlabel ! --label 5 -j DROP'), undefined, DROPPED],
    [
      'iptables: a label by its name',
      filter('-A FORWARD -m connlabel --label web -j DROP'),
      undefined,
      EITHER,
    ],
  ])('%s', (_, ruleset, labels, expected) => {
    const connection = labels === undefined ? {} : { labels };
    expect(verdicts(ruleset, hookInput({}, { connection }))).toEqual(expected);
  });

  test('a connection that is not followed has none', () => {
    const rules = filter('-A FORWARD -m connlabel ! --label 5 -j DROP');
    expect(verdicts(rules, hookInput({}, { connection: { state: 'untracked' } }))).toEqual(DROPPED);
    expect(verdicts(nft(label), hookInput({}, { connection: { state: 'untracked' } }))).toEqual(PASSED);
  });
});

test('what the answer to a first packet finds counted', () => {
  const first = recognise([], PACKET, null);
  const answer = {
    ...PACKET,
    source: PACKET.destination,
    sourcePort: PACKET.destinationPort,
    destination: PACKET.source,
    destinationPort: PACKET.sourcePort,
    tcpFlags: 'SA' as const,
    size: 52,
  };
  const records = confirmed([], first, PACKET);
  const connection = asConnection(recognise(records, answer, null));
  const asked = (key: string, value: number, dir?: string) =>
    verdicts(nft(match({ ct: { key, ...(dir && { dir }) } }, value)), hookInput(answer, { connection }));
  expect(asked('packets', 2)).toEqual(DROPPED);
  expect(asked('bytes', 60, 'original')).toEqual(DROPPED);
  expect(asked('bytes', 52, 'reply')).toEqual(DROPPED);
  expect(asked('avgpkt', 56)).toEqual(DROPPED);
  expect(tupleOf(answer).source).toBe(PACKET.destination);
});

test('a connection that has lasted for a while is history', () => {
  const connection = { state: 'established' as const };
  expect(verdicts(nft(match({ ct: { key: 'packets' } }, 2)), hookInput({}, { connection }))).toEqual(EITHER);
});

describe('iptables: segments', () => {
  const rules = filter('-A FORWARD -p tcp -m tcpmss ! --mss 1000:1200 -j DROP');
  test.each<readonly [string, Parameters<typeof hookInput>[0], unknown]>([
    ['larger', { mss: 1460 }, DROPPED],
    ['as large', { mss: 1100 }, PASSED],
    ['nobody says how large', { tcpFlags: 'A' }, DROPPED],
    ['not known', {}, EITHER],
  ])('%s', (_, packet, expected) => {
    expect(verdicts(rules, hookInput(packet))).toEqual(expected);
  });
});

/** nft_synproxy_do_eval() */
test('synproxy asks for TCP alone', () => {
  const proxied = nft({ synproxy: { mss: 1460 } });
  expect(verdicts(proxied, hookInput({ protocol: 'udp' }))).toEqual(PASSED);
  expect(verdicts(proxied).every(([, certain]) => !certain)).toBe(true);
});

/** The kernel of who asks chooses it. */
test('the number of an echo is what its sender writes', () => {
  const numbered = nft(match({ payload: { protocol: 'icmp', field: 'id' } }, 5), { drop: null });
  const icmp = (type: number) =>
    hookInput({ protocol: 'icmp', icmp: { type, code: 0 }, sourcePort: 0, destinationPort: 0 });
  expect(verdicts(numbered, icmp(8))).toEqual(EITHER);
  expect(verdicts(numbered, icmp(3))).toEqual(PASSED);
  expect(runHook(numbered, 'forward', icmp(8))[0]?.doubts[0]).toContain(
    'what the sender writes into the headers',
  );
});

/** ip_tos2prio[] of net/ipv4/route.c. */
test('a router works out the priority of IPv4 anew', () => {
  expect(passedOn({ ...PACKET, priority: 7 })).toEqual({ ...PACKET, ttl: 63 });
  expect(passedOn({ ...PACKET, tos: 0x10 }).priority).toBe(6);
  expect(passedOn({ ...PACKET, tos: 0x08 }).priority).toBe(2);
  expect(passedOn({ ...PACKET, tos: 0x18 }).priority).toBe(4);
  expect(passedOn({ ...PACKET, family: 6, priority: 7 }).priority).toBe(7);
});

test.each<readonly [string, number | undefined]>([
  ['-j CLASSIFY --set-class 1:a', 0x1000a],
  ['-j CLASSIFY --set-class x', undefined],
])('iptables: %s', (words, priority) => {
  const [outcome] = runHook(filter(`-A FORWARD ${words}`), 'forward', hookInput());
  expect(outcome?.packet.priority).toBe(priority);
});
