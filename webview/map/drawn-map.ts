import type { Language } from '../messages.ts';
import type { MapCanvas } from './canvas.ts';
import { drawingOf } from './elements.ts';
import { shownAs, type Graph } from './graph.ts';
import type { DrawnWay } from './way.ts';
import { MAP_WORDS } from './words.ts';

/** All that the drawing follows from. */
export interface Shown {
  readonly graph: Graph;
  readonly collapsed: ReadonlySet<string>;
  readonly language: Language;
  readonly matches: ReadonlySet<string> | null;
  readonly ends: readonly string[];
  readonly way: DrawnWay | null;
  /** The station of the way that is looked at; null: the whole way. */
  readonly step: number | null;
}

/** Keeps the canvas as the view is: what is the same as the last time is not drawn again. */
export class DrawnMap {
  private last: Shown | null = null;

  constructor(readonly canvas: MapCanvas) {}

  show(shown: Shown): void {
    const { canvas, last } = this;
    const { graph, collapsed, language, way, step } = shown;
    const other = last?.graph !== graph || last.collapsed !== collapsed || last.language !== language;
    if (other)
      canvas.draw(drawingOf(graph, collapsed, MAP_WORDS[language]), (id) => shownAs(graph, collapsed, id));
    canvas.highlight(shown.matches);
    canvas.ends(shown.ends);
    if (other || last.way !== way || last.step !== step) canvas.way(way, step);
    this.last = shown;
  }
}
