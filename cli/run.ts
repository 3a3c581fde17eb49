import { Command, CommanderError } from 'commander';
import { displayText } from '../diagnostics/model/display-text.ts';
import { COMMANDS } from './commands.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Runs `hoplab ARGUMENTS` and returns its exit status. Never throws, never prints a stack trace. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('hoplab')
    .description('Learn container networking in real labs, and find out why A cannot reach B.')
    .exitOverride()
    .configureOutput({ writeOut: terminal.stdout, writeErr: () => undefined })
    .configureHelp({ helpWidth: terminal.columns ?? 100 })
    .showHelpAfterError(false);

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
    if (terminal.signal.aborted && !(error instanceof CommandError)) {
      terminal.stderr('hoplab: stopped\n');
      return EXIT.interrupted;
    }
    return report(error, terminal);
  }
}

/** Only the command that was asked for is loaded; all of them where the help (or a mistake) needs to name them. */
async function register(argv: readonly string[], context: CommandContext): Promise<void> {
  const asked = COMMANDS.find((command) => command.name === argv[0]);
  for (const command of asked ? [asked] : COMMANDS) await command.load(context);
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.reachable;
    terminal.stderr(`hoplab: ${displayText(error.message.replace(/^error: /, '').replace(/\n/g, ' '))}\n`);
    return EXIT.usage;
  }
  if (error instanceof CommandError) {
    terminal.stderr(`hoplab: ${error.message}\n${error.hint === null ? '' : `${error.hint}\n`}`);
    return error.status;
  }
  if (terminal.signal.aborted) {
    terminal.stderr('hoplab: stopped\n');
    return EXIT.interrupted;
  }
  const message = error instanceof Error ? error.message : String(error);
  terminal.stderr(`hoplab: internal error: ${displayText(message)}\n`);
  return EXIT.internal;
}
