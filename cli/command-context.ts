import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

/** What a command module's `register…` gets. */
export interface CommandContext {
  readonly program: Command;
  readonly terminal: Terminal;
  /** The exit status of the command, where it ends without an error. */
  readonly exitWith: (status: number) => void;
}
