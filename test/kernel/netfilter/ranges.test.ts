import { afterAll, beforeAll, test } from 'vitest';
import { FAMILIES } from './arena/addresses.ts';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectCertain } from './compare.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const WIDE = { 4: '10.2.0.20-10.2.7.250', 6: 'fd02::100-fd02:0:0:7:1:2:3:4' } as const;

/** Which address of a range a connection gets is a hash of its own two: with two thousand of them no guess would be right. */
test.each([
  [4, ''],
  [4, 'persistent'],
  [6, ''],
  [6, 'persistent'],
] as const)(
  'the address of a range that the kernel takes is known beforehand: IPv%i %s',
  async (family, how) => {
    const backends = `${FAMILIES[family].right[0]}-${FAMILIES[family].right[2]}`;
    const option = how === '' ? '' : `--${how}`;
    const iptables = [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      `-A PREROUTING -i r0 ! -d ${FAMILIES[family].in} -j DNAT --to-destination ${backends} ${option}`,
      `-A POSTROUTING -o r1 -j SNAT --to-source ${WIDE[family]} ${option}`,
      'COMMIT',
      '',
    ].join('\n');
    const word = family === 4 ? 'ip' : 'ip6';
    const nft = `table ${word} pool {
  chain pre { type nat hook prerouting priority dstnat;
    iifname r0 ${word} daddr != ${FAMILIES[family].in} dnat to ${backends} ${how}
  }
  chain post { type nat hook postrouting priority srcnat;
    oifname r1 snat to ${WIDE[family]} ${how}
  }
}`;
    for (const [backend, text] of [
      ['iptables-nft', iptables],
      ['legacy', iptables],
      ['nft', nft],
    ] as const) {
      await expectCertain(arena, backend, family, text);
    }
  },
);
