import * as vscode from 'vscode';
import type { CommandLine } from '../command-line.ts';
import { say } from '../language.ts';
import { withProgress } from '../progress.ts';

const SCHEME = 'hoplab-doctor';

/**
 * Shows what `hoplab doctor` says about this machine, as a document that can be searched and copied from. It is nobody's
 * file: closing it asks nothing.
 */
export class Doctor implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #commandLine: CommandLine;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;
  readonly onDidChange = this.#changed.event;
  #text = '';

  constructor(commandLine: CommandLine) {
    this.#commandLine = commandLine;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  async show(): Promise<void> {
    this.#text = await withProgress(say('Checking this machine'), (signal) =>
      this.#commandLine.text(['doctor'], signal),
    );
    const uri = vscode.Uri.from({ scheme: SCHEME, path: say('What this machine can do') });
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
