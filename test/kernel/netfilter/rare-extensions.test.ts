import { afterAll, beforeAll, expect, test } from 'vitest';
import { translatedPrefix } from '../../../diagnostics/simulate/netfilter/prefix-translation.ts';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const CHAINS = {
  raw: ['PREROUTING'],
  mangle: ['PREROUTING', 'OUTPUT'],
  leaving: ['POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;

type Place = keyof typeof CHAINS;

const table = (place: Place, rules: readonly string[]): readonly string[] => [
  `*${place === 'leaving' ? 'mangle' : place}`,
  ...CHAINS[place].map((chain) => `:${chain} ACCEPT [0:0]`),
  ...CHAINS[place].flatMap((chain) => rules.map((rule) => `-A ${chain} ${rule}`)),
  'COMMIT',
];

async function expectCertain(family: 4 | 6, tables: readonly (readonly string[])[]): Promise<void> {
  const text = [...tables.flat(), ''].join('\n');
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await arena.load(backend, family, text);
    const probes = makeProbes(family);
    expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
  }
}

/** connmark_tg_shift() of xt_connmark.c: the bits are moved after they were set, or before they are copied. */
test.each<[string, readonly string[], readonly string[]]>([
  [
    'what is set is moved',
    ['-j CONNMARK --set-xmark 0x3/0xff --left-shift-mark 4'],
    ['-p tcp -m connmark --mark 0x30 -j DROP'],
  ],
  [
    'to the right',
    ['-j CONNMARK --set-mark 0x30', '-j CONNMARK --set-xmark 0x1/0x0 --right-shift-mark 4'],
    ['-m connmark --mark 0x3 -j DROP'],
  ],
  [
    'what is restored is moved',
    [
      '-j MARK --set-mark 0x5',
      '-j CONNMARK --set-mark 0x73',
      '-j CONNMARK --restore-mark --nfmask 0xff0 --ctmask 0xf0 --right-shift-mark 4',
    ],
    ['-m mark --mark 0x2 -j DROP'],
  ],
  [
    'what is saved is moved',
    ['-j MARK --set-mark 0x5', '-j CONNMARK --save-mark --left-shift-mark 8'],
    ['-p udp -m connmark --mark 0x500 -j DROP'],
  ],
])('a mark of a connection: %s', async (_name, early, late) => {
  await expectCertain(4, [table('mangle', early), table('filter', late)]);
});

/** xt_cluster_mt(): by the source of the connection's first packet. */
test.each<[string, 4 | 6, readonly string[]]>([
  [
    'one of two',
    4,
    ['-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef -j DROP'],
  ],
  [
    'not one of three',
    4,
    ['-m cluster --cluster-total-nodes 3 ! --cluster-local-node 2 --cluster-hash-seed 7 -j DROP'],
  ],
  [
    'two of four',
    4,
    ['-m cluster --cluster-total-nodes 4 --cluster-local-nodemask 5 --cluster-hash-seed 7 -j DROP'],
  ],
  [
    'one of two',
    6,
    ['-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef -j DROP'],
  ],
])('a cluster: %s (IPv%i)', async (_name, family, rules) => {
  await expectCertain(family, [table('mangle', rules)]);
});

/** recent_mt(): a network stands for its hosts. */
test.each<[string, readonly string[]]>([
  [
    'whole networks',
    [
      '-m recent --name nets --mask 255.255.255.0 --set',
      '-m recent --name nets --mask 255.255.255.0 --rcheck -j DROP',
    ],
  ],
  ['not yet', ['-m recent --name nets --mask 255.255.0.0 ! --rcheck -j DROP']],
])('a list of addresses: %s', async (_name, rules) => {
  const text = [...table('filter', rules), ''].join('\n');
  for (const backend of ['iptables-nft', 'legacy'] as const)
    for (const probe of makeProbes(4)) {
      await arena.load(backend, 4, text);
      expect(await expectKernelAgrees(arena, [probe], text)).toBe(1);
    }
});

/** recent_mt_check(): the first rule that asks for a list says what stands in it, and which was the first no listing tells. */
test('a list of addresses: of two masks one counts', async () => {
  const rules = [
    '-m recent --name both --mask 255.255.255.0 --set',
    '-m recent --name both --rcheck -j DROP',
  ];
  const text = [...table('filter', rules), ''].join('\n');
  for (const probe of makeProbes(4)) {
    await arena.load('legacy', 4, text);
    expect(await expectKernelAgrees(arena, [probe], text)).toBe(0);
  }
});

test.each<[string, 4 | 6, readonly string[]]>([
  [
    'a way back',
    4,
    ['-m rpfilter --accept-local --invert -j DROP', '-p tcp -m rpfilter --accept-local -j DROP'],
  ],
  [
    'any way back',
    4,
    [
      '-m rpfilter --loose --accept-local --invert -j DROP',
      '-p tcp -m rpfilter --loose --accept-local -j DROP',
    ],
  ],
  [
    'a way back',
    6,
    ['-m rpfilter --accept-local --validmark --invert -j DROP', '-p udp -m rpfilter --accept-local -j DROP'],
  ],
])('from its own addresses too: %s (IPv%i)', async (_name, family, rules) => {
  await expectCertain(family, [table('raw', rules)]);
});

/** match_type6() of xt_addrtype.c. */
test.each<[readonly string[]]>([
  [['-m addrtype --dst-type ANYCAST -j DROP']],
  [['-p tcp -m addrtype ! --dst-type ANYCAST -j DROP']],
  [['-p udp -m addrtype --dst-type LOCAL,ANYCAST -j DROP']],
])('addresses of IPv6: %s', async (rules) => {
  await expectCertain(6, [table('filter', rules)]);
});

/** nft_fib4_eval(): the device that it came in by, where the way back is there. */
test.each<[string, 4 | 6, readonly string[]]>([
  ['by its name', 4, ['fib saddr . iif oifname "r0" tcp dport 80 drop', 'fib saddr . iif oifname "r1" drop']],
  ['another', 4, ['fib saddr . iif oifname != "r0" drop']],
  [
    'in a set',
    6,
    ['fib saddr . iif oifname { "r1", "lo" } drop', 'fib saddr . mark . iif oifname "r*" udp dport 80 drop'],
  ],
  ['by its number', 4, ['fib saddr . iif oif "r0" udp dport 80 drop']],
])('a way back: %s (IPv%i)', async (_name, family, rules) => {
  const text = `table inet t { chain p { type filter hook prerouting priority 0;\n${rules.join('\n')}\n}\n}`;
  await arena.load('nft', family, text);
  const probes = makeProbes(family);
  expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
});

/** ip6t_npt_map_pfx(): the sum over the address stays what it was. */
test.each<[string, Place, readonly string[]]>([
  ['its source', 'leaving', ['-j SNPT --src-pfx fd01::/64 --dst-pfx fd77:1:2:3::/64']],
  ['a short prefix', 'leaving', ['-j SNPT --src-pfx fd01::/48 --dst-pfx fd77:1:2::/48']],
  ['of two lengths', 'leaving', ['-j SNPT --src-pfx fd01::/40 --dst-pfx fd77:1:2:ff00::/56']],
  ['some', 'leaving', ['-s fd01::2 -p tcp -j SNPT --src-pfx fd01::/64 --dst-pfx fd77::/64']],
])('a prefix is translated: %s', async (_name, place, rules) => {
  await expectCertain(6, [table(place, rules)]);
});

test('a prefix is translated: its destination', async () => {
  const [from, to] = [
    { address: 'fd77:1::', length: 64 },
    { address: 'fd02::', length: 64 },
  ];
  const text = [
    ...table('raw', ['-d fd77:1::/64 -p udp -j ACCEPT']),
    ...table('mangle', ['-d fd77:1::/64 -j DNPT --src-pfx fd77:1::/64 --dst-pfx fd02::/64']),
    '',
  ].join('\n');
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await arena.load(backend, 6, text);
    const probes = makeProbes(6)
      .filter(({ from: side, destination }) => side === 'left' && destination.startsWith('fd02::'))
      .map((probe) => ({ ...probe, destination: translatedPrefix(probe.destination, to, from) ?? '' }));
    expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
  }
});
