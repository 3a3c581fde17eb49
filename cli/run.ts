import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { Language } from '../diagnostics/model/language.ts';
import { displayText } from '../diagnostics/model/display-text.ts';
import { COMMANDS } from './commands.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError, EXIT } from './exit.ts';
import { helpIn, tailIn } from './help.ts';
import { languageOfRun } from './language.ts';
import { toolSaid } from './sayings.ts';
import type { Terminal } from './terminal.ts';
import { usageSentence } from './usage-problem.ts';

const HELP_COLUMNS = 100;

const HELP = `
Examples:
  hoplab demo                  see it work, in a sandbox of its own
  hoplab why web db:5432       why can the container web not reach port 5432 of db?
  hoplab lab start router      learn: build a router, break it, find out why
  hoplab why --help            what else it can be asked

Exit status: 0 done, or reachable; 1 unreachable, or refused; 2 cannot tell; 64 wrong usage;
70 a defect of Hoplab; 130 stopped (Ctrl-C).`;

/** Runs `hoplab ARGUMENTS` and returns its exit status. Never throws, never prints a stack trace. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let refused = '';
  const language = languageOfRun(argv, terminal.env);
  const columns = Math.min(terminal.columns ?? HELP_COLUMNS, HELP_COLUMNS);
  // What follows the help of a command begins with an empty line.
  const writeOut = (text: string): void =>
    terminal.stdout(text.startsWith('\n') ? tailIn(language, text, columns) : text);
  const program = new Command('hoplab')
    .description('Learn container networking in real labs, and find out why A cannot reach B.')
    .version(manifest.version, '-V, --version', 'the version of Hoplab')
    .exitOverride()
    .configureOutput({ writeOut, writeErr: (text) => void (refused += text) })
    .configureHelp(helpIn(language, columns))
    .helpOption('-h, --help', toolSaid('display help for command', language))
    .helpCommand('help [command]', toolSaid('display help for command', language))
    .showHelpAfterError(false)
    .addHelpText('after', HELP);

  let status: number = EXIT.reachable;
  const context: CommandContext = {
    program,
    terminal,
    exitWith: (value) => {
      status = value;
    },
  };
  try {
    await register(argv, context);
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.usage;
    }
    await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, terminal, language);
    if (error.exitCode === 0) return EXIT.reachable;
    // A command that only holds others says which.
    if (error.code === 'commander.help' && argv[0] !== 'help') terminal.stdout(refused);
    else terminal.stderr(`hoplab: ${usageSentence(error, program, argv, language)}\n`);
    return EXIT.usage;
  }
}

/** Only the command that was asked for is loaded; all of them where the help (or a mistake) needs to name them. */
async function register(argv: readonly string[], context: CommandContext): Promise<void> {
  if (argv[0] === '--version' || argv[0] === '-V') return;
  const asked = COMMANDS.find((command) => command.name === argv[0]);
  for (const command of asked ? [asked] : COMMANDS) await command.load(context);
}

function report(error: unknown, terminal: Terminal, language: Language): number {
  const say = (text: string): string =>
    text
      .split('\n')
      .map((line) => toolSaid(line, language))
      .join('\n');
  if (error instanceof CommandError) {
    terminal.stderr(`hoplab: ${say(error.message)}\n${error.hint === null ? '' : `${say(error.hint)}\n`}`);
    return error.status;
  }
  if (terminal.signal.aborted) {
    terminal.stderr(`hoplab: ${say('stopped')}\n`);
    return EXIT.interrupted;
  }
  if (isNowhere()) {
    const moved = say('the directory that this shell is in was removed: go to another one and ask again');
    terminal.stderr(`hoplab: ${moved}\n`);
    return EXIT.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  terminal.stderr(`hoplab: ${say(`internal error: ${displayText(message)}`)}\n`);
  return EXIT.internal;
}

/** Whether the directory that the shell is in was removed: then no program can be started from it. */
function isNowhere(): boolean {
  try {
    process.cwd();
    return false;
  } catch {
    return true;
  }
}
