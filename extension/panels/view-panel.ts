import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type * as z from 'zod';
import type { Setup } from '../../webview/messages.ts';
import { pageHtml, type PageParts } from '../../webview/page.ts';
import { language } from '../language.ts';
import { label } from '../views/labels.ts';

export interface ViewOptions<In extends { readonly type: string }> {
  readonly view: PageParts['view'];
  readonly title: string;
  readonly column: vscode.ViewColumn;
  readonly extensionUri: vscode.Uri;
  readonly schema: z.ZodType<In>;
  /** A panel that VS Code kept over a reload of the window; else one is made. */
  readonly restored?: vscode.WebviewPanel | undefined;
}

/**
 * One webview: its page, its policy, and the typed wire to it. What is posted before the page is ready is kept, the last of
 * each type; after a reload of the page it is told again.
 */
export class ViewPanel<In extends { readonly type: string }, Out extends { readonly type: string }>
  implements vscode.Disposable
{
  readonly #panel: vscode.WebviewPanel;
  readonly #received = new vscode.EventEmitter<In>();
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly #latest = new Map<string, Out>();
  readonly #once: Out[] = [];
  readonly onDidReceive = this.#received.event;
  readonly onDidDispose = this.#disposed.event;
  #ready = false;

  constructor(options: ViewOptions<In>) {
    const root = vscode.Uri.joinPath(options.extensionUri, 'dist/webview');
    const settings = {
      enableScripts: true,
      localResourceRoots: [root],
      enableCommandUris: false,
      enableForms: false,
    };
    this.#panel =
      options.restored ??
      vscode.window.createWebviewPanel(
        `hoplab.${options.view}`,
        label(options.title),
        { viewColumn: options.column, preserveFocus: false },
        { ...settings, retainContextWhenHidden: true },
      );
    const { webview } = this.#panel;
    webview.options = settings;
    const media = vscode.Uri.joinPath(options.extensionUri, 'extension/media');
    this.#panel.iconPath = {
      light: vscode.Uri.joinPath(media, 'tab-light.svg'),
      dark: vscode.Uri.joinPath(media, 'tab-dark.svg'),
    };
    webview.onDidReceiveMessage((message: unknown) => {
      const parsed = options.schema.safeParse(message);
      if (!parsed.success) return;
      if (parsed.data.type === 'ready') this.#tellAll();
      this.#received.fire(parsed.data);
    });
    this.#panel.onDidDispose(() => {
      this.#disposed.fire();
      this.#disposed.dispose();
      this.#received.dispose();
    });
    webview.html = pageHtml({
      view: options.view,
      title: options.title,
      language: language(),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
      base: webview.asWebviewUri(root).toString(),
    });
  }

  set title(title: string) {
    this.#panel.title = label(title);
  }

  get visible(): boolean {
    return this.#panel.visible;
  }

  reveal(preserveFocus = false): void {
    this.#panel.reveal(undefined, preserveFocus);
  }

  post(message: Out): void {
    this.#latest.delete(message.type);
    this.#latest.set(message.type, message);
    if (this.#ready) void this.#panel.webview.postMessage(message);
  }

  /** Posts something that a reloaded page need not hear again. */
  tell(message: Out): void {
    if (this.#ready) void this.#panel.webview.postMessage(message);
    else this.#once.push(message);
  }

  /** What was posted of this type does not hold any more. */
  forget(type: Out['type']): void {
    this.#latest.delete(type);
  }

  /** Speaks the language that holds now. */
  speakAgain(): void {
    const setup: Setup = { type: 'setup', language: language() };
    if (this.#ready) void this.#panel.webview.postMessage(setup);
  }

  #tellAll(): void {
    this.#ready = true;
    this.speakAgain();
    for (const message of [...this.#latest.values(), ...this.#once.splice(0)])
      void this.#panel.webview.postMessage(message);
  }

  dispose(): void {
    this.#panel.dispose();
  }
}
