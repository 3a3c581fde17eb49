import { describe, expect, it } from 'vitest';
import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { filter, hookInput, iptables, together } from '../../../support/hook-input.ts';

/** The verdicts of a hook, with `?` where the outcome is uncertain. */
const verdicts = (
  ruleset: Ruleset,
  input = hookInput(),
  hook: 'forward' | 'prerouting' = 'forward',
): readonly string[] =>
  runHook(ruleset, hook, input).map(({ verdict, certain }) => (certain ? verdict : `${verdict}?`));

const mangle = (...lines: readonly string[]): Ruleset =>
  iptables(['*mangle', ':PREROUTING ACCEPT [0:0]', ':FORWARD ACCEPT [0:0]', ...lines, 'COMMIT'].join('\n'));

describe('chains', () => {
  it('nothing to say: the packet passes', () => {
    expect(verdicts({ tables: [], unknowns: [] })).toEqual(['accept']);
  });

  it('a policy decides where no rule does', () => {
    const ruleset = filter(':FORWARD DROP [0:0]', '-A FORWARD -s 1.1.1.1 -j ACCEPT');
    const [outcome] = runHook(ruleset, 'forward', hookInput());
    expect(outcome?.verdict).toBe('drop');
    expect(outcome?.steps).toMatchObject([
      { kind: 'filter', verdict: 'drop', decidedBy: { chain: 'FORWARD', rule: null } },
    ]);
  });

  it('the deciding rule is named with its chain and number', () => {
    const ruleset = filter(':C - [0:0]', '-A FORWARD -j C', '-A C -s 1.1.1.1 -j ACCEPT', '-A C -j DROP');
    const [outcome] = runHook(ruleset, 'forward', hookInput());
    expect(outcome?.steps).toMatchObject([
      {
        decidedBy: {
          table: 'filter',
          baseChain: 'FORWARD',
          chain: 'C',
          rule: { text: '-A C -j DROP', number: 2 },
        },
      },
    ]);
  });

  it('a chain that ends or returns gives the packet back to the next rule', () => {
    expect(
      verdicts(
        filter(':C - [0:0]', '-A FORWARD -j C', '-A FORWARD -j DROP', '-A C -j RETURN', '-A C -j ACCEPT'),
      ),
    ).toEqual(['drop']);
  });

  it('a chain gone to does not come back to where it was gone from', () => {
    const lines = [
      ':C - [0:0]',
      ':D - [0:0]',
      '-A FORWARD -j C',
      '-A FORWARD -j DROP',
      '-A C -g D',
      '-A C -j ACCEPT',
      '-A D -s 1.1.1.1 -j ACCEPT',
    ];
    expect(verdicts(filter(...lines))).toEqual(['drop']);
  });

  it('a return in a base chain is its policy', () => {
    expect(verdicts(filter(':FORWARD DROP [0:0]', '-A FORWARD -j RETURN', '-A FORWARD -j ACCEPT'))).toEqual([
      'drop',
    ]);
  });

  it('accepting ends one table, not the hook', () => {
    expect(verdicts(together(filter('-A FORWARD -j DROP'), mangle('-A FORWARD -j ACCEPT')))).toEqual([
      'drop',
    ]);
  });

  it('tables run by priority: a mark of mangle is seen by filter', () => {
    const ruleset = together(
      filter('-A FORWARD -m mark --mark 0x1 -j DROP'),
      mangle('-A FORWARD -j MARK --set-xmark 0x1/0xffffffff'),
    );
    expect(verdicts(ruleset)).toEqual(['drop']);
  });

  it('where equals of one priority would differ, both outcomes stay possible', () => {
    const marking = mangle('-A FORWARD -j MARK --set-xmark 0x1/0xffffffff');
    const reading = mangle('-A FORWARD -m mark --mark 0x1 -j DROP');
    expect([...verdicts(together(marking, reading))].sort()).toEqual(['accept?', 'drop?']);
  });

  it('where equals of one priority agree, their order does not matter', () => {
    expect(
      verdicts(together(filter('-A FORWARD -s 10.0.0.1 -j ACCEPT'), filter('-A FORWARD -j DROP'))),
    ).toEqual(['drop']);
  });

  it.each([
    ['-A FORWARD -j REJECT --reject-with icmp-host-prohibited', 'icmp-host-prohibited'],
    ['-A FORWARD -p tcp -j REJECT --reject-with tcp-reset', 'tcp-reset'],
    ['-A FORWARD -j REJECT', 'icmp-port-unreachable'],
  ])('%s answers', (rule, answer) => {
    expect(runHook(filter(rule), 'forward', hookInput())).toMatchObject([{ verdict: 'reject', answer }]);
  });

  it('a queue leaves it to a program', () => {
    expect([...verdicts(filter('-A FORWARD -j NFQUEUE --queue-num 0'))].sort()).toEqual(['accept?', 'drop?']);
  });

  it('IPv6 rules are not asked about IPv4 packets', () => {
    const ruleset = iptables('*filter\n:FORWARD DROP [0:0]\nCOMMIT\n', 'ip6');
    expect(verdicts(ruleset)).toEqual(['accept']);
    const packet = { family: 6, source: 'fd00::1', destination: 'fd01::1' } as const;
    expect(verdicts(ruleset, hookInput(packet))).toEqual(['drop']);
  });
});

