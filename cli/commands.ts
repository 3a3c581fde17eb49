import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

/** What a command module's `register…` gets. */
export interface CommandContext {
  readonly program: Command;
  readonly terminal: Terminal;
  /** The exit status of the command, where it ends without an error. */
  readonly exitWith: (status: number) => void;
}

interface CommandEntry {
  readonly name: string;
  readonly load: (context: CommandContext) => Promise<void>;
}

/**
 * Each command's module is loaded only when it is asked for, so that `hoplab` starts fast. An entry reads
 * `{ name: 'why', load: async (context) => (await import('./why.ts')).registerWhy(context) }`.
 */
export const COMMANDS: readonly CommandEntry[] = [];
