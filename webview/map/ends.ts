import { fullName, type Graph } from './graph.ts';
import type { MapWords } from './words.ts';

/**
 * The ends of a question (from, to) after a node was chosen: alone, or beside the first one (`add`), where choosing it again takes it
 * away. null: beside every node.
 */
export function endsAfter(ends: readonly string[], id: string | null, add: boolean): readonly string[] {
  if (id === null) return [];
  if (!add) return [id];
  return ends.includes(id) ? ends.filter((end) => end !== id) : [...ends.slice(0, 1), id];
}

/** What a screen reader should hear of the ends; nothing where there are none. */
export function endsText(graph: Graph, ends: readonly string[], words: MapWords): string {
  const [from, to] = ends
    .map((end) => graph.byId.get(end))
    .filter((node) => node !== undefined)
    .map((node) => fullName(graph, node));
  if (from === undefined) return '';
  return to === undefined ? words.selected(from) : words.bothSelected(from, to);
}
