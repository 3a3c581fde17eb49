import * as vscode from 'vscode';
import type { CommandLine } from '../command-line.ts';
import { say } from '../language.ts';
import { withProgress } from '../progress.ts';

/** Shows what `hoplab doctor` says about this machine, as a document that can be searched and copied from. */
export async function doctor(commandLine: CommandLine): Promise<void> {
  const text = await withProgress(say('Checking this machine'), (signal) =>
    commandLine.text(['doctor'], signal),
  );
  const document = await vscode.workspace.openTextDocument({ content: text, language: 'plaintext' });
  await vscode.window.showTextDocument(document, { preview: true });
}
