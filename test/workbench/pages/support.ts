import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { contentSecurityPolicy, pageHtml, type PageParts } from '../../../webview/page.ts';
import themes from './fixtures/themes.json' with { type: 'json' };

export type ThemeName = keyof typeof themes;

const BUILT = join(import.meta.dirname, '../../../dist/webview');
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
};
const CHROMIUM = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For each thing that a page is to show: other layers keep the machine busy. */
const PATIENCE_MILLISECONDS = 120_000;

export interface OpenOptions {
  readonly theme?: ThemeName;
  readonly language?: 'en' | 'zh-cn';
  readonly width?: number;
  readonly height?: number;
  /** What the view kept with `setState` before it was closed. */
  readonly state?: unknown;
}

/** A view in a browser, with a host that speaks the contract: `send` is the extension, `posted` what it was told. */
export class OpenView {
  constructor(
    readonly page: Page,
    private readonly problems: string[],
  ) {}

  async send(message: unknown): Promise<void> {
    await this.page.evaluate((data) => {
      window.postMessage(data, '*');
    }, message);
  }

  posted(): Promise<readonly { type: string; [key: string]: unknown }[]> {
    return this.page.evaluate(() => (window as unknown as { posted: [] }).posted);
  }

  /** The last message of a type; waits until there is one. */
  async said(type: string): Promise<unknown> {
    const handle = await this.page.waitForFunction(
      (wanted) =>
        (window as unknown as { posted: { type: string }[] }).posted.findLast((one) => one.type === wanted),
      type,
    );
    return handle.jsonValue();
  }

  state(): Promise<Record<string, unknown>> {
    return this.page.evaluate(() => (window as unknown as { kept: Record<string, unknown> }).kept);
  }

  /** What a screen reader was told last. */
  announced(): Promise<string> {
    return this.page.locator('body > [role=status]').innerText();
  }

  /** All that a screen reader was told, in order. */
  told(): Promise<readonly string[]> {
    return this.page.evaluate(() => (window as unknown as { told: [] }).told);
  }

  /** Errors in the console, refused by the policy or thrown. */
  get trouble(): readonly string[] {
    return this.problems;
  }

  /** The policy's refusals were provoked: what is left is what matters. */
  expectRefusals(): void {
    const rest = this.problems.filter((problem) => !problem.includes('Content Security Policy'));
    this.problems.splice(0, this.problems.length, ...rest);
  }

  async accessibility(): Promise<readonly string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  }

  /** Reads how many milliseconds the page's process has worked, on all its threads: waiting for a processor is none of it. */
  async workTime(): Promise<() => Promise<number>> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Performance.enable');
    return async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      const time = metrics.find(({ name }) => name === 'ProcessTime');
      if (!time) throw new Error('The browser tells no processor time of a page.');
      return time.value * 1000;
    };
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** A loopback server for the built pages, with the policy as a header too, and a browser to open them in. */
export class Pages {
  private constructor(
    private readonly server: Server,
    private readonly browser: Browser,
  ) {}

  static async start(): Promise<Pages> {
    const server = createServer((request, response) => {
      void answer(request.url ?? '/', origin(server)).then(({ status, headers, body }) => {
        response.writeHead(status, headers).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: CHROMIUM });
    return new Pages(server, browser);
  }

  async open(view: PageParts['view'], options: OpenOptions = {}): Promise<OpenView> {
    const { theme = 'dark', language = 'en', width = 1200, height = 800, state = null } = options;
    const context = await this.browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MILLISECONDS);
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    await page.addInitScript(fakeHost, { theme: themes[theme], state });
    await page.goto(`${origin(this.server)}/${view}`);
    const opened = new OpenView(page, problems);
    await opened.said('ready');
    await opened.send({ type: 'setup', language });
    return opened;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const origin = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const VIEWS: readonly PageParts['view'][] = ['map', 'guide', 'diagnosis'];

async function answer(
  url: string,
  cspSource: string,
): Promise<{ status: number; headers: Record<string, string>; body: string | Buffer }> {
  const name = basename(new URL(url, cspSource).pathname);
  const view = VIEWS.find((one) => one === name);
  if (view) {
    const parts: PageParts = {
      view,
      title: view,
      language: 'en',
      cspSource,
      nonce: 'n0nce',
      base: `${cspSource}/built`,
    };
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(parts),
    };
    return { status: 200, headers, body: pageHtml(parts) };
  }
  const type = TYPES[extname(name)];
  if (!type) return { status: 204, headers: {}, body: '' };
  return { status: 200, headers: { 'content-type': type }, body: await readFile(join(BUILT, name)) };
}

/** Runs in the page, before it: VS Code's theme, and `acquireVsCodeApi`. */
function fakeHost({ theme, state }: { theme: (typeof themes)[ThemeName]; state: unknown }): void {
  const place = window as unknown as Record<string, unknown>;
  const posted: unknown[] = [];
  place['posted'] = posted;
  place['kept'] = state;
  const told: string[] = [];
  place['told'] = told;
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const region = target instanceof Element ? target.closest('[role=status]') : null;
      if (region) told.push(region.textContent ?? '');
    }
  }).observe(document, { childList: true, subtree: true });
  place['acquireVsCodeApi'] = () => ({
    postMessage: (message: unknown) => posted.push(structuredClone(message)),
    getState: () => place['kept'],
    setState: (kept: unknown) => {
      place['kept'] = structuredClone(kept);
    },
  });
  // Before the page's module runs, as VS Code does.
  document.addEventListener('readystatechange', () => {
    if (document.readyState !== 'interactive') return;
    for (const [name, value] of Object.entries(theme.variables))
      document.documentElement.style.setProperty(name, value);
    document.body.classList.add('vscode-body', theme.bodyClass);
  });
}
