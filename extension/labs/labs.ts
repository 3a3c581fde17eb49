import * as vscode from 'vscode';
import { watch, type FSWatcher } from 'node:fs';
import type { Topology } from '../../diagnostics/model/topology.ts';
import type { CommandLine } from '../command-line.ts';
import { language } from '../language.ts';
import type { CatalogEntry } from './catalog.ts';
import { readCatalog } from './catalog.ts';
import { RunningLab } from './running-lab.ts';

/** Several writes of one start or stop are one change. */
const SETTLE_MILLISECONDS = 100;
/** A lab that is starting does not answer yet; that it does then is no change of the directory. */
const RETRY_MILLISECONDS = 500;
const RETRIES = 60;

/** The catalogue, and the labs that run: started here, by the command line tool, or before this window was opened. */
export class Labs implements vscode.Disposable {
  readonly #commandLine: CommandLine;
  readonly #running = new Map<string, RunningLab>();
  readonly #runningChanged = new vscode.EventEmitter<void>();
  readonly #statusChanged = new vscode.EventEmitter<RunningLab>();
  readonly #ended = new vscode.EventEmitter<RunningLab>();
  readonly #topologyChanged = new vscode.EventEmitter<Topology | null>();
  /** A lab came or went. */
  readonly onDidChangeRunning = this.#runningChanged.event;
  /** A running lab's status is new. */
  readonly onDidChangeStatus = this.#statusChanged.event;
  readonly onDidEnd = this.#ended.event;
  readonly onDidChangeTopology = this.#topologyChanged.event;
  #catalog: Promise<readonly CatalogEntry[]> | null = null;
  #catalogLanguage = language();
  #watcher: FSWatcher | null = null;
  #watching: Promise<void> | null = null;
  #scan: Promise<void> | null = null;
  #nextScan: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #retriesLeft = RETRIES;

  constructor(commandLine: CommandLine) {
    this.#commandLine = commandLine;
  }

  get running(): readonly RunningLab[] {
    return [...this.#running.values()];
  }

  /** The one that commands mean where nothing is chosen: the last started. */
  get active(): RunningLab | undefined {
    return this.running.at(-1);
  }

  find(sandbox: string): RunningLab | undefined {
    return this.#running.get(sandbox);
  }

  /** @throws Problem where the catalogue cannot be read */
  catalog(): Promise<readonly CatalogEntry[]> {
    if (this.#catalog === null || this.#catalogLanguage !== language()) {
      this.#catalogLanguage = language();
      const reading = readCatalog(this.#commandLine);
      this.#catalog = reading;
      // A failure is tried again the next time.
      reading.catch(() => (this.#catalog = null));
    }
    return this.#catalog;
  }

  /** From now on notices when a lab comes or goes; resolves, for whoever asks, when those that run already were found. */
  watch(): Promise<void> {
    if (process.platform !== 'linux') return Promise.resolve();
    this.#watching ??= this.#startWatching().catch((error: unknown) => {
      this.#watching = null;
      throw error;
    });
    return this.#watching;
  }

  /** Looks for running labs; one look at a time. One under way may have missed what is there now: another follows it. */
  scan(): Promise<void> {
    if (this.#scan === null) {
      this.#scan = this.#look().finally(() => (this.#scan = null));
      return this.#scan;
    }
    this.#nextScan ??= this.#scan
      .catch(() => undefined)
      .then(() => {
        this.#nextScan = null;
        return this.scan();
      });
    return this.#nextScan;
  }

  /** Gets every status again, in the language that holds now. */
  async speakAgain(): Promise<void> {
    await Promise.all(this.running.map((lab) => lab.speakAgain()));
  }

  async #startWatching(): Promise<void> {
    const { runtimeDirectory } = await import('../../labs/sandbox/runtime-directory.ts');
    const directory = await runtimeDirectory();
    this.#watcher ??= watch(directory, () => {
      this.#retriesLeft = RETRIES;
      this.#soon(SETTLE_MILLISECONDS);
    }).on('error', () => undefined);
    await this.scan();
  }

  #soon(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.scan().catch(() => undefined);
    }, milliseconds);
  }

  async #look(): Promise<void> {
    const { listSandboxes } = await import('../../labs/sandbox/sandbox.ts');
    for (const { name, lab, socket } of await listSandboxes()) {
      if (this.#running.has(name)) continue;
      try {
        this.#add(await RunningLab.connect(name, lab, socket));
      } catch {
        if (this.#retriesLeft-- > 0) this.#soon(RETRY_MILLISECONDS);
      }
    }
  }

  #add(lab: RunningLab): void {
    this.#running.set(lab.sandbox, lab);
    lab.onDidChange(() => this.#statusChanged.fire(lab));
    lab.network.onDidChangeTopology((topology) => this.#topologyChanged.fire(topology));
    lab.onDidEnd(() => {
      this.#running.delete(lab.sandbox);
      this.#ended.fire(lab);
      this.#runningChanged.fire();
      lab.dispose();
    });
    this.#runningChanged.fire();
  }

  dispose(): void {
    this.#watcher?.close();
    if (this.#timer) clearTimeout(this.#timer);
    for (const lab of this.running) lab.dispose();
    this.#runningChanged.dispose();
    this.#statusChanged.dispose();
    this.#topologyChanged.dispose();
    this.#ended.dispose();
  }
}
