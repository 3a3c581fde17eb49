import { Help } from 'commander';
import type { Language } from '../diagnostics/model/language.ts';
import { columnsOf, wrap } from '../diagnostics/report/width.ts';
import { toolSaid } from './sayings.ts';

/** What is said of a word stands beside it where there is so much room for it, else below it. */
const ROOM_BESIDE = 24;
const INDENT = '  ';
const BELOW = ' '.repeat(6);

/** commander's help in a person's language and width; English is how it comes. */
export function helpIn(
  language: Language,
  helpWidth: number,
): Partial<Help> & { readonly helpWidth: number } {
  const usual = new Help();
  const inWidth: Partial<Help> & { readonly helpWidth: number } = {
    helpWidth,
    minWidthToWrap: 1,
    commandUsage: (command) =>
      wrap(usual.commandUsage(command), helpWidth - USAGE.length).join(`\n${' '.repeat(USAGE.length)}`),
    formatItem: (term, termWidth, description, helper) =>
      description === ''
        ? `${INDENT}${term}`
        : besideOrBelow(
            `${INDENT}${term}${' '.repeat(termWidth - helper.displayWidth(term))}  `,
            (columns) => helper.boxWrap(description, columns).split('\n'),
            helpWidth,
          ).join('\n'),
  };
  if (language === 'en') return inWidth;
  const say = (text: string): string => toolSaid(text, language);
  return {
    ...inWidth,
    styleTitle: say,
    displayWidth: columnsOf,
    boxWrap: (text, columns) => wrap(text, columns).join('\n'),
    commandDescription(command) {
      const description = command.description();
      const said = say(description);
      // Where it is but the summary as a sentence, so is the Chinese.
      return said !== description || command.summary() === '' ? said : `${say(command.summary())}。`;
    },
    subcommandDescription: (command) => say(command.summary() || command.description()),
    argumentDescription: (argument) => say(argument.description),
    optionDescription: (option) =>
      usual
        .optionDescription(option)
        .replace(option.description, () => say(option.description))
        .replace(/ \(choices: (.*)\)$/, '（可选：$1）'),
  };
}

const USAGE = 'Usage: ';

/** What to type (with the blanks behind it), and what that does, in lines of so many columns. */
function besideOrBelow(
  typed: string,
  saidIn: (columns: number) => readonly string[],
  columns: number,
): readonly string[] {
  const margin = columnsOf(typed);
  if (columns - margin < ROOM_BESIDE)
    return [typed.trimEnd(), ...saidIn(columns - BELOW.length).map((line) => BELOW + line)];
  return saidIn(columns - margin).map((line, at) => (at === 0 ? typed : ' '.repeat(margin)) + line);
}

/** What a command adds to its help (what else there is to know, examples, exit statuses), in a person's language and width. */
export function tailIn(language: Language, text: string, columns: number): string {
  const lines: string[] = [];
  let sentence: string[] = [];
  const endSentence = (): void => {
    lines.push(...wrap(toolSaid(sentence.join(' '), language), columns));
    sentence = [];
  };
  // Lines at the margin are one text; the others are `  what to type   what it does`.
  for (const line of text.split('\n')) {
    if (/^\S/.test(line) && line !== 'Examples:') {
      sentence.push(line);
      continue;
    }
    endSentence();
    const [, typed, words = line] = /^(\s+\S.*?\s{2,})(\S.*)$/.exec(line) ?? [];
    const said = toolSaid(words, language);
    // A command alone is one line, to be copied.
    if (typed === undefined) lines.push(said);
    else lines.push(...besideOrBelow(typed, (room) => wrap(said, room), columns));
  }
  endSentence();
  return lines.join('\n');
}
