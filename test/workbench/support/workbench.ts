import { execa } from 'execa';
import { mkdtemp, rm, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../../../.ci/workbench/browser.mjs';
import { startServer } from '../../../.ci/workbench/server.mjs';

export interface WorkbenchOptions {
  readonly vsix: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly trustEverything?: boolean;
}

/** For each thing that a page is to show: other layers keep the machine busy. */
const PATIENCE_MILLISECONDS = 120_000;
/** After so long without what was to come of it, something is done again. */
const AGAIN_MILLISECONDS = 5000;

/** A VS Code workbench with the packaged extension installed, in a browser, with labs of its own. */
export class Workbench implements AsyncDisposable {
  readonly page: Page;
  /** What the pages complained about: refused by a policy, or thrown. */
  readonly complaints: string[] = [];
  /** Where this workbench's labs run, and where the learner's progress is kept. */
  readonly runtimeDirectory: string;
  readonly stateDirectory: string;
  readonly #close: () => Promise<void>;

  private constructor(page: Page, directory: string, close: () => Promise<void>) {
    this.page = page;
    this.runtimeDirectory = join(directory, 'run');
    this.stateDirectory = join(directory, 'state');
    this.#close = close;
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  static async open({ vsix, settings = {}, trustEverything = true }: WorkbenchOptions): Promise<Workbench> {
    // Short: the path of a lab's socket is under it.
    const directory = await mkdtemp(join(tmpdir(), 'hl-'));
    const folder = join(directory, 'work');
    await mkdir(folder);
    const server = await startServer({
      directory: join(directory, 'server'),
      folder,
      vsix: [vsix],
      settings,
      trustEverything,
      environment: {
        HOPLAB_RUNTIME_DIR: join(directory, 'run'),
        XDG_STATE_HOME: join(directory, 'state'),
      },
    });
    const browser = await launchBrowser({ width: 1400, height: 900 });
    browser.context.setDefaultTimeout(PATIENCE_MILLISECONDS);
    const workbench = new Workbench(browser.page, directory, async () => {
      await browser.close();
      await server.stop();
      // A test that failed has not stopped its lab.
      await execa('node', ['dist/cli/hoplab.mjs', 'lab', 'stop', '--all'], {
        env: { HOPLAB_RUNTIME_DIR: join(directory, 'run') },
        reject: false,
      });
      await rm(directory, { recursive: true, force: true });
    });
    await browser.page.goto(`${server.url}/?folder=${encodeURI(folder)}`);
    await browser.page.locator('.monaco-workbench').waitFor();
    return workbench;
  }

  /** Opens Hoplab's side bar. */
  async openHoplab(): Promise<void> {
    const icon = this.page.locator('.activitybar .action-item a[aria-label^="Hoplab"]');
    await icon.waitFor();
    if ((await icon.getAttribute('aria-expanded')) !== 'true') await icon.click();
    await this.page
      .locator('.pane-header', { hasText: /Labs|实验/ })
      .first()
      .waitFor();
  }

  /** A row of a tree, by the beginning of what a screen reader says of it. */
  row(name: RegExp): Locator {
    return this.page.getByRole('treeitem', { name }).first();
  }

  /** Opens a row of a tree that has others below it: one that is drawn anew while it is clicked stays closed. */
  async expand(name: RegExp): Promise<void> {
    const open = this.page.getByRole('treeitem', { name, expanded: true }).first();
    await untilDone(async (patience) => {
      await this.row(name).waitFor(patience);
      if (!(await open.isVisible())) await this.row(name).click(patience);
      await open.waitFor(patience);
    });
  }

  /** A button in a row, which shows when the row is pointed at. */
  async clickInRow(name: RegExp, button: string): Promise<void> {
    const row = this.row(name);
    await row.hover();
    await row.getByRole('button', { name: button, exact: true }).click();
  }

  /** Loads the whole window anew, as the palette does. */
  async reload(): Promise<void> {
    // It may be loaded before the click on the command is over.
    await Promise.all([this.page.waitForEvent('load'), this.command('Developer: Reload Window')]);
    await this.page.locator('.monaco-workbench').waitFor();
  }

  /**
   * Runs a command of the palette by its whole title. A webview that has just come up takes the focus, and the palette closes:
   * then it is opened again.
   */
  async command(title: string): Promise<void> {
    const entry = this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ hasText: title.replace(/^Hoplab: /, '') })
      .first();
    await untilDone(async (patience) => {
      await this.focusWorkbench();
      await this.page.keyboard.press('F1');
      await this.quickInput().waitFor(patience);
      await this.quickInput().fill(`>${title}`, patience);
      await entry.click(patience);
    });
  }

  quickInput(): Locator {
    return this.page.locator('.quick-input-widget input[type="text"], .quick-input-widget .input').first();
  }

  /** Types into the open list and takes the entry that then matches. What is typed into a list that is being replaced is lost. */
  async pick(typed: string, entry: string | RegExp): Promise<void> {
    const input = this.quickInput();
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: entry }).first();
    await untilDone(async (patience) => {
      await input.fill(typed, patience);
      await row.click(patience);
    });
  }

  /** A webview keeps the keys that are pressed in it: the focus goes back to the workbench first. */
  async focusWorkbench(): Promise<void> {
    const tree = this.page.locator('.part.sidebar .monaco-list').first();
    if (await tree.isVisible()) return tree.focus();
    const tab = this.page.locator('.part.editor .tab.active').first();
    if (await tab.isVisible()) await tab.click();
  }

  /** The content of the view (`hoplab-map` …) that is visible. */
  async view(element: 'hoplab-map' | 'hoplab-guide' | 'hoplab-diagnosis'): Promise<FrameLocator> {
    const end = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const frames = await this.page.locator('iframe.webview.ready').count();
      for (let index = 0; index < frames; index++) {
        const frame = this.page.locator('iframe.webview.ready').nth(index);
        if (!(await frame.isVisible())) continue;
        const inner = frame.contentFrame().frameLocator('iframe#active-frame');
        if (
          (await inner
            .locator(element)
            .count()
            .catch(() => 0)) > 0
        )
          return inner;
      }
      if (Date.now() > end) throw new Error(`no visible webview has a ${element}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** Types a line into a node's terminal, which is or comes to the front, and runs it once it stands there. */
  async type(node: string, line: string): Promise<void> {
    await this.terminal().getByText(`${node}#`).first().waitFor();
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await this.page.keyboard.type(line);
    await this.terminal().getByText(`${node}# ${line}`).last().waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** What the terminal in front shows. */
  terminal(): Locator {
    return this.page.locator('.terminal-wrapper.active .xterm-rows');
  }

  /** Presses a button of the modal question that is open. */
  async answer(button: string): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const text = await dialog.innerText();
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    return text;
  }

  /** A picture of the whole window. */
  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }

  /** Of a failure: a picture of the window as it is now. */
  async explain(): Promise<void> {
    const picture = join(tmpdir(), `hoplab-failed-${Date.now()}.png`);
    await this.screenshot(picture);
    console.log(`The window at the failure: ${picture}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** What the window may just be replacing is tried again, as a person would. */
async function untilDone(attempt: (patience: { timeout: number }) => Promise<void>): Promise<void> {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    try {
      await attempt({ timeout: AGAIN_MILLISECONDS });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
