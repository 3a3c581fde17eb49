import * as vscode from 'vscode';
import { displayText } from '../diagnostics/model/display-text.ts';
import { say } from './language.ts';
import type { Network, TerminalProgram } from './networks/network.ts';
import { Problem } from './problem.ts';

/** Terminals in the nodes of networks: one a node, found again while it lives. */
export class Terminals implements vscode.Disposable {
  readonly #open = new Map<string, vscode.Terminal>();
  readonly #closed: vscode.Disposable;

  constructor() {
    this.#closed = vscode.window.onDidCloseTerminal((terminal) => {
      for (const [key, open] of this.#open) if (open === terminal) this.#open.delete(key);
    });
  }

  /** Shows the node's terminal. @throws Problem */
  async show(network: Network, endpoint: string): Promise<vscode.Terminal> {
    const key = `${network.id} ${endpoint}`;
    const terminal = this.#open.get(key) ?? create(endpoint, await network.shell(endpoint));
    this.#open.set(key, terminal);
    terminal.show();
    return terminal;
  }

  /** Types one line into the node's terminal; the user presses Enter. @throws Problem */
  async insert(network: Network, endpoint: string, text: string): Promise<void> {
    // A control character would run the line, or more than is seen.
    if (displayText(text) !== text)
      throw new Problem(say('Only one line of plain text can be inserted into a terminal.'));
    (await this.show(network, endpoint)).sendText(text, false);
  }

  /** Closes the terminals of a network that is gone. */
  closeAll(networkId: string): void {
    for (const [key, terminal] of this.#open) {
      if (!key.startsWith(`${networkId} `)) continue;
      // Before the event tells: a lab of the same name may be there by then.
      this.#open.delete(key);
      terminal.dispose();
    }
  }

  dispose(): void {
    this.#closed.dispose();
  }
}

const create = (endpoint: string, program: TerminalProgram): vscode.Terminal =>
  vscode.window.createTerminal({
    name: displayText(endpoint.replace(/^[a-z]+:/, ''), 'label'),
    shellPath: program.file,
    shellArgs: [...program.args],
    env: { ...program.env },
    iconPath: new vscode.ThemeIcon('terminal-linux'),
  });

/**
 * Runs a program to its end where the user sees it and can answer it (a password goes from the user to the program alone);
 * the terminal stays open afterwards. Resolves to its exit status; undefined where it was closed before.
 */
export async function runVisibly(name: string, program: TerminalProgram): Promise<number | undefined> {
  const { file, args, env } = program;
  const task = new vscode.Task(
    { type: 'hoplab' },
    vscode.TaskScope.Global,
    name,
    'Hoplab',
    new vscode.ProcessExecution(file, [...args], { env: { ...env } }),
  );
  task.presentationOptions = { focus: true, reveal: vscode.TaskRevealKind.Always, echo: true };
  const execution = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const ended = [
      vscode.tasks.onDidEndTaskProcess((event) => {
        if (event.execution === execution) finish(event.exitCode);
      }),
      vscode.tasks.onDidEndTask((event) => {
        // A process that could not be started ends its task only.
        if (event.execution === execution) setTimeout(() => finish(undefined));
      }),
    ];
    const finish = (status: number | undefined): void => {
      for (const subscription of ended) subscription.dispose();
      resolve(status);
    };
  });
}
