import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAMILIES } from './arena/addresses.ts';
import { buildArena, type Arena } from './arena/arena.ts';
import type { Probe } from './arena/probe.ts';
import type { Backend } from './arena/router-rules.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';

/** Sets that rules fill while packets pass: what a later rule finds there is known beforehand. */
let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const [LEFT] = FAMILIES[4].left;

/** Through the router, of both protocols, and from it: each finds the sets as they were. */
const someProbes = (): readonly Probe[] => makeProbes(4).filter((_, at) => [0, 1, 6].includes(at));

/** `early` at prerouting and output, `late` wherever a probe comes to next. */
const nft = (sets: string, early: string, late: string): string => `table ip filled {
${sets}
  chain entering { type filter hook prerouting priority 0;
${early}
  }
  chain made { type filter hook output priority -1;
${early}
  }
${['input', 'forward', 'output']
  .map((hook) => `  chain ${hook} { type filter hook ${hook} priority 0;\n${late}\n  }`)
  .join('\n')}
}`;

const SET = 'set s { type ipv4_addr; flags dynamic; size 100; }';
const OLD = `set s { type ipv4_addr; flags dynamic; size 100; elements = { ${LEFT}, 10.9.9.9 }; }`;
const FULL = 'set s { type ipv4_addr; flags dynamic; size 1; elements = { 10.9.9.9 }; }';
const PORTS = 'set s { type ipv4_addr . inet_service; flags dynamic; size 100; }';

test.each([
  ['put in at one hook, found at the next', SET, 'add @s { ip saddr }', 'ip saddr @s drop'],
  ['by another address it is not found', SET, 'udp dport 80 add @s { ip saddr }', 'ip daddr @s drop'],
  ['taken out', OLD, 'delete @s { ip saddr }', 'ip saddr @s drop'],
  ['taken out by some', OLD, 'tcp dport 80 delete @s { ip saddr }', 'ip saddr @s drop'],
  ['taken out and put in again', OLD, 'delete @s { ip saddr }\nupdate @s { ip saddr }', 'ip saddr @s drop'],
  ['a rule whose set is full ends there', FULL, 'add @s { ip saddr } drop', 'udp dport 80 drop'],
  ['address and port', PORTS, 'add @s { ip daddr . udp dport }', 'ip daddr . udp dport @s drop'],
  ['a mark that only who is not in it gets', OLD, 'ip saddr != @s meta mark set 7', 'meta mark 7 drop'],
])('%s', async (_name, sets, early, late) => {
  const text = nft(sets, early, late);
  // What one probe leaves in a set, the next one would find there.
  for (const probe of someProbes()) {
    await arena.load('nft', 4, text);
    expect(await expectKernelAgrees(arena, [probe], text)).toBe(1);
  }
});

/** nft_set_elem_update_expr(): who looks an element up, or puts it in again, asks its limit too. */
test.each<[string, string, string, number]>([
  ['found', '', 'ip saddr @s drop', 1],
  ['found by a map', '', 'ip saddr vmap @m', 1],
  ['not to be found', '', 'ip saddr != @s drop', 3],
  ['put in again', '', 'update @s { ip saddr } drop', 1],
  ['taken out', '', 'delete @s { ip saddr } drop', 3],
  ['put in by a rule', 'add @t { ip saddr limit rate over 100/second } accept', 'ip saddr @t drop', 0],
])('an element with a limit of its own is %s', async (_name, early, late, certain) => {
  const sets = `set s { type ipv4_addr; flags dynamic; size 100; elements = { ${LEFT} limit rate over 100/second }; }
  map m { type ipv4_addr : verdict; flags dynamic; elements = { ${LEFT} limit rate over 100/second : drop }; }
  set t { type ipv4_addr; flags dynamic; size 100; }`;
  const text = nft(sets, early, late);
  await arena.load('nft', 4, text);
  expect(await expectKernelAgrees(arena, someProbes(), text)).toBe(certain);
});

const iptables = (early: string, late: string): string =>
  [
    '*mangle',
    ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map((chain) => `:${chain} ACCEPT [0:0]`),
    ...early.split('\n').flatMap((rule) => [`-A PREROUTING ${rule}`, `-A OUTPUT ${rule}`]),
    'COMMIT',
    '*filter',
    ...['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `:${chain} ACCEPT [0:0]`),
    ...['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `-A ${chain} ${late}`),
    'COMMIT',
    '',
  ].join('\n');

test.each<[string, Backend, string, string]>([
  ['hosts4 src', 'iptables-nft', '-j SET --add-set hosts4 src', '-m set --match-set hosts4 src -j DROP'],
  ['out', 'legacy', '-j SET --del-set hosts4 src', '-m set --match-set hosts4 src -j DROP'],
  ['a member', 'iptables-nft', '-j SET --del-set hosts4 src', '-m set --match-set list4 src -j DROP'],
  ['a pair', 'legacy', '-p tcp -j SET --add-set pairs4 dst,dst', '-m set --match-set pairs4 dst,dst -j DROP'],
  ['a network', 'legacy', '-j SET --add-set nets4 src', '-m set --match-set nets4 src -j DROP'],
  ['seen', 'legacy', '-m recent --name seen --set', '-m recent --name seen --rcheck -j DROP'],
  [
    'seen, gone',
    'iptables-nft',
    '-m recent --name seen --set\n-m recent --name seen --remove',
    '-m recent --name seen --rcheck -j DROP',
  ],
])('sets of iptables: %s (%s)', async (name, backend, early, late) => {
  const text = iptables(early, late);
  for (const probe of someProbes()) {
    await arena.load(backend, 4, text);
    await arena.net.run('router', 'ipset flush');
    await arena.net.run(
      'router',
      'ipset restore -exist',
      'add hosts4 10.1.0.1\nadd list4 hosts4\nadd list4 more4\n',
    );
    const certain = await expectKernelAgrees(arena, [probe], text);
    // A network is put in as wide as those that are there already; another member of a list may hold the same.
    if (name !== 'a network' && name !== 'a member') expect(certain).toBe(1);
  }
});
