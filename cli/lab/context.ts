import { jsonText } from '../json-text.ts';
import { asLabProblem } from './problem.ts';
import { statusText } from './status-text.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import { ready, type Sandbox } from '../../labs/sandbox/sandbox.ts';
import { connectSession, type SessionClient } from '../../labs/session/client.ts';
import { findLab } from '../../labs/session/find-lab.ts';
import type { LabStatus } from '../../labs/session/protocol.ts';
import type { CommandContext } from '../command-context.ts';
import { languageOf } from '../language.ts';
import type { Terminal } from '../terminal.ts';

export interface LabOptions {
  readonly lab?: string;
  readonly json?: boolean;
  readonly run?: boolean;
  readonly all?: boolean;
  readonly fresh?: boolean;
  readonly another?: boolean;
}

export type Action<A extends unknown[]> = (...args: A) => Promise<void>;

/** What every `hoplab lab …` needs: where to print, and how to reach a running lab. */
export interface LabContext {
  readonly terminal: Terminal;
  readonly exitWith: CommandContext['exitWith'];
  readonly language: Language;
  readonly print: (text: string) => void;
  readonly json: (data: unknown) => void;
  /** Something is under way; said on a terminal only. */
  readonly progress: (text: string) => void;
  readonly show: (status: LabStatus, options: LabOptions) => void;
  readonly statusText: (status: LabStatus) => string;
  /** Whatever a lab or its sandbox refuses becomes one clear line. */
  readonly guarded: <A extends unknown[]>(action: Action<A>) => Action<A>;
  readonly withSession: <T>(
    options: LabOptions,
    action: (client: SessionClient, sandbox: Sandbox | null) => Promise<T>,
  ) => Promise<T>;
}

export function labContext({ terminal, exitWith }: CommandContext): LabContext {
  const language = languageOf(terminal.env);
  const colour = terminal.interactive.stdout && !terminal.env['NO_COLOR'];
  const print = (text: string): void => terminal.stdout(`${text}\n`);
  const json = (data: unknown): void => terminal.stdout(jsonText(data));
  const text = (status: LabStatus): string => statusText(status, language, colour);
  return {
    terminal,
    exitWith,
    language,
    print,
    json,
    statusText: text,
    progress(line) {
      if (terminal.interactive.stderr) terminal.stderr(`${line}\n`);
    },
    show(status, options) {
      if (options.json) json(status);
      else print(text(status));
    },
    guarded:
      (action) =>
      async (...args) => {
        try {
          await action(...args);
        } catch (error) {
          throw asLabProblem(error, language);
        }
      },
    async withSession(options, action) {
      const { socket, sandbox } = await findLab(options.lab, terminal.env);
      if (sandbox) await ready(sandbox, terminal.signal);
      const client = await connectSession(socket, terminal.signal);
      try {
        return await action(client, sandbox);
      } finally {
        client.close();
      }
    },
  };
}
