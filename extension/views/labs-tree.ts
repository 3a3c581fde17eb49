import * as vscode from 'vscode';
import type { CatalogEntry } from '../labs/catalog.ts';
import type { Labs } from '../labs/labs.ts';
import type { RunningLab } from '../labs/running-lab.ts';
import type { LabItem } from './lab-item.ts';
import { lookOfLab } from './labs-look.ts';
import { Rows } from './rows.ts';

/** Running labs with their steps, nodes and faults; then what else can be started. */
export class LabsTree implements vscode.Disposable {
  readonly rows: Rows<LabItem>;
  readonly #labs: Labs;
  readonly #failed = new vscode.EventEmitter<unknown>();
  /** With what went wrong, or null. */
  readonly onDidRead = this.#failed.event;
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(labs: Labs) {
    this.#labs = labs;
    this.rows = new Rows({ below: (item) => (item ? below(item) : this.#top()), look: lookOfLab });
    this.#subscriptions = [
      this.rows,
      this.#failed,
      labs.onDidChangeRunning(() => this.refresh()),
      labs.onDidChangeStatus(() => this.refresh()),
    ];
  }

  refresh(): void {
    void this.rows.refresh();
  }

  async #top(): Promise<readonly LabItem[]> {
    const catalog = await this.#catalog();
    const started = new Set(this.#labs.running.map(({ lab }) => lab));
    return [
      ...this.#labs.running.map((lab): LabItem => ({ kind: 'running', lab })),
      ...catalog.filter(({ id }) => !started.has(id)).map((entry): LabItem => ({ kind: 'lab', entry })),
    ];
  }

  async #catalog(): Promise<readonly CatalogEntry[]> {
    try {
      const catalog = process.platform === 'linux' ? await this.#labs.catalog() : [];
      this.#failed.fire(null);
      return catalog;
    } catch (error) {
      this.#failed.fire(error);
      return [];
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

function below(item: LabItem): readonly LabItem[] {
  switch (item.kind) {
    case 'running':
      return inLab(item.lab);
    case 'group':
      return item.group === 'nodes'
        ? (item.lab.status?.nodes ?? []).map((node) => ({ kind: 'node', lab: item.lab, node }))
        : (item.lab.status?.faults ?? []).map((fault) => ({ kind: 'fault', lab: item.lab, fault }));
    case 'step':
      return item.step.checks.map((check) => ({ kind: 'check', lab: item.lab, step: item.step.id, check }));
    case 'lab':
    case 'check':
    case 'node':
    case 'fault':
      return [];
  }
}

function inLab(lab: RunningLab): readonly LabItem[] {
  const steps = (lab.status?.steps ?? []).map((step): LabItem => ({ kind: 'step', lab, step }));
  return [...steps, { kind: 'group', lab, group: 'nodes' }, { kind: 'group', lab, group: 'faults' }];
}
