import * as vscode from 'vscode';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { FromMap, ToMap } from '../../webview/messages.ts';
import { say } from '../language.ts';
import type { Network } from '../networks/network.ts';
import { fromMap } from './from-views.ts';
import { ViewPanel } from './view-panel.ts';

/** What the map asks of the rest of the extension. */
export interface MapHost {
  readonly askWhy: (network: Network, from: string, to: string | null) => Promise<void>;
  readonly openTerminal: (network: Network, endpoint: string) => Promise<void>;
  readonly showDiagnosis: () => void;
  readonly report: (error: unknown) => void;
}

/** The live map of one network. */
export class MapPanel implements vscode.Disposable {
  readonly network: Network;
  readonly #view: ViewPanel<FromMap, ToMap>;
  readonly #host: MapHost;
  readonly #subscription: vscode.Disposable;
  readonly onDidDispose: vscode.Event<void>;

  constructor(network: Network, extensionUri: vscode.Uri, host: MapHost, restored?: vscode.WebviewPanel) {
    this.network = network;
    this.#host = host;
    this.#view = new ViewPanel({
      view: 'map',
      title: title(network),
      column: vscode.ViewColumn.Active,
      extensionUri,
      schema: fromMap,
      restored,
    });
    this.#view.title = title(network);
    this.onDidDispose = this.#view.onDidDispose;
    this.#subscription = network.onDidChangeTopology((topology) => {
      if (topology) this.#show();
      else this.#gone();
    });
    this.onDidDispose(() => this.#subscription.dispose());
    this.#view.onDidReceive((message) => void this.#answer(message).catch(host.report));
    this.#show();
    void this.#refresh().catch(host.report);
  }

  reveal(): void {
    this.#view.reveal();
  }

  speakAgain(): void {
    this.#view.speakAgain();
  }

  showWay(diagnosis: Diagnosis | null): void {
    this.#view.post({ type: 'way', diagnosis });
  }

  #show(): void {
    const { topology } = this.network;
    if (topology) this.#view.post({ type: 'topology', title: this.network.title, topology });
  }

  #gone(): void {
    this.#view.post({ type: 'gone', reason: say('The lab "{0}" was stopped.', this.network.title) });
  }

  async #refresh(): Promise<void> {
    await this.network.refresh();
  }

  async #answer(message: FromMap): Promise<void> {
    switch (message.type) {
      case 'ready':
        return;
      case 'refresh':
        return this.#refresh();
      case 'ask-why':
        return this.#host.askWhy(this.network, message.from, message.to);
      case 'open-terminal':
        return this.#host.openTerminal(this.network, message.endpoint);
      case 'show-diagnosis':
        return this.#host.showDiagnosis();
      case 'save-image':
        return saveImage(message.base64);
    }
  }

  dispose(): void {
    this.#view.dispose();
  }
}

const title = (network: Network): string => say('Map: {0}', network.title);

async function saveImage(base64: string): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    filters: { [say('Picture')]: ['png'] },
    saveLabel: say('Save picture'),
  });
  if (target) await vscode.workspace.fs.writeFile(target, Buffer.from(base64, 'base64'));
}
