import { describe, expect, test } from 'vitest';
import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { filter, hookInput } from '../../../support/hook-input.ts';

/** A Monday. */
const at = (time: string): number => Date.parse(`2026-06-01T${time}Z`) / 1000;
const verdict = (rule: string, clock?: number) => {
  const ruleset: Ruleset = {
    ...filter(`-A FORWARD -m time ${rule} -j DROP`),
    ...(clock !== undefined && { clock }),
  };
  return runHook(ruleset, 'forward', hookInput()).map((outcome) => [outcome.verdict, outcome.certain]);
};

describe('rules that ask for the time', () => {
  test.each<readonly [string, string, 'accept' | 'drop']>([
    ['--timestart 08:00:00 --timestop 17:00:00', '08:00:00', 'drop'],
    ['--timestart 08:00:00 --timestop 17:00:00', '17:00:00', 'drop'],
    ['--timestart 08:00:00 --timestop 17:00:00', '17:00:01', 'accept'],
    ['--timestart 22:00:00 --timestop 06:00:00', '23:00:00', 'drop'],
    ['--timestart 22:00:00 --timestop 06:00:00', '05:00:00', 'drop'],
    ['--timestart 22:00:00 --timestop 06:00:00', '12:00:00', 'accept'],
    ['--timestart 22:00:00 --timestop 06:00:00 --weekdays Mon', '05:00:00', 'drop'],
    ['--timestart 22:00:00 --timestop 06:00:00 --weekdays Mon --contiguous', '05:00:00', 'accept'],
    ['--timestart 22:00:00 --timestop 06:00:00 --weekdays Sun --contiguous', '05:00:00', 'drop'],
    ['--timestart 22:00:00 --timestop 06:00:00 --weekdays Mon --contiguous', '23:00:00', 'drop'],
    ['--monthdays 1,15', '12:00:00', 'drop'],
    ['! --monthdays 1,15', '12:00:00', 'accept'],
    ['--datestart 2026-06-01T12:00:00 --datestop 2038-01-19T03:14:07', '11:59:59', 'accept'],
    ['--datestart 2026-06-01T12:00:00 --datestop 2038-01-19T03:14:07', '12:00:00', 'drop'],
  ])('%s on a Monday, the first, at %s: %s', (rule, time, expected) => {
    expect(verdict(rule, at(time))).toEqual([[expected, true]]);
  });

  test.each([
    ['nobody has looked at the clock', '--weekdays Mon', undefined],
    ['the kernel has a zone of its own', '--weekdays Mon --kerneltz', at('12:00:00')],
    ['the words are damaged', '--weekdays Someday', at('12:00:00')],
  ])('either may be where %s', (_, rule, clock) => {
    expect(verdict(rule, clock)).toHaveLength(2);
  });
});
