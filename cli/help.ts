import { Help } from 'commander';
import type { Language } from '../diagnostics/model/language.ts';
import { columnsOf, wrap } from '../diagnostics/report/width.ts';
import { toolSaid } from './sayings.ts';

/** commander's help in a person's language; English is how it comes. */
export function helpIn(
  language: Language,
  helpWidth: number,
): Partial<Help> & { readonly helpWidth: number } {
  if (language === 'en') return { helpWidth };
  const usual = new Help();
  const say = (text: string): string => toolSaid(text, language);
  return {
    helpWidth,
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
    const [, typed = '', words = line] = /^(\s+\S.*?\s{2,})(\S.*)$/.exec(line) ?? [];
    lines.push(typed + toolSaid(words, language));
  }
  endSentence();
  return lines.join('\n');
}
