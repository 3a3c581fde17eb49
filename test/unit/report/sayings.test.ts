import { describe, expect, test } from 'vitest';
import { said } from '../../../diagnostics/sayings/sayings.ts';
import { englishWord } from '../../support/english.ts';
import { shownSentences } from '../../support/shown-sentences.ts';

/** The rooms whose sentences reach a person through `said()`. */
const ROOMS = [
  'diagnostics/model',
  'diagnostics/collect',
  'diagnostics/host',
  'diagnostics/simulate',
  'diagnostics/probe',
  'diagnostics/question',
  'diagnostics/causes',
  'diagnostics/fixes',
  'diagnostics/redact',
  'diagnostics/report',
  'diagnostics/why.ts',
];

/** Words of the kernel's own tools, in the evidence of a cause: as ip(8) and bridge(8) print them. */
const PRINTED = [
  /^state DOWN \(no carrier\)$/,
  /: state \S+ isolated on$/,
  /^tx-checksumming: on$/,
  /^(RTNETLINK answers: )?Network is unreachable$/,
  /^Device "\S+" does not exist$/,
];

/** Names that a sentence holds in every language. */
const NAMES = /docker context|\(no carrier\)/g;

describe('every sentence of the engine that a person can come to see', () => {
  const sentences = shownSentences(ROOMS).filter(({ text }) => !PRINTED.some((one) => one.test(text)));

  test.each(sentences)('$place has a Chinese form: $text', ({ text, samples }) => {
    const chinese = said(text, 'zh-cn');
    expect(chinese).toMatch(/\p{Script=Han}/u);
    for (const sample of samples) expect(chinese).toContain(sample);
    expect(englishWord(chinese.replace(NAMES, '')), chinese).toBeNull();
  });

  test('is found by reading the source', () => {
    expect(sentences.length).toBeGreaterThan(150);
  });
});

test('in English a sentence is said as it is', () => {
  expect(said('netns:red was not looked at yet', 'en')).toBe('netns:red was not looked at yet');
});

test('a sentence that came from the machine stays as it is', () => {
  expect(said('cannot open netlink socket; giving up', 'zh-cn')).toBe(
    'cannot open netlink socket; giving up',
  );
});

test('the reason inside of a sentence is said too, with the name of what could not be read', () => {
  expect(
    said(
      'the ruleset of host could not be read: The firewall rules may only be read by an administrator: run the same with sudo to see them.',
      'zh-cn',
    ),
  ).toBe('无法读取 host 的防火墙规则：只有管理员才能读取防火墙规则，请在同一命令前加上 sudo。');
});

test('of several servers each has its answer', () => {
  expect(said('10.0.0.1: No answer came.; 10.0.0.2: REFUSED', 'zh-cn')).toBe(
    '10.0.0.1：没有收到应答；10.0.0.2: REFUSED',
  );
});

test('a name that reads like a sentence stays a name', () => {
  expect(said('There is no container “it is empty”', 'zh-cn')).toBe('没有名为“it is empty”的容器');
});
