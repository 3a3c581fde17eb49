import { displayText } from '../diagnostics/model/display-text.ts';
import type { CommandContext } from './command-context.ts';
import { examine, type Check } from './doctor/examine.ts';
import { DOCTOR_WORDS } from './doctor/words.ts';
import { withProgress } from './progress.ts';
import { chosenLanguage, textOptions } from './style.ts';

interface Options {
  readonly json?: true;
  readonly lang?: string;
}

const SIGNS = { ok: '✔', limited: '◐', missing: '✘' } as const;

/** Adds `hoplab doctor`. */
export function registerDoctor({ program, terminal, exitWith }: CommandContext): void {
  program
    .command('doctor')
    .summary('what this machine can do, by trying it, and what provides the rest')
    .description(
      'Tries what labs and diagnosis need (user namespaces, network devices, firewalls, a container engine), in a namespace that is gone at once, and prints the command that provides what is missing.',
    )
    .option('--json', 'one JSON object')
    .option('--lang <language>', 'en or zh-cn')
    .addHelpText(
      'after',
      '\nExamples:\n  hoplab doctor\n  hoplab doctor --json\n\nExit status: 0 labs can run here, 1 they cannot.',
    )
    .action(async ({ json, lang }: Options) => {
      const language = chosenLanguage(lang, terminal);
      const words = DOCTOR_WORDS[language];
      const checks = await withProgress(terminal, words.trying, () => examine(language));
      const able = checks.every(({ state }) => state !== 'missing');
      if (json) terminal.stdout(`${JSON.stringify({ schema: 1, able, checks }, null, 2)}\n`);
      else {
        const { colour } = textOptions(terminal, language);
        terminal.stdout(
          `${able ? words.able : words.unable}\n\n${checks.map((check) => lines(check, colour)).join('\n')}\n`,
        );
      }
      exitWith(able ? 0 : 1);
    });
}

const COLOURS = { ok: 32, limited: 33, missing: 31 } as const;

function lines({ state, title, detail, command }: Check, colour: boolean): string {
  const sign = colour ? `\u001b[${COLOURS[state]}m${SIGNS[state]}\u001b[39m` : SIGNS[state];
  return [
    `${sign} ${displayText(title)}: ${displayText(detail)}`,
    ...(command === null ? [] : [`    ${displayText(command)}`]),
  ].join('\n');
}
