import * as vscode from 'vscode';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { askQuestion } from '../commands/ask.ts';
import { askAsRoot } from '../commands/as-root.ts';
import type { CommandLine } from '../command-line.ts';
import type { RunningLab } from '../labs/running-lab.ts';
import type { Network, Question } from '../networks/network.ts';
import type { Networks } from '../networks/networks.ts';
import type { Terminals } from '../terminals.ts';
import type { DiagnosisPanel } from './diagnosis.ts';
import type { GuidePanel } from './guide.ts';
import type { MapPanel } from './map.ts';

/** What panels need of the rest of the extension. */
export interface PanelsHost {
  readonly commandLine: CommandLine;
  readonly networks: Networks;
  readonly terminals: Terminals;
  readonly report: (error: unknown) => void;
}

/** The open webviews: one map a network, one guide a lab, one diagnosis. Their code is loaded with the first of each. */
export class Panels implements vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #host: PanelsHost;
  readonly #maps = new Map<string, MapPanel>();
  readonly #guides = new Map<string, GuidePanel>();
  #diagnosis: DiagnosisPanel | null = null;

  constructor(extensionUri: vscode.Uri, host: PanelsHost) {
    this.#extensionUri = extensionUri;
    this.#host = host;
  }

  get diagnosis(): DiagnosisPanel | null {
    return this.#diagnosis;
  }

  async map(network: Network, restored?: vscode.WebviewPanel): Promise<MapPanel> {
    const { MapPanel } = await import('./map.ts');
    const open = this.#maps.get(network.id);
    if (open?.network === network) {
      open.reveal();
      return open;
    }
    // It is a lab's that ended, and whose name another one has now.
    open?.dispose();
    const host = this.#host;
    const made = new MapPanel(
      network,
      this.#extensionUri,
      {
        askWhy: async (of, from, to) => {
          await this.ask(of, to === null ? { from } : { from, to });
        },
        openTerminal: async (of, endpoint) => {
          await host.terminals.show(of, endpoint);
        },
        showDiagnosis: () => this.#diagnosis?.reveal(),
        report: host.report,
      },
      restored,
    );
    this.#maps.set(network.id, made);
    made.onDidDispose(() => this.#maps.delete(network.id));
    return made;
  }

  async guide(lab: RunningLab, restored?: vscode.WebviewPanel): Promise<GuidePanel> {
    const { GuidePanel } = await import('./guide.ts');
    const open = this.#guides.get(lab.sandbox);
    if (open?.lab === lab) {
      open.reveal();
      return open;
    }
    open?.dispose();
    const made = new GuidePanel(
      lab,
      this.#extensionUri,
      {
        terminals: this.#host.terminals,
        askWhy: async (of, question) => {
          await this.why(of.network, question);
        },
        report: this.#host.report,
      },
      restored,
    );
    this.#guides.set(lab.sandbox, made);
    made.onDidDispose(() => this.#guides.delete(lab.sandbox));
    return made;
  }

  /** Asks the user for what a question still needs, then asks the network. */
  async ask(
    network: Network,
    known: { readonly from?: string; readonly to?: string } = {},
  ): Promise<Diagnosis | null> {
    const topology = network.topology ?? (await this.#host.networks.read(network));
    const question = await askQuestion(topology, known);
    return question ? this.why(network, question) : null;
  }

  async why(network: Network, question: Question): Promise<Diagnosis | null> {
    const { DiagnosisPanel } = await import('./diagnosis.ts');
    if (this.#diagnosis) this.#diagnosis.reveal();
    else {
      const made = new DiagnosisPanel(network, question, this.#extensionUri, {
        answered: (of, diagnosis) => this.#maps.get(of.id)?.showWay(diagnosis),
        showOnMap: async (of, diagnosis) => (await this.map(of)).showWay(diagnosis),
        askAsRoot: (asked, apply) => askAsRoot(this.#host.commandLine, asked, apply),
        report: this.#host.report,
      });
      this.#diagnosis = made;
      setContext(true);
      made.onDidDispose(() => {
        this.#diagnosis = null;
        setContext(false);
      });
    }
    return (await this.#diagnosis?.ask(network, question)) ?? null;
  }

  /** After the language changed. */
  speakAgain(): void {
    for (const panel of this.#open) panel.speakAgain();
  }

  get #open(): readonly (MapPanel | GuidePanel | DiagnosisPanel)[] {
    return [...this.#maps.values(), ...this.#guides.values(), ...(this.#diagnosis ? [this.#diagnosis] : [])];
  }

  dispose(): void {
    for (const panel of this.#open) panel.dispose();
  }
}

const setContext = (open: boolean): void => {
  void vscode.commands.executeCommand('setContext', 'hoplab.diagnosisOpen', open);
};
