import { expect, test } from 'vitest';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { filter, hookInput } from '../../../support/hook-input.ts';

/** A match that nobody can decide, and what the answer says it depends on. */
test.each<[string, string]>([
  ['-m limit --limit 5/sec', 'how many packets came lately'],
  ['-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a', 'how many packets came lately'],
  ['-m quota --quota 500', 'how much has passed by then'],
  ['-m cpu --cpu 0', 'which processor handles the packet'],
  ['-p tcp -m osf --genre Linux', 'how the sender’s system builds its packets'],
  ['-m u32 --u32 "2&0xFFFF=1"', 'bytes of the packet that only its sender knows'],
  ['-p tcp -m tcp --tcp-option 8', 'what the sender writes into the headers'],
  ['-m owner --uid-owner 5', 'the program that sends the packet, or takes it'],
  ['-m cgroup --path a', 'the control group of the program'],
  ['-m somebody-elses --option', 'something that is not modelled'],
  ['-m devgroup --src-group 5', 'something that is not known (iif group)'],
])('what %s depends on is named', (match, what) => {
  const outcomes = runHook(filter(`-A FORWARD ${match} -j DROP`), 'forward', hookInput());
  const doubts = [...new Set(outcomes.flatMap(({ doubts: all }) => all))];
  expect(doubts).toEqual([expect.stringContaining(`whether it matches depends on ${what}`)]);
});
