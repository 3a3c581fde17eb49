import * as vscode from 'vscode';
import { say } from './language.ts';
import type { Labs } from './labs/labs.ts';
import { label, tooltip } from './views/labels.ts';

/** The running lab and how far it is; a click opens its guide. Hidden while no lab runs. */
export class StatusBar implements vscode.Disposable {
  readonly #labs: Labs;
  readonly #item = vscode.window.createStatusBarItem('hoplab.lab', vscode.StatusBarAlignment.Left, 10);
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(labs: Labs) {
    this.#labs = labs;
    this.#item.name = 'Hoplab';
    this.#item.command = 'hoplab.lab.guide';
    this.#subscriptions = [
      labs.onDidChangeRunning(() => this.#update()),
      labs.onDidChangeStatus(() => this.#update()),
    ];
  }

  #update(): void {
    const lab = this.#labs.active;
    if (!lab) return this.#item.hide();
    const steps = lab.status?.steps ?? [];
    const done = steps.filter((step) => step.done).length;
    this.#item.text = `$(beaker) ${label(lab.title)} ${done}/${steps.length}`;
    this.#item.tooltip = tooltip(
      say('Hoplab lab "{0}": {1} of {2} steps done', lab.title, done, steps.length),
    );
    this.#item.accessibilityInformation = {
      label: say('Hoplab lab "{0}": {1} of {2} steps done', label(lab.title), done, steps.length),
      role: 'button',
    };
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
