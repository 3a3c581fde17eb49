import type { LabFault } from '../format/lab-schema.ts';
import { Refusal } from './refusal.ts';

/** What a session does not do, in words. */
export const beingSetUp = (): Refusal =>
  new Refusal('busy', 'The lab is being set up; ask again in a moment.', '实验正在准备，请稍后再试。');

export const notSetUp = (why: string): Refusal =>
  new Refusal(
    'failed',
    `The lab could not be set up (${why}). Try again: hoplab lab reset`,
    `实验没能准备好（${why}）。请再试一次：hoplab lab reset`,
  );

export const busy = (): Refusal =>
  new Refusal(
    'busy',
    'Something else is being done to this lab; ask again in a moment.',
    '实验正在处理另一个操作，请稍后再试。',
  );

export const anotherFault = ({ title }: LabFault): Refusal =>
  new Refusal(
    'failed',
    `Another fault is in the network (${title.en}): mend it first, or reset.`,
    `网络里已经有一个故障（${title['zh-cn']}）：先修好它，或者重置。`,
  );

export const solutionFailed = (why: string): Refusal =>
  new Refusal('failed', `The solution did not work here: ${why}`, `解法在这里没有成功：${why}`);
