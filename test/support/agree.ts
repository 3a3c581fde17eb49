import { expect } from 'vitest';
import { askBoth, endText, traceText, type Question } from './ask-both.ts';

export const ping = (from: string, to: string): Question => ({ from: `netns:${from}`, to, protocol: 'icmp' });

export const tcp = (from: string, to: string, port: number): Question => ({
  from: `netns:${from}`,
  to,
  protocol: 'tcp',
  port,
});

/** The walk and the kernel come to the same; `there` and `back` say where it ends each way, as in `delivered at blue`. */
export async function agree(question: Question, there: string, back: string): Promise<void> {
  const both = await askBoth(question);
  expect(both.predicted.outcome, traceText(both)).toBe(both.probed.outcome);
  const ends = [both.trip.forward, both.trip.back].map((trace) => endText(both.snapshot, trace));
  expect(ends, traceText(both)).toEqual([there, back]);
}

/** The same, and the walk has no doubt. */
export async function agreeForCertain(question: Question, there: string, back?: string): Promise<void> {
  const both = await askBoth(question);
  expect(both.predicted, traceText(both)).toEqual({ outcome: both.probed.outcome, certain: true });
  expect(endText(both.snapshot, both.trip.forward), traceText(both)).toBe(there);
  if (back !== undefined) expect(endText(both.snapshot, both.trip.back), traceText(both)).toBe(back);
}
