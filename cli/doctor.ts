import type { CommandContext } from './command-context.ts';
import { checksOf, otherSystem } from './doctor/checks.ts';
import { examine } from './doctor/findings.ts';
import { doctorText, isAble } from './doctor/text.ts';
import { DOCTOR_WORDS } from './doctor/words.ts';
import { EXIT } from './exit.ts';
import { withProgress } from './progress.ts';
import { chosenLanguage, textOptions } from './style.ts';

interface Options {
  readonly json?: true;
  readonly lang?: string;
}

const HELP = `
It tries in sandboxes that are gone at once: a user namespace with a network, mounts and a veth
pair; firewalls, NAT, bridges and VXLAN in it; a Docker engine with containers. It changes nothing
on the machine, and needs no root; a command that provides what is missing is printed, not run.

Examples:
  hoplab doctor
  hoplab doctor --json | jq -r '.checks[].command // empty'

Exit status: 0 labs can run here (◐ says what cannot), 1 they cannot, 64 wrong usage.`;

/** Adds `hoplab doctor`. */
export function registerDoctor({ program, terminal, exitWith }: CommandContext): void {
  program
    .command('doctor')
    .summary('what this machine can do, by trying it, and what provides the rest')
    .description('Tries what labs and diagnosis need, and prints the command that provides what is missing.')
    .option('--json', 'one JSON object')
    .option('--lang <language>', 'en or zh-cn; default: HOPLAB_LANGUAGE, or the locale')
    .addHelpText('after', HELP)
    .action(async ({ json, lang }: Options) => {
      const language = chosenLanguage(lang, terminal);
      const { trying } = DOCTOR_WORDS[language];
      const checks =
        process.platform === 'linux'
          ? checksOf(await withProgress(terminal, trying, () => examine(terminal.signal)), language)
          : otherSystem(process.platform, language);
      const able = isAble(checks);
      terminal.stdout(
        json
          ? `${JSON.stringify({ schema: 1, able, checks }, null, 2)}\n`
          : doctorText(checks, textOptions(terminal, language)),
      );
      exitWith(able ? EXIT.reachable : EXIT.unreachable);
    });
}
