import { describe, expect, it } from 'vitest';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import { corpusFiles } from '../../support/corpus.ts';

const files = corpusFiles('docker-rules/iptables');

describe.skipIf(files.length === 0)("Docker's own iptables rules (needs ../shared/corpus)", () => {
  it.each(files)('$name is understood to the last option', ({ name, text }) => {
    const family = name.includes('ip6tables') ? 'ip6' : 'ip';
    const { tables, unknowns, incompatible } = parseIptablesSave(text, { backend: 'iptables-nft', family });
    expect(unknowns).toEqual([]);
    expect(incompatible).toEqual([]);
    const rules = tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
    expect(rules.map((rule) => rule.text)).toHaveLength(text.match(/^-A /gm)?.length ?? 0);
    const unmodelled = rules.filter(({ parts }) => parts.some(({ type }) => type === 'unmodelled'));
    expect(unmodelled.map((rule) => rule.text)).toEqual([]);
  });
});
