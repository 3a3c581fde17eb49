import cytoscape, { type Core, type ElementDefinition, type EventObject, type Position } from 'cytoscape';
import fcose from 'cytoscape-fcose';
import type { Drawing } from './elements.ts';
import { lookOf } from './look.ts';
import { boxFor } from './measure.ts';
import { WayOverlay } from './overlay.ts';
import { layOutAll } from './layout.ts';
import { placeNew } from './placement.ts';
import { readTheme, watchTheme, type Theme } from './theme.ts';
import type { DrawnWay } from './way.ts';

cytoscape.use(fcose);

/** Where everything was, kept while the view is hidden. */
export interface Positions {
  readonly nodes: Readonly<Record<string, Position>>;
  readonly pan: Position;
  readonly zoom: number;
}

export interface CanvasEvents {
  readonly select: (id: string | null, add: boolean) => void;
  readonly open: (id: string) => void;
  readonly moved: (positions: Positions) => void;
}

/** More new nodes than this share, and a layout of everything is better than places found one by one. */
const MOSTLY_NEW = 0.4;

const differs = (
  now: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): boolean => Object.keys(wanted).some((key) => now[key] !== wanted[key]);

/** The drawn map: a life of its own beside the page's, told what to show. */
export class MapCanvas {
  private readonly cy: Core;
  private readonly overlay: WayOverlay;
  private theme: Theme = readTheme();
  /** Every position ever given, also of what is hidden now. */
  private readonly places = new Map<string, Position>();
  private shownAs: (id: string) => string = (id) => id;
  private viewportKnown = false;

  constructor(container: HTMLElement, events: CanvasEvents, kept: Positions | null) {
    this.cy = cytoscape({
      container,
      style: lookOf(this.theme),
      minZoom: 0.1,
      maxZoom: 3,
      selectionType: 'single',
      autounselectify: true,
      boxSelectionEnabled: false,
    });
    this.overlay = new WayOverlay(
      this.cy,
      (id) => this.shownAs(id),
      () => this.theme,
    );
    for (const [id, position] of Object.entries(kept?.nodes ?? {})) this.places.set(id, position);
    if (kept) {
      this.cy.viewport({ zoom: kept.zoom, pan: kept.pan });
      this.viewportKnown = true;
    }
    this.listen(events);
    new ResizeObserver(() => this.cy.resize()).observe(container);
    watchTheme(() => {
      this.restyle();
    });
  }

