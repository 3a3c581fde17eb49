import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import { parseNftJson } from '../../../diagnostics/collect/nftables.ts';
import type { Table } from '../../../diagnostics/model/ruleset.ts';
import { corpusFiles } from '../../support/corpus.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

const nftables = corpusFiles('docker-rules/nftables');
const iptables = corpusFiles('docker-rules/iptables');

let net: TestNetwork;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('router');
  await net.bridge('router/br-dummy');
});
afterAll(() => net.close());

const unmodelled = (tables: readonly Table[]): readonly string[] =>
  tables.flatMap(({ chains }) =>
    chains.flatMap(({ rules }) =>
      rules.filter(({ parts }) => parts.some(({ type }) => type === 'unmodelled')).map(({ text }) => text),
    ),
  );

describe.skipIf(nftables.length === 0)("Docker's own nftables rules (needs ../shared/corpus)", () => {
  test.each(nftables)('$name is understood to the last expression', async ({ text }) => {
    // nft 1.0.6 knows the name `dstnat` in prerouting only.
    const loadable = text.replace('hook output priority dstnat', 'hook output priority -100');
    await net.run('router', 'nft flush ruleset');
    await net.run('router', 'nft -f -', loadable);
    const listing = await net.run('router', 'nft -a list ruleset');
    const { tables, unknowns } = parseNftJson(await net.run('router', 'nft -j list ruleset'), listing);
    expect(unknowns).toEqual([]);
    expect(unmodelled(tables)).toEqual([]);
    const rules = tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
    const listed = [...listing.matchAll(/^\t\t(.*) # handle \d+$/gm)].map(([, rule]) =>
      rule?.replace(/counter packets \d+ bytes \d+/, 'counter'),
    );
    expect(rules.map((rule) => rule.text).toSorted()).toEqual(listed.toSorted());
  });
});

describe.skipIf(iptables.length === 0)("Docker's own iptables rules (needs ../shared/corpus)", () => {
  test.each(iptables.filter((_, index) => index % 7 === 0))(
    '$name comes out of the kernel as it went in',
    async ({ name, text }) => {
      const tool = name.includes('ip6tables') ? 'ip6tables' : 'iptables';
      const family = tool === 'iptables' ? 'ip' : 'ip6';
      await net.run('router', 'nft flush ruleset');
      await net.run('router', `${tool}-nft-restore`, text);
      const parsed = parseIptablesSave(await net.run('router', `${tool}-nft-save`), {
        backend: 'iptables-nft',
        family,
      });
      const written = parseIptablesSave(text, { backend: 'iptables-nft', family });
      const chains = (tables: readonly Table[]): readonly string[] =>
        tables
          .flatMap((table) =>
            table.chains.map(({ name: chain, base, rules }) =>
              JSON.stringify([table.name, chain, base ?? null, rules]),
            ),
          )
          .toSorted();
      expect(chains(parsed.tables)).toEqual(chains(written.tables));
    },
  );
});
