import * as vscode from 'vscode';
import { registerCommands } from './commands/commands.ts';
import { Hoplab } from './hoplab.ts';
import { restorePanels } from './panels/restore.ts';

/** Registers what VS Code shows; whatever is heavy waits until a view, a panel or a command needs it. */
export function activate(context: vscode.ExtensionContext): Hoplab {
  const linux = process.platform === 'linux';
  void vscode.commands.executeCommand('setContext', linux ? 'hoplab.linux' : 'hoplab.notLinux', true);
  const hoplab = new Hoplab(context);
  context.subscriptions.push(hoplab, registerCommands(hoplab), restorePanels(hoplab));
  return hoplab;
}
