import type { TextOptions } from '../diagnostics/report/text.ts';
import type { Language } from '../diagnostics/model/language.ts';
import { languageOf } from './language.ts';
import { CommandError, EXIT } from './exit.ts';
import { displayText } from '../diagnostics/model/display-text.ts';
import type { Terminal } from './terminal.ts';

/** Columns where no terminal says otherwise. */
const PLAIN_COLUMNS = 100;
/** Longer lines are hard to read, however wide a terminal is. */
const WIDEST = 120;

/** How to write to this terminal. Colour only on one, and not where NO_COLOR (no-color.org) forbids it. */
export function textOptions({ interactive, env, columns }: Terminal, language: Language): TextOptions {
  const noColour = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    language,
    colour: interactive.stdout && !noColour,
    columns: Math.min(columns ?? PLAIN_COLUMNS, WIDEST),
  };
}

/** `--lang`, else what the environment says. Throws `CommandError` for another language. */
export function chosenLanguage(option: string | undefined, { env }: Terminal): Language {
  if (option === undefined) return languageOf(env);
  const wanted = option.toLowerCase();
  if (wanted === 'en' || wanted === 'zh-cn') return wanted;
  throw new CommandError(`“${displayText(option)}” is not a language of Hoplab: en or zh-cn`, EXIT.usage);
}
