import { expect, test } from 'vitest';
import { parseNftJson } from '../../../../diagnostics/collect/nftables.ts';
import { mayHideFamilies, readHiddenFamilies } from '../../../../diagnostics/collect/nftables/bytecode.ts';

/** What nft 1.0.6 prints of three rules that it lists alike: for IPv6, for IPv4, for both. */
const BYTECODE = `inet t c 2
  [ meta load nfproto => reg 1 ]
  [ cmp eq reg 1 0x0000000a ]
  [ meta load l4proto => reg 1 ]
  [ cmp eq reg 1 0x00000006 ]
  [ reject type 1 code 0 ]

inet t c 3 2
  [ meta load nfproto => reg 1 ]
  [ cmp eq reg 1 0x00000002 ]
  [ meta load l4proto => reg 1 ]
  [ cmp eq reg 1 0x00000006 ]
  [ reject type 1 code 0 ]

inet t c 4 3
  [ meta load l4proto => reg 1 ]
  [ cmp eq reg 1 0x00000006 ]
  [ reject type 1 code 0 ]

bridge b c 2
  [ meta load protocol => reg 1 ]
  [ cmp eq reg 1 0x0000dd86 ]
  [ reject type 1 code 0 ]
`;

test.each([
  ['inet', 't', 2, 'ipv6'],
  ['inet', 't', 3, 'ipv4'],
  ['inet', 't', 4, 'any'],
  ['inet', 't', 5, 'unknown'],
  ['bridge', 'b', 2, 'ipv6'],
] as const)('%s %s, handle %i: for %s', (family, table, handle, expected) => {
  expect(readHiddenFamilies(BYTECODE)({ family, table, chain: 'c', handle })).toBe(expected);
});

const listing = JSON.stringify({
  nftables: [
    { table: { family: 'inet', name: 't', handle: 1 } },
    {
      chain: {
        family: 'inet',
        table: 't',
        name: 'c',
        handle: 1,
        type: 'filter',
        hook: 'input',
        prio: 0,
        policy: 'accept',
      },
    },
    {
      rule: { family: 'inet', table: 't', chain: 'c', handle: 2, expr: [{ reject: { type: 'tcp reset' } }] },
    },
  ],
});

test('a reset that may be for one family only is a doubt where nobody can look', () => {
  expect(mayHideFamilies(listing)).toBe(true);
  const [looked, blind] = [BYTECODE, null].map((bytecode) =>
    parseNftJson(listing, '', bytecode).tables[0]?.chains[0]?.rules[0]?.parts.map(({ type }) => type),
  );
  expect(looked).not.toContain('unmodelled');
  expect(blind).toContain('unmodelled');
});
