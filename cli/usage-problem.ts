import type { Command, CommanderError } from 'commander';
import { displayText } from '../diagnostics/model/display-text.ts';
import type { Language } from '../diagnostics/model/language.ts';
import { toolSaid } from './sayings.ts';

/** Wrong usage in one sentence: what is wrong, and which help says how it is right. */
export function usageSentence(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
  language: Language,
): string {
  const said =
    error.code === 'commander.help'
      ? `unknown command '${argv[1] ?? ''}'`
      : error.message.replace(/^error: /, '').replace(/\.$/, '');
  const sentence = toolSaid(said.replace(/\n/g, ' '), language);
  return displayText(`${sentence}${language === 'en' ? '; see ' : '；请看 '}${helpFor(program, argv)}`);
}

/** The help of the innermost command that was named. */
function helpFor(program: Command, argv: readonly string[]): string {
  const words = ['hoplab'];
  let here: Command | undefined = program;
  for (const word of argv) {
    here = here.commands.find((command) => command.name() === word);
    if (!here) break;
    words.push(word);
  }
  return [...words, '--help'].join(' ');
}