describe('what cannot be known', () => {
  it('does not matter where both ways lead to the same end', () => {
    const lines = [
      '-A FORWARD -m limit --limit 5/min -j LOG --log-prefix "x "',
      '-A FORWARD -m limit --limit 1/s -j DROP',
      '-A FORWARD -j DROP',
    ];
    expect(verdicts(filter(...lines))).toEqual(['drop']);
  });

  it('is named where it matters', () => {
    const outcomes = runHook(
      filter('-A FORWARD -m limit --limit 1/s -j ACCEPT', '-A FORWARD -j DROP'),
      'forward',
      hookInput(),
    );
    expect(outcomes.map(({ verdict }) => verdict).sort()).toEqual(['accept', 'drop']);
    for (const { doubts, certain } of outcomes) {
      expect(certain).toBe(false);
      expect(doubts).toEqual([expect.stringContaining('-m limit --limit 1/s')]);
    }
  });

  it('a log limit that does not matter is not among the doubts of a limit that does', () => {
    const lines = [
      '-A FORWARD -m limit --limit 5/min -j LOG',
      '-A FORWARD -m limit --limit 1/s -j ACCEPT',
      '-A FORWARD -j DROP',
    ];
    for (const { doubts } of runHook(filter(...lines), 'forward', hookInput()))
      expect(doubts.join()).not.toContain('5/min');
  });

  it('a part of the listing that was not understood makes every answer uncertain', () => {
    expect(verdicts({ ...filter('-A FORWARD -j DROP'), unknowns: ['something'] })).toEqual(['drop?']);
  });

  it('too many possibilities end in one uncertain outcome', () => {
    const lines = Array.from(
      { length: 8 },
      (_, bit) => `-A FORWARD -m limit --limit 1/s -j MARK --set-xmark ${1 << bit}/${1 << bit}`,
    );
    const outcomes = runHook(filter(...lines), 'forward', hookInput());
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]?.certain).toBe(false);
  });

  it('a loop, which the kernel would refuse, ends', () => {
    const outcomes = runHook(filter(':C - [0:0]', '-A FORWARD -j C', '-A C -j C'), 'forward', hookInput());
    expect(outcomes.every(({ certain }) => !certain)).toBe(true);
  });
});

describe('a ruleset of a newer version', () => {
  it.each([
    { type: 'invented' },
    {
      type: 'compare',
      fields: ['invented'],
      negate: false,
      values: { type: 'inline', tuples: [[{ type: 'number', value: 1 }]] },
    },
  ])('is uncertain where it says $type', (part) => {
    const ruleset = filter('-A FORWARD -j DROP');
    const changed = JSON.parse(
      JSON.stringify(ruleset).replace('"parts":[', `"parts":[${JSON.stringify(part)},`),
    ) as Ruleset;
    expect([...new Set(verdicts(changed))].sort()).toEqual(['accept?', 'drop?']);
  });
});
