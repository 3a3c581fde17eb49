import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { TopologyNode } from '../../diagnostics/model/topology.ts';
import { icon } from '../shared/icon.ts';
import { fullName, lineage, shownAs, type Graph } from './graph.ts';
import type { MapWords } from './words.ts';

export interface ListEvents {
  readonly focus: (id: string) => void;
  readonly select: (id: string) => void;
  readonly open: (id: string) => void;
  readonly collapse: (id: string, collapsed: boolean) => void;
  readonly leave: () => void;
}

const ICONS: Readonly<Record<TopologyNode['kind'], string>> = {
  host: 'server',
  namespace: 'window',
  interface: 'plug',
  bridge: 'git-merge',
  container: 'package',
  outside: 'globe',
};

interface Row {
  readonly node: TopologyNode;
  readonly level: number;
  readonly expandable: boolean;
}

/** The network in words, as a tree: the map for the keyboard and for screen readers. */
@customElement('hoplab-list')
export class MapList extends LitElement {
  @property({ attribute: false }) graph: Graph | null = null;
  @property({ attribute: false }) collapsed: ReadonlySet<string> = new Set();
  @property({ attribute: false }) shownOnly: ReadonlySet<string> | null = null;
  @property({ attribute: false }) ends: readonly string[] = [];
  @property({ attribute: false }) words: MapWords | null = null;
  @property({ attribute: false }) events: ListEvents | null = null;
  /** The row that has (or gets) the focus. */
  @state() private active: string | null = null;
  private moveFocus = false;

  protected override createRenderRoot(): this {
    return this;
  }

  /** Puts the focus on a node's row, opening what hides it. */
  reveal(id: string): void {
    if (!this.graph) return;
    for (const group of lineage(this.graph, id).slice(1))
      if (this.collapsed.has(group.id)) this.events?.collapse(group.id, false);
    this.active = id;
    this.moveFocus = true;
    this.requestUpdate();
  }

  private rows(): readonly Row[] {
    const { graph, collapsed, shownOnly } = this;
    if (!graph) return [];
    const kept =
      shownOnly && new Set([...shownOnly].flatMap((id) => lineage(graph, id).map((node) => node.id)));
    const rows: Row[] = [];
    const walk = (parent: string | null, level: number): void => {
      for (const node of graph.childrenOf.get(parent) ?? []) {
        if (kept && !kept.has(node.id)) continue;
        const expandable = (graph.childrenOf.get(node.id)?.length ?? 0) > 0;
        rows.push({ node, level, expandable });
        if (expandable && (kept !== null || !collapsed.has(node.id))) walk(node.id, level + 1);
      }
    };
    walk(null, 1);
    return rows;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words, graph } = this;
    if (!words || !graph) return nothing;
    const rows = this.rows();
    const active = rows.some(({ node }) => node.id === this.active) ? this.active : rows[0]?.node.id;
    return html`<p id="list-help" class="visually-hidden">${words.listHelp}</p>
      <div role="tree" aria-label=${words.list} aria-describedby="list-help" aria-multiselectable="true">
        ${rows.map((row) => this.rowView(row, row.node.id === active, graph, words))}
      </div>`;
  }

  private rowView(row: Row, active: boolean, graph: Graph, words: MapWords): TemplateResult {
    const { node, level, expandable } = row;
    const end = this.ends.indexOf(node.id);
    const open = expandable ? String(this.shownOnly !== null || !this.collapsed.has(node.id)) : nothing;
    const links = (graph.linksOf.get(node.id) ?? []).map(
      ({ kind, other, up }) => words.link[kind](fullName(graph, other)) + (up ? '' : ` (${words.down})`),
    );
    const said = [
      displayText(node.label),
      words.kind[node.kind],
      node.up ? words.up : words.down,
      ...node.addresses.map((address) => displayText(address)),
      ...links,
    ].join(', ');
    return html`<div
      role="treeitem"
      class="row-item level-${Math.min(level, 5)} ${node.up ? '' : 'is-down'}"
      data-id=${node.id}
      aria-level=${level}
      aria-expanded=${open}
      aria-selected=${end >= 0}
      aria-label=${said}
      title=${said}
      tabindex=${active ? 0 : -1}
      @click=${(event: MouseEvent): void => {
        this.activate(node.id, true);
        if (event.detail === 2) this.events?.open(node.id);
        else if (expandable) this.events?.collapse(node.id, !this.collapsed.has(node.id));
      }}
      @focus=${(): void => {
        this.activate(node.id, false);
      }}
      @keydown=${(event: KeyboardEvent): void => {
        this.pressed(event, row);
      }}
    >
      <span
        class="twist codicon ${expandable ? `codicon-chevron-${open === 'true' ? 'down' : 'right'}` : ''}"
      ></span>
      ${icon(ICONS[node.kind])}
      <span class="row-name">${displayText(node.label)}</span>
      ${node.up ? nothing : html`<span class="down-word">${icon('close', 'bad')}${words.down}</span>`}
      <span class="row-addresses muted">${node.addresses.map((one) => displayText(one)).join(', ')}</span>
      ${end >= 0 ? html`<span class="badge">${end + 1}</span>` : nothing}
    </div>`;
  }

  private activate(id: string, move: boolean): void {
    if (this.active !== id) this.events?.focus(id);
    this.active = id;
    this.moveFocus = move;
  }

  private go(id: string | undefined): void {
    if (id !== undefined) this.activate(id, true);
  }

  private pressed(event: KeyboardEvent, { node, expandable }: Row): void {
    const rows = this.rows().map((row) => row.node.id);
    const at = rows.indexOf(node.id);
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => {
        this.go(rows[at + 1]);
      },
      ArrowUp: () => {
        this.go(rows[at - 1]);
      },
      Home: () => {
        this.go(rows[0]);
      },
      End: () => {
        this.go(rows.at(-1));
      },
      ArrowRight: () => {
        if (!expandable) this.follow(node);
        else if (this.collapsed.has(node.id)) this.events?.collapse(node.id, false);
        else this.go(rows[at + 1]);
      },
      ArrowLeft: () => {
        if (expandable && !this.collapsed.has(node.id)) this.events?.collapse(node.id, true);
        else this.go(node.parent ?? undefined);
      },
      ' ': () => this.events?.select(node.id),
      Enter: () => this.events?.open(node.id),
      Escape: () => this.events?.leave(),
    };
    const action = actions[event.key];
    if (!action || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  }

  /** Along the first link of an interface to its other end. */
  private follow(node: TopologyNode): void {
    const link = this.graph?.linksOf.get(node.id)?.[0];
    if (!link || !this.graph) return;
    const shown = shownAs(this.graph, this.collapsed, link.other.id);
    if (shown === link.other.id) this.activate(link.other.id, true);
    else this.reveal(link.other.id);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (!this.moveFocus || this.active === null) return;
    this.moveFocus = false;
    const row = [...this.querySelectorAll<HTMLElement>('[role=treeitem]')].find(
      (item) => item.dataset['id'] === this.active,
    );
    row?.focus();
  }
}
