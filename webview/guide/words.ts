import type { CheckStatus, FaultStatus } from '../../labs/session/protocol.ts';
import type { Words } from '../shared/language.ts';

export interface GuideWords {
  readonly waiting: string;
  readonly gone: string;
  readonly progress: (done: number, total: number) => string;
  readonly minutes: (minutes: number) => string;
  readonly starting: string;
  readonly finished: string;
  readonly intro: string;
  readonly steps: string;
  readonly step: (number: number, title: string) => string;
  readonly done: string;
  readonly open: string;
  readonly current: string;
  readonly checks: string;
  readonly checkNow: string;
  readonly checking: string;
  readonly check: Readonly<Record<CheckStatus['state'], string>>;
  readonly why: string;
  readonly whyAbout: (what: string) => string;
  readonly stepDone: string;
  readonly nextStep: string;
  readonly hints: string;
  readonly hint: (number: number) => string;
  readonly askHint: (shown: number, total: number) => string;
  readonly noMoreHints: string;
  readonly showSolution: string;
  readonly solutionWarning: string;
  readonly showAnyway: string;
  readonly cancel: string;
  readonly solution: string;
  readonly inNode: (node: string) => string;
  readonly insert: string;
  readonly insertLine: (line: string) => string;
  readonly copy: string;
  readonly copied: string;
  readonly terminals: string;
  readonly openTerminal: (node: string) => string;
  readonly resetStep: string;
  readonly resetLab: string;
  readonly faults: string;
  readonly faultsLater: string;
  readonly faultsIntro: string;
  readonly fault: Readonly<Record<FaultStatus['state'], string>>;
  /** `what` is what should be so and is not. */
  readonly symptom: (what: string) => string;
  readonly breakIt: string;
  readonly breakThis: (title: string) => string;
  readonly debrief: string;
  readonly quiz: string;
  readonly quizRight: string;
  readonly quizWrong: string;
  readonly references: string;
}

const english: GuideWords = {
  waiting: 'Start a lab, and its guide appears here.',
  gone: 'This lab is no longer running.',
  progress: (done, total) => `${done} of ${total} steps done`,
  minutes: (minutes) => `about ${minutes} minutes`,
  starting: 'The lab is starting …',
  finished: 'All steps are done.',
  intro: 'What this is about',
  steps: 'Steps',
  step: (number, title) => `${number}. ${title}`,
  done: 'done',
  open: 'open',
  current: 'current step',
  checks: 'Checks',
  checkNow: 'Check now',
  checking: 'Checking …',
  check: { pass: 'Passed', fail: 'Not yet', unknown: 'Not known' },
  why: 'Why?',
  whyAbout: (what) => `Why? ${what}`,
  stepDone: 'Well done: everything this step asks for is so.',
  nextStep: 'Next step',
  hints: 'Hints',
  hint: (number) => `Hint ${number}`,
  askHint: (shown, total) =>
    shown === 0 ? `Give me a hint (${total})` : `Next hint (${shown} of ${total} shown)`,
  noMoreHints: 'That was the last hint.',
  showSolution: 'Show the solution',
  solutionWarning:
    'You learn more by finding it yourself, and a hint may be enough. The solution stays visible once it is shown.',
  showAnyway: 'Show it anyway',
  cancel: 'Cancel',
  solution: 'Solution',
  inNode: (node) => `in ${node}`,
  insert: 'Insert into terminal',
  insertLine: (line) => `Insert into terminal: ${line}`,
  copy: 'Copy',
  copied: 'Copied',
  terminals: 'Terminals',
  openTerminal: (node) => `Open a terminal in ${node}`,
  resetStep: 'Reset to the start of this step',
  resetLab: 'Reset the lab',
  faults: 'Break it',
  faultsLater: 'Finish the steps first: a fault is only instructive in a network that works.',
  faultsIntro: 'Each of these breaks your working network in one place. Find it, mend it, and say why.',
  fault: { available: 'not tried yet', active: 'broken now', mended: 'mended' },
  symptom: (what) => `No longer so: ${what}`,
  breakIt: 'Break it',
  breakThis: (title) => `Break it: ${title}`,
  debrief: 'What happened on the wire',
  quiz: 'A question:',
  quizRight: 'Right.',
  quizWrong: 'Not quite. Try another answer.',
  references: 'To read on',
};

const chinese: GuideWords = {
  waiting: '启动一个实验，其指南会显示在这里。',
  gone: '这个实验已不在运行。',
  progress: (done, total) => `已完成 ${done} / ${total} 步`,
  minutes: (minutes) => `约 ${minutes} 分钟`,
  starting: '实验正在启动…',
  finished: '所有步骤都已完成。',
  intro: '本实验的内容',
  steps: '步骤',
  step: (number, title) => `${number}. ${title}`,
  done: '已完成',
  open: '未完成',
  current: '当前步骤',
  checks: '检查',
  checkNow: '立即检查',
  checking: '正在检查…',
  check: { pass: '通过', fail: '尚未', unknown: '未知' },
  why: '为什么？',
  whyAbout: (what) => `为什么？${what}`,
  stepDone: '做得好：这一步要求的都已达成。',
  nextStep: '下一步',
  hints: '提示',
  hint: (number) => `提示 ${number}`,
  askHint: (shown, total) =>
    shown === 0 ? `给我一个提示（共 ${total} 个）` : `下一个提示（已显示 ${shown} / ${total}）`,
  noMoreHints: '这是最后一个提示。',
  showSolution: '显示答案',
  solutionWarning: '自己找到答案学得更多，一个提示也许就够了。答案一旦显示就会保留。',
  showAnyway: '仍要显示',
  cancel: '取消',
  solution: '答案',
  inNode: (node) => `在 ${node} 中`,
  insert: '插入终端',
  insertLine: (line) => `插入终端：${line}`,
  copy: '复制',
  copied: '已复制',
  terminals: '终端',
  openTerminal: (node) => `在 ${node} 中打开终端`,
  resetStep: '重置到这一步的开头',
  resetLab: '重置整个实验',
  faults: '制造故障',
  faultsLater: '请先完成各个步骤：只有在正常工作的网络中，故障才有意义。',
  faultsIntro: '下面每一项都会在一处弄坏你的网络。找到它，修好它，并说出原因。',
  fault: { available: '未尝试', active: '故障中', mended: '已修复' },
  symptom: (what) => `现在做不到：${what}`,
  breakIt: '制造故障',
  breakThis: (title) => `制造故障：${title}`,
  debrief: '线路上发生了什么',
  quiz: '想一想：',
  quizRight: '答对了。',
  quizWrong: '不太对，换一个答案试试。',
  references: '延伸阅读',
};

export const GUIDE_WORDS: Words<GuideWords> = { en: english, 'zh-cn': chinese };
