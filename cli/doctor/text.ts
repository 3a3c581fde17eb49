import { displayText } from '../../diagnostics/model/display-text.ts';
import type { TextOptions } from '../../diagnostics/report/text.ts';
import { wrap } from '../../diagnostics/report/width.ts';
import { createColors } from 'picocolors';
import type { Check } from './checks.ts';
import { DOCTOR_WORDS } from './words.ts';

const SIGNS = { ok: '✔', limited: '◐', missing: '✘' } as const;
const INDENT = '  ';

/** What is missing keeps every lab from running. */
export const isAble = (checks: readonly Check[]): boolean => checks.every(({ state }) => state !== 'missing');

/** The checks for a terminal: the answer first, then each with what to do. */
export function doctorText(checks: readonly Check[], { language, colour, columns }: TextOptions): string {
  const words = DOCTOR_WORDS[language];
  const paint = createColors(colour);
  const painted = { ok: paint.green, limited: paint.yellow, missing: paint.red };
  const sentence = (text: string): readonly string[] =>
    wrap(displayText(text), columns - INDENT.length).map((line) => `${INDENT}${line}`);
  const block = ({ state, title, detail, remedy, command }: Check): string =>
    [
      `${painted[state](SIGNS[state])} ${paint.bold(displayText(title))}`,
      ...sentence(detail),
      ...(remedy === null ? [] : sentence(remedy)),
      // Not wrapped: a command is copied whole.
      ...(command === null ? [] : [`${INDENT}  $ ${displayText(command)}`]),
    ].join('\n');
  return `${paint.bold(isAble(checks) ? words.able : words.unable)}\n\n${checks.map(block).join('\n')}\n`;
}
