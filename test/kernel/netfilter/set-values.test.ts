import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAMILIES } from './arena/addresses.ts';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';

/** Sets of ipset whose elements give the packet something, or are widened before they are looked up. */
const [LEFT, OTHER] = FAMILIES[4].left;
const SETS = `create given hash:net skbinfo
add given 10.0.0.0/8 skbmark 0x30/0xf0 skbprio 2:3
add given 10.1.0.0/24 skbmark 0x5 skbprio 1:a
add given ${OTHER} skbprio 0:7
create given-out hash:ip,port skbinfo
add given-out 10.2.0.2,tcp:80 skbmark 0x9/0xf
create widened hash:ip netmask 24
add widened 10.1.0.77
create widened-ports hash:ip,port netmask 31
add widened-ports ${LEFT},udp:80
`;

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
  await arena.net.run('router', 'ipset restore', SETS);
});
afterAll(() => arena[Symbol.asyncDispose]());

const rules = (early: readonly string[], late: readonly string[]): string =>
  [
    '*mangle',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...early.flatMap((rule) => [`-A FORWARD ${rule}`, `-A OUTPUT ${rule}`]),
    'COMMIT',
    '*filter',
    ...['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `:${chain} ACCEPT [0:0]`),
    ...late.flatMap((rule) => ['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `-A ${chain} ${rule}`)),
    'COMMIT',
    '',
  ].join('\n');

test.each<[string, readonly string[], readonly string[]]>([
  [
    'a mark, of the narrowest element',
    ['-j SET --map-set given src --map-mark'],
    ['-m mark --mark 0x5 -p tcp -j DROP', '-m mark --mark 0x30/0xf0 -j DROP'],
  ],
  [
    'bits of a mark',
    ['-j MARK --set-mark 0xff', '-j SET --map-set given dst --map-mark'],
    ['-m mark --mark 0x3f -p udp -j DROP', '-m mark ! --mark 0x3f -j REJECT'],
  ],
  [
    'nothing, where it is not in the set',
    ['-j MARK --set-mark 0x10', '-j SET --map-set given-out dst,dst --map-mark'],
    ['-m mark --mark 0x19 -j DROP', '-m mark --mark 0x10 -p udp -j DROP'],
  ],
  [
    'a class of queues, which changes no mark',
    ['-j SET --map-set given src --map-prio'],
    ['-m mark ! --mark 0 -j DROP'],
  ],
])('a set gives %s', async (_name, early, late) => {
  const text = rules(early, late);
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await arena.load(backend, 4, text);
    const probes = makeProbes(4);
    expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
  }
});

test('a set gives a class of queues', async () => {
  const text = rules(['-j SET --map-set given src --map-prio'], []);
  const asked = `table ip t { chain f { type filter hook forward priority 10;
meta priority 1:a tcp dport 80 drop
meta priority 0:7 drop
}
}`;
  await arena.load('legacy', 4, text);
  await arena.net.run('router', 'nft -f -', asked);
  const probes = makeProbes(4);
  expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
});

test.each([
  [
    'addresses',
    ['-m set --match-set widened src -p tcp -j DROP', '-m set ! --match-set widened src -j REJECT'],
  ],
  ['addresses with ports', ['-m set --match-set widened-ports src,dst -j DROP']],
])('a set holds widened %s', async (_name, late) => {
  const text = rules([], late);
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await arena.load(backend, 4, text);
    const probes = makeProbes(4);
    expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
  }
});
