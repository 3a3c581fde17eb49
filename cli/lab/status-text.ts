import { createColors } from 'picocolors';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import type { CheckStatus, LabStatus } from '../../labs/session/protocol.ts';

const WORDS = {
  en: {
    done: 'All steps are done.',
    faults: 'Break it, and find out why:',
    active: '  (in the network now)',
    mended: '  (mended)',
    next: 'Now',
  },
  'zh-cn': {
    done: '所有步骤都完成了。',
    faults: '弄坏它，再找出原因：',
    active: '（正在网络里）',
    mended: '（已修好）',
    next: '当前',
  },
} as const;

const MARK = { pass: '✔', fail: '✘', unknown: '?' } as const;

/** A running lab as text: its steps, and of the step the learner is at, what holds and what does not yet. */
export function statusText(status: LabStatus, language: Language, colour: boolean): string {
  const paint = createColors(colour);
  const words = WORDS[language];
  const line = (check: CheckStatus): string[] => {
    const { state } = check;
    const mark = { pass: paint.green, fail: paint.red, unknown: paint.yellow }[state](MARK[state]);
    const why = check.message === '' ? [] : [`        ${displayText(check.message)}`];
    return [`    ${mark} ${displayText(check.title)}`, ...why];
  };
  const steps = status.steps.flatMap((step, index) => {
    const current = step.id === status.currentStep;
    const mark = step.done ? paint.green(MARK.pass) : current ? '▶' : '·';
    const title = `${mark} ${index + 1}. ${displayText(step.title)}  ${paint.dim(step.id)}`;
    return [current ? paint.bold(title) : title, ...(current ? step.checks.flatMap(line) : [])];
  });
  const faults = status.faults.map((fault) => {
    const state = fault.state === 'available' ? '' : words[fault.state];
    return `  ${paint.dim(fault.id)}  ${displayText(fault.title)}${state}`;
  });
  const finished = status.currentStep === null;
  return [
    `${paint.bold(displayText(status.lab.title))}  ${paint.dim(status.sandbox)}`,
    ...steps,
    ...(finished ? ['', words.done, words.faults, ...faults] : []),
    '',
  ].join('\n');
}
