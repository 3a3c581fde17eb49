import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import { wrap } from '../../diagnostics/report/width.ts';
import { createColors } from 'picocolors';
import { textOptions } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { proseLines } from './prose.ts';

/** How the demo writes. Each call is a paragraph of its own; sentences come wrapped and free of controls. */
export interface Stage {
  readonly title: (text: string) => void;
  readonly text: (sentence: string) => void;
  readonly good: (sentence: string) => void;
  readonly bad: (sentence: string) => void;
  /** A text of the lab's guide. */
  readonly prose: (markdown: string) => void;
  /** Under a sentence: commands, one a line, not wrapped. */
  readonly commands: (sentence: string, lines: readonly string[]) => void;
  /** What a person would have typed. */
  readonly prompt: (command: string) => void;
  /** Lines that are written already. */
  readonly lines: (text: string) => void;
}

export function openStage(terminal: Terminal, language: Language): Stage {
  const { colour, columns } = textOptions(terminal, language);
  const paint = createColors(colour);
  const write = (lines: readonly string[]): void => terminal.stdout(`${lines.join('\n')}\n\n`);
  const wrapped = (sentence: string): readonly string[] => wrap(displayText(sentence), columns);
  return {
    title: (text) => write([paint.bold(paint.inverse(` ${displayText(text)} `))]),
    text: (sentence) => write(wrapped(sentence)),
    good: (sentence) => write(wrapped(`✔ ${sentence}`).map((line) => paint.green(paint.bold(line)))),
    bad: (sentence) => write(wrapped(`✘ ${sentence}`).map((line) => paint.red(paint.bold(line)))),
    prose: (markdown) => write(proseLines(markdown, columns)),
    commands: (sentence, lines) =>
      write([...wrapped(sentence), ...lines.map((line) => `    ${displayText(line)}`)]),
    prompt: (command) => write([`${paint.dim('$')} ${paint.bold(displayText(command))}`]),
    lines: (text) => terminal.stdout(`${text}\n`),
  };
}
