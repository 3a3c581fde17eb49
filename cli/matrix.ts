import { Option } from 'commander';
import { loadMatrixSource } from './matrix-source.ts';
import type { Language } from '../diagnostics/model/language.ts';
import type { MatrixQuestion } from '../diagnostics/model/reach-matrix.ts';
import { parsePort } from '../diagnostics/question/endpoint-text.ts';
import { reachMatrix } from '../diagnostics/reach-matrix.ts';
import { MATRIX_WORDS } from '../diagnostics/report/matrix-words.ts';
import { matrixText } from '../diagnostics/report/matrix-text.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError, EXIT } from './exit.ts';
import { fileName } from './file-option.ts';
import { jsonText } from './json-text.ts';
import { withProgress } from './progress.ts';
import { asCommandError } from './question-problem.ts';
import { chosenLanguage, textOptions } from './style.ts';

interface Options {
  readonly port?: readonly string[];
  readonly proto?: 'tcp' | 'udp';
  readonly ipv4?: true;
  readonly ipv6?: true;
  readonly json?: true;
  readonly fromSnapshot?: string;
  readonly lab?: string;
  readonly lang?: string;
}

const HELP = `
Nothing is sent: every packet is followed on paper, there and back, on facts that were read once.

Examples:
  hoplab matrix                        who can ping whom?
  hoplab matrix --port 80 443          who reaches these ports of whom?
  hoplab matrix --port 53 --proto udp
  hoplab matrix -6 --port 443          over IPv6?
  hoplab matrix --lab router           in a running lab
  hoplab matrix --port 5432 --json | jq '.pairs[] | select(.verdict != "reachable")'

Exit status: 0 shown (whoever reaches whom), 64 wrong usage or a file that cannot be used, 70 a defect of
Hoplab, 130 stopped.`;

/** Without `--json` a port more than these makes a wall of grids. */
const MOST_PORTS = 64;

/** Adds `hoplab matrix`. */
export function registerMatrix({ program, terminal, exitWith }: CommandContext): void {
  program
    .command('matrix')
    .summary('who can reach whom: every namespace and container from every other')
    .description(
      'Who can reach whom? Every namespace and container is asked from every other, on paper; what stops those that fail, in one line each.',
    )
    .option('--port <n...>', 'ports of the receivers; without one: ping')
    .addOption(new Option('--proto <protocol>', 'of the ports; default: tcp').choices(['tcp', 'udp']))
    .addOption(new Option('-4, --ipv4', 'over IPv4 only').conflicts('ipv6'))
    .addOption(
      new Option('-6, --ipv6', 'over IPv6 only; without either: IPv4 where both ends have it, else IPv6'),
    )
    .option('--json', 'one JSON object: ends and pairs')
    .option(
      '--from-snapshot <file>',
      'facts of a file that “hoplab snapshot” wrote; - is standard input',
      fileName,
    )
    .option('--lab <id>', 'of a running lab')
    .option('--lang <language>', 'en or zh-cn; default: HOPLAB_LANGUAGE, or the locale')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const language = chosenLanguage(options.lang, terminal);
      const questions = questionsOf(options, language);
      const matrix = await withProgress(terminal, MATRIX_WORDS[language].asking, async () =>
        reachMatrix(await loadMatrixSource(options, terminal), questions, {
          language,
          signal: terminal.signal,
        }),
      );
      terminal.stdout(options.json ? jsonText(matrix) : matrixText(matrix, textOptions(terminal, language)));
      exitWith(EXIT.reachable);
    });
}

/** `--port 80 443`, `--port 80 --port 443`, `--port 80,443`: each once. */
function questionsOf(
  { port = [], proto, ipv4, ipv6 }: Options,
  language: Language,
): readonly MatrixQuestion[] {
  const family = ipv4 ? ({ family: 4 } as const) : ipv6 ? ({ family: 6 } as const) : {};
  const words = port.flatMap((text) => text.split(','));
  if (words.length === 0) {
    if (proto !== undefined) throw new CommandError('--proto goes with --port', EXIT.usage);
    return [{ protocol: 'icmp', port: null, ...family }];
  }
  try {
    const ports = [...new Set(words.map(parsePort))];
    if (ports.length > MOST_PORTS)
      throw new CommandError(`${ports.length} ports are too many at once: at most ${MOST_PORTS}`, EXIT.usage);
    return ports.map((number) => ({ protocol: proto ?? 'tcp', port: number, ...family }));
  } catch (error) {
    throw asCommandError(error, language);
  }
}
