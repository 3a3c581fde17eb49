import { fullName, type Graph } from './graph.ts';
import type { MapWords } from './words.ts';

/** More turns than these are not read out one by one. */
const TURNS_SAID = 5;

/** What a screen reader should hear of an update: what came, what went, and what turned up or down. */
export function changesToSay(before: Graph | null, after: Graph, words: MapWords): string {
  if (!before) return '';
  const added = after.nodes.filter(({ id }) => !before.byId.has(id));
  const removed = before.nodes.filter(({ id }) => !after.byId.has(id));
  const turned = after.nodes
    .filter(({ id, up }) => before.byId.has(id) && before.byId.get(id)?.up !== up)
    .slice(0, TURNS_SAID)
    .map((node) => `${fullName(after, node)} ${node.up ? words.up : words.down}`);
  return words.changed(added.length, removed.length, turned);
}
