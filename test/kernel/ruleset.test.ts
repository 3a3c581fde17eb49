import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Ruleset, Table } from '../../diagnostics/model/ruleset.ts';
import { namespaceNamed, snapshotOf, value } from '../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('empty', 'nft-variant', 'legacy', 'both');
});
afterAll(() => net.close());

async function rulesetOf(namespace: string): Promise<Ruleset> {
  const snapshot = await snapshotOf(createLiveSource(openMachine()), ['ruleset']);
  return value(namespaceNamed(snapshot, `netns:${namespace}`).facts.ruleset);
}

/** `backend family table: CHAIN=number of rules …`, chains that have some. */
const outline = ({ backend, family, name, chains }: Table): string => {
  const filled = chains.filter(({ rules }) => rules.length > 0);
  return `${backend} ${family} ${name}: ${filled.map((chain) => `${chain.name}=${chain.rules.length}`).join(' ')}`;
};

test('a namespace without rules has none, and reading makes none', async () => {
  expect(await rulesetOf('empty')).toEqual({ tables: [], unknowns: [] });
  expect(await net.run('empty', 'nft list ruleset')).toBe('');
  expect(await net.run('empty', 'cat /proc/net/ip_tables_names /proc/net/ip6_tables_names')).toBe('');
});

test("iptables-nft's tables are read once, with the handles by which nft names their rules", async () => {
  const run = (words: string): Promise<string> => net.run('nft-variant', words);
  await run('iptables-nft -A FORWARD -s 10.0.0.0/8 -j DROP');
  await run('iptables-nft -I FORWARD -s 10.1.0.0/16 -j ACCEPT');
  await run('iptables-nft -t nat -A POSTROUTING -j MASQUERADE');
  await run('ip6tables-nft -A INPUT -j ACCEPT');
  const { tables, unknowns } = await rulesetOf('nft-variant');
  expect(unknowns).toEqual([]);
  expect(tables.map(outline).toSorted()).toEqual([
    'iptables-nft ip filter: FORWARD=2',
    'iptables-nft ip nat: POSTROUTING=1',
    'iptables-nft ip6 filter: INPUT=1',
  ]);
  const forward = tables.find(({ name }) => name === 'filter')?.chains.find(({ name }) => name === 'FORWARD');
  expect(forward?.rules.map(({ text }) => text)).toEqual([
    '-A FORWARD -s 10.1.0.0/16 -j ACCEPT',
    '-A FORWARD -s 10.0.0.0/8 -j DROP',
  ]);
  const [, second] = forward?.rules ?? [];
  await run(`nft delete rule ip filter FORWARD handle ${second?.handle}`);
  expect(await run('iptables-nft-save')).not.toContain('10.0.0.0/8');
});

test('legacy tables are read where the kernel has them, beside those of nft', async () => {
  await net.run('legacy', 'iptables-legacy -A OUTPUT -d 10.0.0.9 -j REJECT');
  await net.run('both', 'iptables-legacy -t nat -A OUTPUT -j ACCEPT');
  await net.run('both', 'ip6tables-legacy -A FORWARD -j DROP');
  await net.run('both', 'iptables-nft -A OUTPUT -j ACCEPT');
  expect((await rulesetOf('legacy')).tables.map(outline)).toEqual(['legacy ip filter: OUTPUT=1']);
  expect((await rulesetOf('both')).tables.map(outline).toSorted()).toEqual([
    'iptables-nft ip filter: OUTPUT=1',
    'legacy ip nat: OUTPUT=1',
    'legacy ip6 filter: FORWARD=1',
  ]);
});

/** What any look of arptables-legacy does: struct arpt_getinfo, ARPT_SO_GET_INFO. */
const ASK_LEGACY_ARPTABLES = `
import ctypes, socket
info = ctypes.create_string_buffer(b"filter", 68)
size = ctypes.c_uint32(68)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
if ctypes.CDLL(None).getsockopt(raw.fileno(), socket.SOL_IP, 96, info, ctypes.byref(size)) != 0:
    raise SystemExit("The kernel has no table of legacy arptables.")
`;

test('tables of legacy arptables are read, or said to be unread where their tool is not installed', async () => {
  await net.namespaces('arp-legacy', 'untouched');
  await net.run('arp-legacy', ['python3', '-c', ASK_LEGACY_ARPTABLES]);
  const { tables, unknowns } = await rulesetOf('arp-legacy');
  const seen = tables.some(({ family, backend }) => family === 'arp' && backend === 'legacy');
  expect([seen, unknowns]).toEqual(
    seen
      ? [true, []]
      : [false, ['The rules of legacy arptables could not be read: its command does not work here.']],
  );
  expect(await rulesetOf('untouched')).toEqual({ tables: [], unknowns: [] });
  expect(await net.run('untouched', 'cat /proc/net/arp_tables_names')).toBe('');
});

/** Seen in nft 1.0.6, which has no name for the type of a set of labels, and then leaves out what all sets hold. */
test('a listing of nft that lacks something is not taken for all there is', async () => {
  await net.namespaces('labels');
  await net.run(
    'labels',
    'nft -f -',
    'table ip t { chain c { type filter hook input priority 0; ct label { 5, 7 } drop; tcp dport { 80, 81 } drop; }; }',
  );
  const listed = JSON.stringify(JSON.parse(await net.run('labels', 'nft -j list ruleset')));
  const { unknowns } = await rulesetOf('labels');
  if (listed.includes('[80,81]')) expect(unknowns).toEqual([]);
  else expect(unknowns.join()).toContain('nft could not list all that its rules hold');
});