  private listen(events: CanvasEvents): void {
    const added = (event: EventObject): boolean => {
      const { ctrlKey, metaKey, shiftKey } = event.originalEvent as unknown as MouseEvent;
      return ctrlKey || metaKey || shiftKey;
    };
    this.cy.on('tap', (event: EventObject) => {
      if (event.target === this.cy) events.select(null, false);
    });
    this.cy.on('tap', 'node', (event: EventObject) => {
      events.select(String(event.target.id()), added(event));
    });
    this.cy.on('dbltap', 'node', (event: EventObject) => {
      events.open(String(event.target.id()));
    });
    this.cy.on('drag', 'node', () => {
      this.overlay.follow();
    });
    let waiting: ReturnType<typeof setTimeout> | undefined;
    this.cy.on('viewport dragfree', () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        this.remember();
        events.moved(this.positions());
      }, 250);
    });
  }

  /** Shows this and nothing else; what was there stays where it was, and the viewport as it is. */
  draw(drawing: Drawing, shownAs: (id: string) => string): void {
    this.remember();
    this.shownAs = shownAs;
    const wanted = this.definitions(drawing);
    const ids = new Set(wanted.map(({ data }) => data.id));
    const fresh = new Set<string>();
    this.cy.batch(() => {
      this.cy.remove('.overlay');
      for (const element of this.cy.elements()) if (!ids.has(element.id())) element.remove();
      for (const definition of wanted) {
        const there = this.cy.getElementById(String(definition.data.id));
        if (there.empty()) fresh.add(this.cy.add(definition).id());
        else if (there.isNode() && (there.data('parent') ?? null) !== (definition.data['parent'] ?? null))
          there
            .move({ parent: (definition.data['parent'] as string | undefined) ?? null })
            .data(definition.data);
        else if (differs(there.data(), definition.data)) there.data(definition.data);
      }
    });
    this.place(fresh);
    this.overlay.redraw();
  }

  private definitions({ nodes, edges }: Drawing): ElementDefinition[] {
    return [
      ...nodes.map(({ parent, ...node }): ElementDefinition => {
        const size = node.group ? { width: 1, height: 1 } : boxFor(node.label, this.theme);
        const data = parent === null ? { ...node, ...size } : { ...node, ...size, parent };
        const position = this.places.get(node.id);
        return position && !node.group
          ? { group: 'nodes', data, position: { ...position } }
          : { group: 'nodes', data };
      }),
      ...edges.map((edge): ElementDefinition => ({ group: 'edges', data: { ...edge } })),
    ];
  }

  private place(fresh: ReadonlySet<string>): void {
    const leaves = this.cy.nodes('[kind]').filter((node) => !node.isParent());
    const placed = new Set(
      leaves.filter((node) => !fresh.has(node.id()) || this.places.has(node.id())).map((node) => node.id()),
    );
    const missing = leaves.length - placed.size;
    if (missing === 0) {
      if (!this.viewportKnown) this.fit();
      return;
    }
    if (missing > leaves.length * MOSTLY_NEW) {
      layOutAll(this.cy);
      this.fit();
    } else placeNew(this.cy, placed, (group) => this.places.get(group));
    this.remember();
  }

  private remember(): void {
    for (const node of this.cy.nodes('[kind]')) this.places.set(node.id(), { ...node.position() });
  }

  positions(): Positions {
    return { nodes: Object.fromEntries(this.places), pan: { ...this.cy.pan() }, zoom: this.cy.zoom() };
  }

  /** Marks what the reader looks at, and moves it into sight if it is not. */
  focus(id: string | null): void {
    this.cy.nodes('.focused').removeClass('focused');
    if (id === null) return;
    const node = this.cy.getElementById(this.shownAs(id));
    node.addClass('focused');
    const box = node.renderedBoundingBox();
    const inSight = box.x1 >= 0 && box.y1 >= 0 && box.x2 <= this.cy.width() && box.y2 <= this.cy.height();
    if (node.nonempty() && !inSight) this.cy.center(node);
  }

  ends(ids: readonly string[]): void {
    this.cy.nodes('.end').removeClass('end');
    for (const id of ids) this.cy.getElementById(this.shownAs(id)).addClass('end');
  }

  /** Fades what does not match; null fades nothing. */
  highlight(matches: ReadonlySet<string> | null): void {
    if (matches === null && this.cy.elements('.dimmed').empty()) return;
    this.cy.batch(() => {
      const shown = matches && new Set([...matches].map(this.shownAs));
      const hit = (id: string): boolean => shown?.has(id) ?? true;
      for (const node of this.cy.nodes('[kind]')) node.toggleClass('dimmed', !hit(node.id()));
      for (const edge of this.cy.edges('[kind]'))
        edge.toggleClass('dimmed', !hit(edge.source().id()) || !hit(edge.target().id()));
    });
  }

  way(way: DrawnWay | null, step: number | null): void {
    this.overlay.show(way, step);
    const ids = new Set(this.overlay.focusNodes());
    const nodes = this.cy.nodes().filter((node) => ids.has(node.id()));
    const extent = this.cy.extent();
    const box = nodes.boundingBox({});
    const inSight = box.x1 >= extent.x1 && box.x2 <= extent.x2 && box.y1 >= extent.y1 && box.y2 <= extent.y2;
    if (nodes.nonempty() && !inSight) {
      if (box.w * this.cy.zoom() > this.cy.width() || box.h * this.cy.zoom() > this.cy.height())
        this.cy.fit(nodes, 60);
      else this.cy.center(nodes);
    }
  }

  fit(): void {
    this.cy.fit(undefined, 40);
    if (this.cy.zoom() > 1.4) {
      this.cy.zoom(1.4);
      this.cy.center();
    }
    this.viewportKnown = true;
  }

  zoomBy(factor: number): void {
    const centre = { x: this.cy.width() / 2, y: this.cy.height() / 2 };
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: centre });
  }

  /** The whole map as a PNG file, base64. */
  picture(): string {
    return this.cy.png({ output: 'base64', full: true, scale: 2, bg: this.theme.background });
  }

  private restyle(): void {
    this.theme = readTheme();
    this.cy.style(lookOf(this.theme));
  }
}
