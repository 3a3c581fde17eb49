import { describe, expect, it } from 'vitest';
import { parseBoundQueues, parsePolicyCount } from '../../../../diagnostics/collect/ruleset-surroundings.ts';
import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { filter, hookInput } from '../../../support/hook-input.ts';

const verdicts = (rule: string, more: Partial<Ruleset>): readonly string[] =>
  runHook({ ...filter(`-A FORWARD ${rule}`), ...more }, 'forward', hookInput())
    .map(({ verdict }) => verdict)
    .toSorted();

const BOUND = `    5   4711     0 2 65531     0     0        0  1
`;

describe('a rule that hands packets to a program', () => {
  const boundQueues = parseBoundQueues(BOUND);

  it('decides by the program where one reads the queue', () => {
    expect(verdicts('-j NFQUEUE --queue-num 5', { boundQueues })).toEqual(['accept', 'drop']);
    expect(verdicts('-j NFQUEUE --queue-balance 4:6', { boundQueues })).toEqual(['accept', 'drop']);
  });

  it('drops where none does', () => {
    expect(verdicts('-j NFQUEUE --queue-num 6', { boundQueues })).toEqual(['drop']);
    expect(verdicts('-j NFQUEUE', { boundQueues: [] })).toEqual(['drop']);
  });

  it('goes by where none does and the rule says so', () => {
    expect(verdicts('-j NFQUEUE --queue-num 6 --queue-bypass', { boundQueues })).toEqual(['accept']);
  });

  it('may do either where nobody looked', () => {
    expect(verdicts('-j NFQUEUE --queue-num 6', {})).toEqual(['accept', 'drop']);
  });
});

describe('a rule that asks about IPsec', () => {
  it('is certain where there is no policy', () => {
    const ipsecPolicies = parsePolicyCount(' SPD IN  0 OUT 0 FWD 0 (Sock: IN 0 OUT 0 FWD 0)\n') ?? true;
    expect(ipsecPolicies).toBe(false);
    expect(verdicts('-m policy --dir in --pol none -j DROP', { ipsecPolicies })).toEqual(['drop']);
    expect(verdicts('-m policy --dir in --pol ipsec -j DROP', { ipsecPolicies })).toEqual(['accept']);
  });

  it('is a guess where there is one', () => {
    const ipsecPolicies = parsePolicyCount(' SPD IN  1 OUT 1 FWD 1\n') ?? false;
    expect(verdicts('-m policy --dir in --pol ipsec -j DROP', { ipsecPolicies })).toHaveLength(2);
  });
});
