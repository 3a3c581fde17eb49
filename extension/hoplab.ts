import * as vscode from 'vscode';
import { CommandLine } from './command-line.ts';
import { language } from './language.ts';
import { Labs } from './labs/labs.ts';
import { MachineNetwork } from './networks/machine.ts';
import { Networks } from './networks/networks.ts';
import { Panels } from './panels/panels.ts';
import { reportProblem } from './report.ts';
import { StatusBar } from './status-bar.ts';
import { Terminals } from './terminals.ts';
import { LabsTree } from './views/labs-tree.ts';
import { NetworkTree } from './views/network-tree.ts';
import { showTrees } from './views/show-trees.ts';

/** Everything that lives as long as the extension is active; it owns what has to be disposed. */
export class Hoplab implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly commandLine: CommandLine;
  readonly labs: Labs;
  readonly networks: Networks;
  readonly terminals: Terminals;
  readonly panels: Panels;
  readonly labsTree: LabsTree;
  readonly networkTree: NetworkTree;
  readonly #disposables: vscode.Disposable[] = [];

  constructor(context: vscode.ExtensionContext) {
    this.log = this.#own(vscode.window.createOutputChannel('Hoplab', { log: true }));
    this.commandLine = new CommandLine(context.extensionPath);
    this.labs = this.#own(new Labs(this.commandLine));
    const machine = this.#own(new MachineNetwork(this.commandLine));
    this.networks = this.#own(new Networks(machine, this.labs));
    this.terminals = this.#own(new Terminals());
    this.panels = this.#own(new Panels(context.extensionUri, this));
    this.labsTree = this.#own(new LabsTree(this.labs));
    this.networkTree = this.#own(new NetworkTree(this.networks));
    this.#own(new StatusBar(this.labs));
    this.#own(showTrees(this));
    this.#own(
      this.labs.onDidEnd((lab) => {
        this.terminals.closeAll(lab.network.id);
      }),
    );
    this.#own(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('hoplab.language')) this.#speakAgain();
      }),
    );
  }

  /** Shows what went wrong, and what can be done about it. */
  readonly report = (error: unknown): void => {
    void reportProblem(error, this.log);
  };

  #speakAgain(): void {
    this.log.info(`language: ${language()}`);
    this.labs.speakAgain().catch(this.report);
    this.panels.speakAgain();
    this.labsTree.refresh();
  }

  #own<T extends vscode.Disposable>(disposable: T): T {
    this.#disposables.push(disposable);
    return disposable;
  }

  dispose(): void {
    for (const disposable of this.#disposables.toReversed()) disposable.dispose();
  }
}
