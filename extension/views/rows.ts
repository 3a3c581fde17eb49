import * as vscode from 'vscode';
import { treeItem, type Look } from './look.ts';

/** What a tree shows. */
export interface Source<T> {
  /** What is below an item; below nothing: the top. */
  readonly below: (item: T | undefined) => readonly T[] | Promise<readonly T[]>;
  readonly look: (item: T) => Look;
}

/** A row that VS Code knows: the same object as long as the tree shows it, whatever becomes of what it stands for. */
export class Row<T> {
  readonly id: string;
  item: T;
  /** As VS Code shows it. */
  shown: string | null = null;
  /** As VS Code was told; null where it has not asked. */
  below: readonly Row<T>[] | null = null;
  readonly readings = { begun: 0, taken: 0 };

  constructor(id: string, item: T) {
    this.id = id;
    this.item = item;
  }
}

/**
 * A tree of which only what changed is drawn anew.
 * While a row is being drawn anew VS Code has forgotten what it stood for, and a click on one of its buttons comes
 * without it: a button must not depend on what changes elsewhere in the tree.
 */
export class Rows<T> implements vscode.TreeDataProvider<Row<T>>, vscode.Disposable {
  readonly #source: Source<T>;
  readonly #top: Pick<Row<T>, 'below' | 'readings'> = { below: null, readings: { begun: 0, taken: 0 } };
  readonly #changed = new vscode.EventEmitter<Row<T>[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(source: Source<T>) {
    this.#source = source;
  }

  async getChildren(row?: Row<T>): Promise<Row<T>[]> {
    await this.#read(row);
    return [...((row ?? this.#top).below ?? [])];
  }

  getTreeItem(row: Row<T>): vscode.TreeItem {
    const look = this.#source.look(row.item);
    row.shown = JSON.stringify(look);
    return treeItem(look);
  }

  /** Draws anew the rows that look different now, and those that have other rows below them. */
  async refresh(): Promise<void> {
    if (this.#top.below === null) return;
    if (await this.#read(undefined)) return this.redraw();
    const changed: Row<T>[] = [];
    for (const row of this.#top.below) await this.#compare(row, changed);
    if (changed.length > 0) this.#changed.fire(changed);
  }

  /** Draws everything anew, once it is looked at. */
  redraw(): void {
    this.#changed.fire(undefined);
  }

  async #compare(row: Row<T>, changed: Row<T>[]): Promise<void> {
    const other = row.shown !== null && row.shown !== JSON.stringify(this.#source.look(row.item));
    if (row.below !== null && (await this.#read(row))) changed.push(row);
    else if (other) changed.push(row);
    for (const child of row.below ?? []) await this.#compare(child, changed);
  }

  /** Says whether other rows than before are below. */
  async #read(row: Row<T> | undefined): Promise<boolean> {
    const parent = row ?? this.#top;
    const reading = ++parent.readings.begun;
    const items = await this.#source.below(row?.item);
    // From here on nothing waits: a row that two readings find at the same time is one row.
    // One that began before what is known now tells of earlier: of the network that was looked at then, for instance.
    if (reading < parent.readings.taken) return false;
    parent.readings.taken = reading;
    const before = parent.below;
    const known = new Map(before?.map((child) => [child.id, child]));
    parent.below = items.map((item) => {
      const { id } = this.#source.look(item);
      const child = known.get(id) ?? new Row(id, item);
      child.item = item;
      return child;
    });
    return before?.map(({ id }) => id).join('\n') !== parent.below.map(({ id }) => id).join('\n');
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
