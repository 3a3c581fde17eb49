import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Topology } from '../../diagnostics/model/topology.ts';
import type { FromMap, Language, ToMap } from '../messages.ts';
import { Announcer } from '../shared/announcer.ts';
import { connectHost } from '../shared/host.ts';
import { setPageLanguage } from '../shared/language.ts';
import '../shared/look.css';
import { MapCanvas, type Positions } from './canvas.ts';
import { changesToSay } from './changes.ts';
import { drawingOf } from './elements.ts';
import {
  collapsibleGroups,
  endpointNode,
  fullName,
  graphOf,
  LARGE,
  matching,
  shownAs,
  type Filter,
  type Graph,
} from './graph.ts';
import { MapList, type ListEvents } from './list.ts';
import './map.css';
import { noticesView } from './notices.ts';
import { WayPlayer } from './player.ts';
import { selectionView } from './selection.ts';
import { tableView } from './table.ts';
import { toolbarView, type ToolbarContext } from './toolbar.ts';
import { drawnWay, type DrawnWay } from './way.ts';
import { stationText, wayPanel } from './way-panel.ts';
import { MAP_WORDS, type MapWords } from './words.ts';

interface Kept {
  readonly language: Language;
  readonly positions: Positions;
  readonly collapsed: readonly string[];
  readonly list: boolean;
  readonly table: boolean;
  readonly title: string;
}

const host = connectHost<ToMap, FromMap, Kept>(
  { setup: true, topology: true, way: true, gone: true },
  { type: 'ready' },
);

/** The live map: drawn, listed in words, and with a packet's way on it. */
@customElement('hoplab-map')
export class MapView extends LitElement {
  @state() private language: Language = host.state().language ?? 'en';
  @state() private graph: Graph | null = null;
  @state() private gone: string | null = null;
  @state() private collapsed: ReadonlySet<string> = new Set(host.state().collapsed ?? []);
  @state() private search = '';
  @state() private filter: Filter = 'all';
  @state() private list = host.state().list ?? true;
  @state() private table = host.state().table ?? false;
  @state() private ends: readonly string[] = [];
  @state() private diagnosis: Diagnosis | null = null;
  private canvas: MapCanvas | null = null;
  private drawnStep: number | null = null;
  private heading = host.state().title ?? '';
  private readonly announcer = new Announcer();
  private readonly player = new WayPlayer(
    this,
    () => this.way?.stations.length ?? 0,
    (step) => {
      const station = this.way?.stations[step];
      if (station) this.announcer.say(stationText(station, this.words));
    },
  );

