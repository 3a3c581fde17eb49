import type { Core, ElementDefinition, NodeSingular, Position } from 'cytoscape';
import { boxFor, breakLines } from './measure.ts';
import type { Theme } from './theme.ts';
import type { DrawnWay, Station } from './way.ts';

const isInside = (inner: NodeSingular, outer: NodeSingular): boolean => inner.ancestors().contains(outer);

/** The packet's way, drawn over the map: arrows, numbers, and the reason where it ends. Elements of its own, never the map's. */
export class WayOverlay {
  private way: DrawnWay | null = null;
  /** The step that is looked at; null: all of them. */
  private step: number | null = null;

  constructor(
    private readonly cy: Core,
    /** The node that stands for another one now (a collapsed group). */
    private readonly shown: (id: string) => string,
    private readonly theme: () => Theme,
  ) {}

  show(way: DrawnWay | null, step: number | null): void {
    this.way = way;
    this.step = step;
    this.redraw();
  }

  redraw(): void {
    this.cy.batch(() => {
      this.cy.remove('.overlay');
      this.cy.nodes().removeClass('now failing');
      if (!this.way) return;
      this.cy.add(this.arrows(this.way));
      this.numbers(this.way);
      this.reason(this.way);
    });
    this.follow();
  }

  /** Numbers and the reason go where their nodes go. */
  follow(): void {
    const beside = new Map<string, number>();
    for (const badge of this.cy.nodes('.number')) {
      const anchor = this.cy.getElementById(String(badge.data('anchor')));
      if (anchor.empty()) continue;
      const box = anchor.boundingBox({ includeLabels: false, includeOverlays: false });
      const place = beside.get(anchor.id()) ?? 0;
      beside.set(anchor.id(), place + 1);
      badge.position({ x: box.x1 + 6 + place * 26, y: box.y1 - 4 });
    }
    for (const reason of this.cy.nodes('.reason')) {
      const anchor = this.cy.getElementById(String(reason.data('anchor')));
      if (anchor.empty()) continue;
      reason.position(this.besides(anchor, reason.width(), reason.height()));
    }
  }

  /** Below, above, right or left of a node: where the fewest others are covered. */
  private besides(anchor: NodeSingular, width: number, height: number): Position {
    const { x1, x2, y1, y2 } = anchor.boundingBox({ includeLabels: false, includeOverlays: false });
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const places: readonly Position[] = [
      { x, y: y2 + height / 2 + 10 },
      { x, y: y1 - height / 2 - 18 },
      { x: x2 + width / 2 + 10, y },
      { x: x1 - width / 2 - 10, y },
    ];
    const others = [...this.cy.nodes('[kind]')]
      .filter((node) => !node.same(anchor) && !isInside(anchor, node))
      .map((node) => node.boundingBox({ includeLabels: false, includeOverlays: false }));
    const covered = (place: Position): number =>
      others.reduce((sum, box) => {
        const wide = Math.min(box.x2, place.x + width / 2) - Math.max(box.x1, place.x - width / 2);
        const high = Math.min(box.y2, place.y + height / 2) - Math.max(box.y1, place.y - height / 2);
        return wide > 0 && high > 0 ? sum + wide * high : sum;
      }, 0);
    return places.reduce((best, place) => (covered(place) < covered(best) ? place : best));
  }

  /** What the step that is looked at passes; everything on the way where none is. */
  focusNodes(): readonly string[] {
    const stations = this.way?.stations ?? [];
    const looked = this.step === null ? stations : stations.slice(this.step, this.step + 1);
    return looked.flatMap(({ nodes, anchor }) => [...nodes, ...(anchor ? [anchor] : [])]).map(this.shown);
  }

  private when(index: number): string {
    if (this.step === null || index < this.step) return '';
    return index === this.step ? 'now' : 'later';
  }

  private arrows(way: DrawnWay): ElementDefinition[] {
    const arrows: ElementDefinition[] = [];
    let before: { readonly id: string; readonly direction: Station['direction'] } | null = null;
    way.stations.forEach((station, index) => {
      for (const id of station.nodes.map(this.shown)) {
        if (before?.direction === station.direction && this.joins(before.id, id))
          arrows.push({
            data: { id: `way:${arrows.length}`, source: before.id, target: id, label: '', up: true },
            classes: `overlay way ${station.direction} ${this.when(index)}`,
          });
        before = { id, direction: station.direction };
      }
    });
    return arrows;
  }

  private joins(from: string, to: string): boolean {
    const source = this.cy.getElementById(from);
    const target = this.cy.getElementById(to);
    if (from === to || source.empty() || target.empty()) return false;
    return !isInside(source, target) && !isInside(target, source);
  }

  private numbers(way: DrawnWay): void {
    way.stations.forEach((station, index) => {
      const when = this.when(index);
      if (when === 'now')
        for (const id of station.nodes) this.cy.getElementById(this.shown(id)).addClass('now');
      if (station.anchor === null) return;
      const anchor = this.shown(station.anchor);
      if (this.cy.getElementById(anchor).empty()) return;
      if (station.fails) this.cy.getElementById(anchor).addClass('failing');
      this.cy.add({
        group: 'nodes',
        data: {
          id: `number:${index}`,
          label: String(station.number),
          anchor,
          width: 22,
          height: 22,
          up: true,
        },
        classes: `overlay number ${station.direction} ${when} ${station.fails ? 'failing' : ''}`,
        selectable: false,
        grabbable: false,
      });
    });
  }

  private reason(way: DrawnWay): void {
    const failing = way.stations.find(({ fails }) => fails);
    if (!failing?.anchor || way.reason === null) return;
    const anchor = this.shown(failing.anchor);
    if (this.cy.getElementById(anchor).empty()) return;
    const label = breakLines(`✕ ${way.reason}`, 38);
    this.cy.add({
      group: 'nodes',
      data: { id: 'reason', label, anchor, ...boxFor(label, this.theme()), up: true },
      classes: 'overlay reason',
      selectable: false,
      grabbable: false,
    });
  }
}
