import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';
import { iptablesAt } from './rules-at.ts';

/** Sets of networks, some of whose elements are exceptions (ipset(8), `nomatch`). */
const SETS = `create left hash:net
add left 10.1.0.0/16
add left 10.1.0.1 nomatch
create right hash:net
add right 10.2.0.0/24 nomatch
add right 10.2.0.2
create both list:set
add both left
add both right
create triples hash:ip,port,net
add triples 10.1.0.1,tcp:80,10.2.0.0/24
add triples 10.1.0.1,tcp:80,10.2.0.1 nomatch
add triples 10.1.0.2,tcp:81,10.0.0.0/8
create hosts hash:ip
add hosts 10.1.0.1
create mixed list:set
add mixed hosts
add mixed right
create by-device hash:net,iface
add by-device 10.1.0.0/16,r0
add by-device 10.1.0.0/24,r1
add by-device 10.2.0.0/24,r1
add by-device 10.2.0.2,r1 nomatch
create by-start hash:net,iface
add by-start 10.0.0.0/8,r wildcard
create six hash:net family inet6
add six fd01::/64
add six fd01::1 nomatch
`;

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
  await arena.net.run('router', 'ipset restore', SETS);
});
afterAll(() => arena[Symbol.asyncDispose]());

test.each<[string, 4 | 6, readonly string[]]>([
  ['an exception', 4, ['-m set --match-set left src --return-nomatch -j DROP']],
  ['no exception', 4, ['-p udp -m set ! --match-set left src --return-nomatch -j DROP']],
  ['an exception that others lie in', 4, ['-m set --match-set right dst --return-nomatch -j DROP']],
  [
    'both',
    4,
    ['-p tcp -m set --match-set left src -j DROP', '-m set --match-set left src --return-nomatch -j REJECT'],
  ],
  [
    'a list of sets with exceptions',
    4,
    ['-m set --match-set both src -p tcp -j DROP', '-m set --match-set both dst -j DROP'],
  ],
  [
    'exceptions of a list of sets',
    4,
    [
      '-p tcp -m set --match-set both src --return-nomatch -j DROP',
      '-p udp -m set --match-set both dst --return-nomatch -j DROP',
    ],
  ],
  ['addresses, ports and networks', 4, ['-m set --match-set triples src,dst,dst -j DROP']],
  ['exceptions of these', 4, ['-m set --match-set triples src,dst,dst --return-nomatch -j DROP']],
  ['a set that cannot have any', 4, ['-m set --match-set hosts src --return-nomatch -j DROP']],
  [
    'IPv6',
    6,
    [
      '-p tcp -m set --match-set six src --return-nomatch -j DROP',
      '-p udp -m set --match-set six src -j DROP',
    ],
  ],
  [
    'a network by one device hides a wider one by another',
    4,
    ['-m set --match-set by-device src,src -j DROP'],
  ],
  ['networks by devices', 4, ['-m set --match-set by-device dst,dst -j DROP']],
  ['exceptions by devices', 4, ['-m set --match-set by-device dst,dst --return-nomatch -j DROP']],
  ['the beginning of a name', 4, ['-m set --match-set by-start src,src -j DROP']],
  [
    'a list of other kinds',
    4,
    [
      '-p tcp -m set --match-set mixed src -j DROP',
      '-p udp -m set --match-set mixed dst --return-nomatch -j DROP',
    ],
  ],
])('%s (IPv%i)', async (_name, family, rules) => {
  const text = iptablesAt(rules);
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await arena.load(backend, family, text);
    const probes = makeProbes(family);
    expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
  }
});

/** list_set_kadd(): into the first of its sets. */
test('what a rule puts into a list of sets, or into one of them', async () => {
  await arena.net.run(
    'router',
    'ipset restore',
    'create a hash:ip\ncreate b hash:ip\ncreate ab list:set\nadd ab a\nadd ab b\n',
  );
  const text = iptablesAt([
    '-p tcp -j SET --add-set b src',
    '-p udp -m set --match-set ab src -j DROP',
    '-p tcp -m set --match-set ab src -j DROP',
  ]);
  await arena.load('legacy', 4, text);
  const probes = makeProbes(4).filter(({ protocol }) => protocol === 'tcp');
  expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
});
