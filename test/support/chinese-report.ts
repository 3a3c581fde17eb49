import { expect } from 'vitest';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Trace } from '../../diagnostics/model/trace.ts';
import { diagnosisMarkdown } from '../../diagnostics/report/markdown.ts';
import { said } from '../../diagnostics/sayings/sayings.ts';
import { diagnosisText } from '../../diagnostics/report/text.ts';
import { englishWord } from './english.ts';

/** Asserts that the report of an answer that was asked for in Chinese holds no English sentence, as text and as Markdown. */
export function expectChinese(diagnosis: Diagnosis): void {
  const plain = withoutQuotations(diagnosis);
  const names = namesIn(diagnosis).map(literally);
  const anyName = new RegExp(`(?<![A-Za-z])(?:${names.join('|')})(?![A-Za-z])`, 'g');
  for (const report of [
    diagnosisText(plain, { language: 'zh-cn', colour: false, columns: 10_000 }),
    diagnosisMarkdown(plain, 'zh-cn').replace(/\\(?=[^\w\s])/g, ''),
  ]) {
    const words = report.replace(anyName, '…').replace(/“[^”]*”/g, '…');
    expect(englishWord(words), report).toBeNull();
    expect(words).toMatch(/\p{Script=Han}{4}/u);
  }
}

/** Evidence and commands are quoted as they are. */
const withoutQuotations = (diagnosis: Diagnosis): Diagnosis => ({
  ...diagnosis,
  causes: diagnosis.causes.map((cause) => ({
    ...cause,
    evidence: [],
    fixes: cause.fixes.map((fix) => ({ ...fix, steps: [], undo: [] })),
  })),
});

/** Rules and routes as their tools print them, and whatever the machine's owner gave a name: the longest first. */
function namesIn({ legs, causes, namespaces, flow }: Diagnosis): readonly string[] {
  const traces = legs.flatMap(({ forward, back, large = [] }) => [
    forward,
    ...(back ? [back] : []),
    ...large.map(({ trace }) => trace),
  ]);
  const names = [
    ...traces.flatMap(quotedIn),
    ...causes.flatMap(({ params }) =>
      Object.values(params).flatMap((it) => (typeof it === 'string' && said(it, 'zh-cn') === it ? [it] : [])),
    ),
    ...Object.values(namespaces).map(({ label }) => label),
    flow.from,
    flow.to,
  ];
  return [...new Set(names)].filter((name) => name !== '').sort((a, b) => b.length - a.length);
}

/** As it stands in a pattern, also after Markdown's backslashes were taken away. */
const literally = (name: string): string =>
  name.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '\\' ? '\\\\?' : `\\${sign}`));

const quotedIn = ({ hops }: Trace): readonly string[] =>
  hops.flatMap(({ inDev, outDev, steps }) => [
    ...[inDev, outDev].flatMap((dev) => dev ?? []),
    ...steps.flatMap((step) => {
      if (step.kind === 'route') return step.route ? [step.route.text] : [];
      if (step.kind === 'filter') return step.decidedBy.rule ? [step.decidedBy.rule.text] : [];
      return [];
    }),
  ]);
