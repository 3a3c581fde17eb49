import { describe, expect, it } from 'vitest';
import { compare, NEVER } from '../../../../diagnostics/collect/iptables/values.ts';
import { parseIptablesSave } from '../../../../diagnostics/collect/iptables-save.ts';
import { lazyRule, mayMention } from '../../../../diagnostics/model/lazy-rule.ts';
import type { Rule, RulePart } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { hookInput } from '../../../support/hook-input.ts';

const DROP: RulePart = { type: 'verdict', verdict: { type: 'drop' } };

/** A rule of these pieces, and which of them were read. */
function watched(pieces: readonly (readonly RulePart[])[]): { readonly rule: Rule; readonly read: number[] } {
  const read: number[] = [];
  const rule = lazyRule(
    { text: 'rule', number: 1 },
    {
      piece(at) {
        const piece = pieces[at];
        if (piece) read.push(at);
        return piece ?? null;
      },
      mentions: new Set(['zones']),
    },
  );
  return { rule, read };
}

const verdictOf = (...rules: readonly Rule[]): string | undefined =>
  runHook(
    {
      tables: [
        {
          ...{ backend: 'nft', family: 'ip', name: 'x', sets: [] },
          chains: [
            { name: 'c', base: { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' }, rules },
          ],
        },
      ],
      unknowns: [],
    },
    'forward',
    hookInput(),
  )[0]?.verdict;

describe('a rule that was not read yet', () => {
  it('is read no further than a packet comes in it', () => {
    const { rule, read } = watched([[NEVER], [DROP]]);
    expect(verdictOf(rule)).toBe('accept');
    expect(read).toEqual([0]);
  });

  it('is read to its end where the packet does', () => {
    const { rule, read } = watched([[compare('l4proto', [{ type: 'number', value: 6 }])], [], [DROP]]);
    expect(verdictOf(rule)).toBe('drop');
    expect(read).toEqual([0, 1, 2]);
  });

  it('is a rule like any other where it is copied or written down', () => {
    const { rule } = watched([[NEVER], [DROP]]);
    const whole = { text: 'rule', number: 1, parts: [NEVER, DROP] };
    expect({ ...rule }).toEqual(whole);
    expect(JSON.parse(JSON.stringify(rule))).toEqual(whole);
  });

  it('says what it cannot be about, which nobody knows of a copy', () => {
    const { rule } = watched([[DROP]]);
    expect(mayMention(rule, 'zones')).toBe(true);
    expect(mayMention(rule, 'sockets')).toBe(false);
    expect(mayMention({ ...rule }, 'sockets')).toBe(true);
  });
});

describe('a line of iptables', () => {
  const partsOf = (options: string): readonly RulePart[] =>
    parseIptablesSave(`*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD ${options}\nCOMMIT\n`, {
      backend: 'legacy',
      family: 'ip',
    }).tables[0]?.chains[0]?.rules[0]?.parts ?? [];

  it.each([
    ['! -s 10.0.0.1/32 -d 10.0.0.2/32 -j DROP', ['saddr', 'daddr']],
    ['-s ! 10.0.0.1 -i eth0 -j DROP', ['saddr', 'iif']],
    ['-o eth0 -p tcp -j DROP', ['oif', 'l4proto']],
    ['-p tcp -d 10.0.0.2/32 -j DROP', ['l4proto', 'daddr']],
  ])('%s has every option once, in its order', (options, expected) => {
    const parts = partsOf(options);
    expect(parts.flatMap((part) => (part.type === 'compare' ? part.fields : []))).toEqual(expected);
    expect(parts.at(-1)).toEqual(DROP);
  });
});
