import type { CommandContext } from './command-context.ts';
import { playDemo } from './demo/play.ts';
import { asLabProblem } from './lab/problem.ts';
import { CommandError, EXIT } from './exit.ts';
import { chosenLanguage } from './style.ts';

interface Options {
  readonly docker: boolean;
  readonly step?: true;
  readonly lang?: string;
}

const HELP = `
Everything is real and nothing is scripted: namespaces, a firewall, a Docker engine where one is
installed, and the answers of “hoplab why”. It needs no root and no internet, and does not touch
this machine's own network.

Examples:
  hoplab demo               half a minute at most, from the first packet to the last
  hoplab demo --step        wait for Enter between the breaks, to read and to look around
  hoplab demo --no-docker

Exit status: 0 all three found and mended, 1 not, or no sandbox can be made here (hoplab doctor says
why), 64 wrong usage, 130 stopped.`;

/** Adds `hoplab demo`. */
export function registerDemo({ program, terminal, exitWith }: CommandContext): void {
  program
    .command('demo')
    .summary('see it work: a small network, broken and mended three times')
    .description(
      'Builds a small network in a sandbox, breaks it three times, finds out why, mends it, proves it.',
    )
    .option('--no-docker', 'namespaces only')
    .option('--step', 'wait for Enter between the breaks')
    .option('--lang <language>', 'en or zh-cn; default: HOPLAB_LANGUAGE, or the locale')
    .addHelpText('after', HELP)
    .action(async ({ docker, step, lang }: Options) => {
      const language = chosenLanguage(lang, terminal);
      if (step && !(terminal.interactive.stdin && terminal.interactive.stdout))
        throw new CommandError('--step waits for Enter, and nobody can press it here', EXIT.usage);
      try {
        const right = await playDemo({ terminal, language, docker, step: step === true });
        exitWith(right ? EXIT.reachable : EXIT.unreachable);
      } catch (error) {
        throw asLabProblem(error, language);
      }
    });
}
