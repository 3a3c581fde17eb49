import { displayText } from '../../diagnostics/model/display-text.ts';
import type { GuideResult, LabStatus } from '../../labs/session/protocol.ts';

/** Markdown as a terminal shows it: the words of a code block's first line are where to type it, and no escapes. */
const plain = (markdown: string): string =>
  markdown
    .split('\n')
    .map((line) => displayText(line.replace(/^```sh (\S+)$/, '``` in $1').replace(/\\([^\w\s])/g, '$1')))
    .join('\n');

/**
 * What the learner is to read now: the introduction where nothing is done yet, the text of the step, and in the end what it
 * was all about. null: there is no such part.
 * @param wanted a part by its id instead (`intro`, a step, `debrief`)
 */
export function guideText(guide: GuideResult, status: LabStatus, wanted: string | undefined): string | null {
  const section = (id: string): readonly string[] =>
    guide.sections
      .filter((one) => one.id === id)
      .map(
        ({ title, markdown }) => `${title === '' ? '' : `## ${displayText(title)}\n\n`}${plain(markdown)}`,
      );
  const debrief = (): readonly string[] =>
    status.debrief === null ? section('debrief') : [plain(status.debrief)];
  const begins = status.steps[0]?.id === status.currentStep;
  const parts =
    wanted === 'debrief'
      ? debrief()
      : wanted !== undefined
        ? section(wanted)
        : status.currentStep === null
          ? debrief()
          : [...(begins ? section('intro') : []), ...section(status.currentStep)];
  return parts.length === 0 ? null : `${parts.join('\n\n')}\n`;
}
