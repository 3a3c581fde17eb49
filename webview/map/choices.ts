import type { ReactiveControllerHost } from 'lit';
import type { Host } from '../shared/host.ts';
import { collapsibleGroups, matching, type Filter, type Graph } from './graph.ts';
import type { Kept } from './kept.ts';

/** How the reader looks at the map. What is searched for goes when the map is hidden; the rest is kept. */
export class Choices {
  search = '';
  filter: Filter = 'all';
  /** Ids of the groups whose insides are hidden. */
  collapsed: ReadonlySet<string>;
  list: boolean;
  table: boolean;

  constructor(
    private readonly view: ReactiveControllerHost,
    private readonly memory: Pick<Host<never, never, Kept>, 'state' | 'keep'>,
  ) {
    const kept = memory.state();
    this.collapsed = new Set(kept.collapsed ?? []);
    this.list = kept.list ?? true;
    this.table = kept.table ?? false;
  }

  find(search: string): void {
    this.search = search;
    this.view.requestUpdate();
  }

  show(filter: Filter): void {
    this.filter = filter;
    this.view.requestUpdate();
  }

  /** What search and filter leave; null where that is everything. */
  matches(graph: Graph): ReadonlySet<string> | null {
    return matching(graph, this.search, this.filter);
  }

  /** Collapses these groups and no others. */
  collapseOnly(ids: Iterable<string>): void {
    this.collapsed = new Set(ids);
    this.memory.keep({ collapsed: [...this.collapsed] });
    this.view.requestUpdate();
  }

  collapse(id: string, collapsed: boolean): void {
    this.collapseOnly(collapsed ? [...this.collapsed, id] : [...this.collapsed].filter((one) => one !== id));
  }

  allCollapsed(graph: Graph): boolean {
    const groups = collapsibleGroups(graph);
    return groups.length > 0 && groups.every((id) => this.collapsed.has(id));
  }

  toggleList(): void {
    this.list = !this.list;
    this.memory.keep({ list: this.list });
    this.view.requestUpdate();
  }

  toggleTable(): void {
    this.table = !this.table;
    this.memory.keep({ table: this.table });
    this.view.requestUpdate();
  }
}
