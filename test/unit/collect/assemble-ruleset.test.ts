import { describe, expect, it } from 'vitest';
import { assembleRuleset } from '../../../diagnostics/collect/assemble-ruleset.ts';

const save = (...lines: readonly string[]): string =>
  [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...lines,
    'COMMIT',
  ].join('\n');

interface NftRule {
  readonly expr: readonly unknown[];
}

/** Table `ip filter` with a forward chain, as nft's JSON; handles count from 10. */
const nft = (rules: readonly NftRule[], ...more: readonly unknown[]): { json: string; text: string } => {
  const where = { family: 'ip', table: 'filter' };
  const chain = { ...where, name: 'FORWARD', type: 'filter', hook: 'forward', prio: 0, policy: 'accept' };
  const objects = [
    { table: { family: 'ip', name: 'filter' } },
    { chain },
    ...rules.map((rule, index) => ({ rule: { ...where, chain: 'FORWARD', handle: 10 + index, ...rule } })),
    ...more,
  ];
  return { json: JSON.stringify({ nftables: objects }), text: '' };
};

const saddr = {
  match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '1.2.3.4' },
};
const xt = { xt: { type: 'match', name: 'comment' } };
const drop = { drop: null };

describe('a table of iptables-nft', () => {
  it('comes once, with rules as iptables writes them', () => {
    const { tables, unknowns } = assembleRuleset({
      compat: { ip: save('-A FORWARD -s 1.2.3.4/32 -m comment --comment hi -j DROP') },
      nft: nft([{ expr: [saddr, xt, { counter: { packets: 3, bytes: 9 } }, drop] }]),
    });
    expect(unknowns).toEqual([]);
    expect(tables.map(({ backend, name }) => [backend, name])).toEqual([['iptables-nft', 'filter']]);
    expect(tables[0]?.chains[0]?.rules).toMatchObject([
      {
        text: '-A FORWARD -s 1.2.3.4/32 -m comment --comment hi -j DROP',
        handle: 10,
        comment: 'hi',
        parts: [{ type: 'compare' }, { type: 'verdict' }],
      },
    ]);
  });

  it('keeps a set lookup that iptables-nft-save does not write', () => {
    const lookup = {
      match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@s' },
    };
    const { tables } = assembleRuleset({
      compat: { ip: save('-A FORWARD -j DROP') },
      nft: nft([{ expr: [lookup, drop] }], {
        set: { family: 'ip', table: 'filter', name: 's', type: 'ipv4_addr' },
      }),
    });
    expect(tables[0]?.chains[0]?.rules[0]?.parts).toContainEqual(
      expect.objectContaining({ type: 'compare', values: { type: 'set', name: 's' } }),
    );
  });

  it.each([
    "# Table `filter' is incompatible, use 'nft' tool.",
    "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.",
  ])('keeps the rules of a table that iptables-nft-save leaves out: %s', (warning) => {
    const { tables } = assembleRuleset({ compat: { ip: warning }, nft: nft([{ expr: [saddr, drop] }]) });
    expect(tables).toMatchObject([{ backend: 'nft', name: 'filter', chains: [{ rules: [{ number: 1 }] }] }]);
  });

  it('of which only nft was read has extensions that are not modelled', () => {
    const { tables } = assembleRuleset({ nft: nft([{ expr: [saddr, xt, drop] }]) });
    expect(tables[0]?.chains[0]?.rules[0]?.parts.map(({ type }) => type)).toContain('unmodelled');
  });

  it('of which only iptables-nft-save was read is taken as that says, and what it left out is named', () => {
    const { tables, unknowns } = assembleRuleset({
      compat: { ip: save('-A FORWARD -j DROP'), ip6: "# Table `nat' is incompatible, use 'nft' tool." },
    });
    expect(tables.map(({ name }) => name)).toEqual(['filter']);
    expect(unknowns).toEqual(['table ip6 nat holds rules that only nft can list']);
  });
});

it('legacy tables stand beside those of nft', () => {
  const { tables } = assembleRuleset({
    compat: { ip: save() },
    nft: nft([]),
    legacy: { ip: save('-A FORWARD -j DROP') },
  });
  expect(tables.map(({ backend }) => backend)).toEqual(['iptables-nft', 'legacy']);
});