  override connectedCallback(): void {
    super.connectedCallback();
    host.listen((message) => {
      this.receive(message);
    });
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  private get words(): MapWords {
    return MAP_WORDS[this.language];
  }

  private get way(): DrawnWay | null {
    return this.diagnosis && this.graph ? drawnWay(this.diagnosis, this.graph, this.language) : null;
  }

  private receive(message: ToMap): void {
    switch (message.type) {
      case 'setup':
        this.language = message.language;
        host.keep({ language: message.language });
        setPageLanguage(message.language);
        return;
      case 'topology':
        this.show(message.title, message.topology);
        return;
      case 'way':
        this.player.play(false);
        this.player.go(null);
        this.diagnosis = message.diagnosis;
        return;
      case 'gone':
        this.gone = message.reason;
        this.announcer.say(displayText(message.reason));
        return;
    }
  }

  private show(title: string, topology: Topology): void {
    const before = this.graph;
    const graph = graphOf(topology);
    this.announcer.say(changesToSay(before, graph, this.words));
    const other = title !== this.heading;
    this.heading = title;
    host.keep({ title });
    if (other || (before === null && host.state().collapsed === undefined))
      this.setCollapsed(graph.size > LARGE ? collapsibleGroups(graph) : []);
    this.ends = this.ends.filter((id) => graph.byId.has(id));
    this.graph = graph;
    this.gone = null;
  }

  private setCollapsed(ids: Iterable<string>): void {
    this.collapsed = new Set(ids);
    host.keep({ collapsed: [...this.collapsed] });
  }

  private select(id: string | null, add: boolean): void {
    if (id === null) this.ends = [];
    else if (this.ends.includes(id)) this.ends = add ? this.ends.filter((end) => end !== id) : [id];
    else this.ends = add ? [...this.ends.slice(0, 1), id] : [id];
    const [from, to] = this.ends.map((end) => this.graph?.byId.get(end)).filter((node) => node !== undefined);
    if (!from || !this.graph) return;
    const name = fullName(this.graph, from);
    this.announcer.say(
      to ? this.words.bothSelected(name, fullName(this.graph, to)) : this.words.selected(name),
    );
  }

  private reveal(id: string): void {
    const list = this.querySelector('hoplab-list');
    if (list instanceof MapList) list.reveal(id);
  }

  private open(id: string): void {
    const node = this.graph && endpointNode(this.graph, id);
    if (node?.endpoint) host.post({ type: 'open-terminal', endpoint: node.endpoint });
  }

  private readonly listEvents: ListEvents = {
    focus: (id) => this.canvas?.focus(id),
    select: (id) => {
      this.select(id, true);
    },
    open: (id) => {
      this.open(id);
    },
    collapse: (id, collapsed) => {
      this.setCollapsed(
        collapsed ? [...this.collapsed, id] : [...this.collapsed].filter((one) => one !== id),
      );
    },
    leave: () => {
      this.canvas?.focus(null);
      this.querySelector<HTMLElement>('.search')?.focus();
    },
  };

  private press(what: Parameters<ToolbarContext['press']>[0]): void {
    switch (what) {
      case 'fit':
        this.canvas?.fit();
        return;
      case 'zoom-in':
        this.canvas?.zoomBy(1.25);
        return;
      case 'zoom-out':
        this.canvas?.zoomBy(0.8);
        return;
      case 'collapse':
        this.setCollapsed(this.graph ? collapsibleGroups(this.graph) : []);
        return;
      case 'expand':
        this.setCollapsed([]);
        return;
      case 'refresh':
        host.post({ type: 'refresh' });
        return;
      case 'save':
        if (this.canvas) host.post({ type: 'save-image', base64: this.canvas.picture() });
        return;
      case 'list':
        this.list = !this.list;
        host.keep({ list: this.list });
        return;
      case 'table':
        this.table = !this.table;
        host.keep({ table: this.table });
        return;
    }
  }

  protected override render(): TemplateResult {
    const { graph, words } = this;
    if (!graph)
      return html`<main>
        <p class="empty muted">
          ${this.gone === null ? words.waiting : `${words.gone} ${displayText(this.gone)}`}
        </p>
      </main>`;
    const matches = matching(graph, this.search, this.filter);
    return html`<main>
      <h1 class="visually-hidden">${displayText(this.heading)}</h1>
      ${this.toolbar(graph, matches)}
      ${noticesView(
        this.gone,
        graph.size > LARGE && this.collapsed.size > 0 && !this.table ? graph.size : null,
        words,
        () => {
          this.press('table');
        },
      )}
      <div class="stage">
        ${
          this.table
            ? tableView(graph, matches, words, (id) => {
                this.open(id);
              })
            : nothing
        }
        <div class="canvas-frame" ?hidden=${this.table}>
          <div id="canvas" role="img" aria-label=${words.canvas}></div>
          ${selectionView({
            graph,
            ends: this.ends,
            words,
            open: (endpoint) => {
              host.post({ type: 'open-terminal', endpoint });
            },
            why: (from, to) => {
              host.post({ type: 'ask-why', from, to });
            },
            swap: () => {
              this.ends = this.ends.toReversed();
            },
            clear: () => {
              this.ends = [];
            },
          })}
        </div>
        ${
          this.list && !this.table
            ? html`<aside aria-label=${words.list}>
                <hoplab-list
                  .graph=${graph}
                  .collapsed=${this.collapsed}
                  .shownOnly=${matches}
                  .ends=${this.ends}
                  .words=${words}
                  .events=${this.listEvents}
                ></hoplab-list>
              </aside>`
            : nothing
        }
      </div>
      ${this.panel()}
    </main>`;
  }

  private toolbar(graph: Graph, matches: ReadonlySet<string> | null): TemplateResult {
    const groups = collapsibleGroups(graph);
    return toolbarView({
      words: this.words,
      search: this.search,
      filter: this.filter,
      found: matches?.size ?? null,
      table: this.table,
      list: this.list,
      allCollapsed: groups.length > 0 && groups.every((id) => this.collapsed.has(id)),
      find: (search) => {
        this.search = search;
      },
      firstFound: () => {
        const first = graph.nodes.find(({ id }) => matches === null || matches.has(id));
        if (first) this.reveal(first.id);
      },
      choose: (filter) => {
        this.filter = filter;
      },
      press: (what) => {
        this.press(what);
      },
    });
  }

  private panel(): TemplateResult | typeof nothing {
    const { way } = this;
    if (!way || way.stations.length === 0) return nothing;
    return wayPanel({
      way,
      step: this.player.step,
      playing: this.player.playing,
      language: this.language,
      words: this.words,
      go: (step) => {
        this.player.go(step);
      },
      play: (playing) => {
        this.player.play(playing);
      },
      details: () => {
        host.post({ type: 'show-diagnosis' });
      },
    });
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { graph } = this;
    if (!graph) return;
    const place = this.querySelector<HTMLElement>('#canvas');
    if (!this.canvas && place) this.canvas = this.newCanvas(place);
    const { canvas } = this;
    if (!canvas) return;
    if (['graph', 'collapsed', 'language'].some((name) => changed.has(name)))
      canvas.draw(drawingOf(graph, this.collapsed, this.words), (id) => shownAs(graph, this.collapsed, id));
    canvas.highlight(matching(graph, this.search, this.filter));
    canvas.ends(this.ends);
    const { step } = this.player;
    if (
      step !== this.drawnStep ||
      ['graph', 'collapsed', 'language', 'diagnosis'].some((name) => changed.has(name))
    )
      canvas.way(this.way, step);
    this.drawnStep = step;
  }

  private newCanvas(place: HTMLElement): MapCanvas {
    return new MapCanvas(
      place,
      {
        select: (id, add) => {
          this.select(id, add);
        },
        open: (id) => {
          this.open(id);
        },
        moved: (positions) => {
          host.keep({ positions });
        },
      },
      host.state().positions ?? null,
    );
  }
}
