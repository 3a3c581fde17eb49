import * as vscode from 'vscode';
import { displayText } from '../diagnostics/model/display-text.ts';
import { said } from '../diagnostics/sayings/sayings.ts';
import { language, say } from './language.ts';
import { Cancelled, Problem, type Remedy } from './problem.ts';

/** What went wrong as one sentence for a user. */
export const problemText = (error: unknown): string =>
  displayText(said(error instanceof Error ? error.message : String(error), language()), 'label');

/** Shows a failure with what can be done about it; a cancellation is no failure. Details go to the log. */
export async function reportProblem(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  if (error instanceof Cancelled) return;
  log.error(error instanceof Problem ? error.message : (error as Error));
  const remedy: Remedy = error instanceof Problem ? error.remedy : 'show-log';
  const buttons = { doctor: say('Check this machine'), 'show-log': say('Show log'), none: null };
  const button = buttons[remedy];
  const chosen = await vscode.window.showErrorMessage(
    problemText(error),
    ...(button === null ? [] : [button]),
  );
  if (chosen === undefined) return;
  if (remedy === 'doctor') await vscode.commands.executeCommand('hoplab.doctor');
  else log.show();
}
