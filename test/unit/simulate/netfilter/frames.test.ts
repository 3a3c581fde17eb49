import { describe, expect, test } from 'vitest';
import { parseEbtablesSave } from '../../../../diagnostics/collect/ebtables-save.ts';
import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import type { HookInput } from '../../../../diagnostics/simulate/netfilter/types.ts';
import { hookInput } from '../../../support/hook-input.ts';

/** A table of ebtables with one chain of rules, as ebtables-save writes them. */
const rulesOf = (...lines: readonly string[]): Ruleset => {
  const saved = parseEbtablesSave(
    ['*filter', ':FORWARD ACCEPT', ...lines.map((line) => `-A FORWARD ${line}`)].join('\n'),
  );
  const rules = (saved.get('filter FORWARD') ?? []).map(({ text, read }, index) => ({
    text,
    number: index + 1,
    parts: read(),
  }));
  const base = { type: 'filter', hook: 'forward', priority: -200, policy: 'accept' } as const;
  const chains = [{ name: 'FORWARD', base, rules }];
  return { tables: [{ backend: 'nft', family: 'bridge', name: 'filter', chains, sets: [] }], unknowns: [] };
};

const frame = (more: Partial<HookInput> = {}): HookInput => ({
  ...hookInput(),
  layer: 'bridge',
  inDev: 'v1',
  outDev: 'v2',
  ...more,
});

/** The kernel of the tests has no VLAN devices. */
describe('frames with a VLAN tag', () => {
  test.each<readonly [string, 'accept' | 'drop', 'accept' | 'drop']>([
    ['-p 802_1Q -j DROP', 'drop', 'accept'],
    ['-p 802_1Q --vlan-id 5 -j DROP', 'drop', 'accept'],
    ['-p 802_1Q --vlan-id 6 -j DROP', 'accept', 'accept'],
    ['-p 802_1Q --vlan-id ! 6 -j DROP', 'drop', 'accept'],
    ['-p 802_1Q --vlan-prio 0 -j DROP', 'drop', 'accept'],
    ['-p 802_1Q --vlan-encap 0800 -j DROP', 'drop', 'accept'],
    ['-p 802_1Q --vlan-encap 0806 -j DROP', 'accept', 'accept'],
    // ebt_basic_match(): of a frame with a tag the tag is asked.
    ['-p IPv4 -j DROP', 'accept', 'drop'],
  ])('%s: %s with tag 5, %s without', (rule, tagged, untagged) => {
    expect(runHook(rulesOf(rule), 'forward', frame({ vlan: 5 }))).toMatchObject([
      { verdict: tagged, certain: true },
    ]);
    expect(runHook(rulesOf(rule), 'forward', frame())).toMatchObject([{ verdict: untagged, certain: true }]);
  });
});
