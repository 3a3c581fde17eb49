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
import { MapCanvas } from './canvas.ts';
import { changesToSay } from './changes.ts';
import { Choices } from './choices.ts';
import { DrawnMap } from './drawn-map.ts';
import { endsAfter, endsText } from './ends.ts';
import { collapsibleGroups, endpointNode, graphOf, LARGE, type Graph } from './graph.ts';
import type { Kept } from './kept.ts';
import { MapList, type ListEvents } from './list.ts';
import './map.css';
import { noticesView } from './notices.ts';
import { WayPlayer } from './player.ts';
import { stageView, type StageContext } from './stage.ts';
import { toolbarView, type ToolbarContext } from './toolbar.ts';
import { drawnWay, type DrawnWay } from './way.ts';
import { stationText, wayPanel } from './way-panel.ts';
import { MAP_WORDS, type MapWords } from './words.ts';

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
  @state() private ends: readonly string[] = [];
  @state() private diagnosis: Diagnosis | null = null;
  private readonly choices = new Choices(this, host);
  /** What search and filter leave; null where that is everything. */
  private found: ReadonlySet<string> | null = null;
  private way: DrawnWay | null = null;
  private drawn: DrawnMap | null = null;
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
      this.choices.collapseOnly(graph.size > LARGE ? collapsibleGroups(graph) : []);
    this.ends = this.ends.filter((id) => graph.byId.has(id));
    this.graph = graph;
    this.gone = null;
  }

  private select(id: string | null, add: boolean): void {
    this.ends = endsAfter(this.ends, id, add);
    if (this.graph) this.announcer.say(endsText(this.graph, this.ends, this.words));
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
    focus: (id) => this.drawn?.canvas.focus(id),
    select: (id) => {
      this.select(id, true);
    },
    open: (id) => {
      this.open(id);
    },
    collapse: (id, collapsed) => {
      this.choices.collapse(id, collapsed);
    },
    leave: () => {
      this.drawn?.canvas.focus(null);
      this.querySelector<HTMLElement>('.search')?.focus();
    },
  };

  private readonly actions: ToolbarContext['actions'] = {
    fit: () => this.drawn?.canvas.fit(),
    zoomIn: () => this.drawn?.canvas.zoomBy(1.25),
    zoomOut: () => this.drawn?.canvas.zoomBy(0.8),
    refresh: () => {
      host.post({ type: 'refresh' });
    },
    save: () => {
      if (this.drawn) host.post({ type: 'save-image', base64: this.drawn.canvas.picture() });
    },
  };

  private readonly selection: StageContext['selection'] = {
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
  };

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { graph, diagnosis, language } = this;
    this.found = graph && this.choices.matches(graph);
    if (['graph', 'diagnosis', 'language'].some((name) => changed.has(name)))
      this.way = graph && diagnosis && drawnWay(diagnosis, graph, language);
  }

  protected override render(): TemplateResult {
    const { graph, words, choices, found, ends, listEvents, selection } = this;
    if (!graph)
      return html`<main>
        <p class="empty muted">
          ${this.gone === null ? words.waiting : `${words.gone} ${displayText(this.gone)}`}
        </p>
      </main>`;
    return html`<main>
      <h1 class="visually-hidden">${displayText(this.heading)}</h1>
      ${toolbarView({
        graph,
        words,
        choices,
        found: found?.size ?? null,
        firstFound: () => {
          const first = graph.nodes.find(({ id }) => found === null || found.has(id));
          if (first) this.reveal(first.id);
        },
        actions: this.actions,
      })}
      ${noticesView(
        this.gone,
        graph.size > LARGE && choices.collapsed.size > 0 && !choices.table ? graph.size : null,
        words,
        () => {
          choices.toggleTable();
        },
      )}
      ${stageView({
        graph,
        words,
        matches: found,
        choices,
        ends,
        listEvents,
        selection,
        open: (id) => {
          this.open(id);
        },
      })}
      ${this.panel()}
    </main>`;
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
    const place = this.querySelector<HTMLElement>('#canvas');
    if (!graph || !place) return;
    this.drawn ??= new DrawnMap(this.newCanvas(place));
    this.drawn.show({
      graph,
      collapsed: this.choices.collapsed,
      language: this.language,
      matches: this.found,
      ends: this.ends,
      way: this.way,
      step: this.player.step,
    });
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
