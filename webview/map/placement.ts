import type { BoundingBox12, Core, NodeSingular, Position } from 'cytoscape';
import { arrange } from './arrange.ts';
import { leavesOf, unitOf } from './layout.ts';

const GAP = 24;
/** Between a new group and what is there: room for its frame and title. */
const GROUP_GAP = 56;

const overlaps = (a: BoundingBox12, b: BoundingBox12, gap: number): boolean =>
  a.x1 < b.x2 + gap && a.x2 + gap > b.x1 && a.y1 < b.y2 + gap && a.y2 + gap > b.y1;

const boxAt = ({ x, y }: Position, width: number, height: number): BoundingBox12 => ({
  x1: x - width / 2,
  x2: x + width / 2,
  y1: y - height / 2,
  y2: y + height / 2,
});

/** Positions around a centre, in growing rings: the centre first. */
function* rings(centre: Position): Generator<Position> {
  yield centre;
  for (let ring = 1; ring < 60; ring++)
    for (let spoke = 0; spoke < 8 + ring * 4; spoke++) {
      const angle = (2 * Math.PI * spoke) / (8 + ring * 4);
      yield { x: centre.x + Math.cos(angle) * ring * 36, y: centre.y + Math.sin(angle) * ring * 26 };
    }
}

function firstFit(centre: Position, fits: (place: Position) => boolean): Position {
  for (const place of rings(centre)) if (fits(place)) return place;
  return centre;
}

const boxesOf = (nodes: readonly NodeSingular[]): readonly BoundingBox12[] =>
  nodes.map((node) => node.boundingBox({ includeLabels: false }));

const middleOf = (boxes: readonly BoundingBox12[]): Position => {
  if (boxes.length === 0) return { x: 0, y: 0 };
  const left = Math.min(...boxes.map(({ x1 }) => x1));
  const right = Math.max(...boxes.map(({ x2 }) => x2));
  const top = Math.min(...boxes.map(({ y1 }) => y1));
  const bottom = Math.max(...boxes.map(({ y2 }) => y2));
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
};

/**
 * Finds places for nodes that have none, next to what they belong to; nothing that is placed moves. `placed` are the ids
 * that keep their positions; `remembered` is where a group was while it was collapsed.
 */
export function placeNew(
  cy: Core,
  placed: Set<string>,
  remembered: (group: string) => Position | undefined,
): void {
  const leaves = leavesOf(cy);
  for (const node of leaves) {
    if (placed.has(node.id())) continue;
    const unit = unitOf(node);
    const others = leaves.filter((other) => placed.has(other.id()));
    const siblings = others.filter((other) => unitOf(other).same(unit));
    const strangers = new Map(
      others
        .map(unitOf)
        .filter((other) => !other.same(unit))
        .map((other) => [other.id(), other]),
    );
    const foreign = boxesOf([...strangers.values()]);
    if (siblings.length > 0) {
      const own = boxesOf(siblings);
      const free = (place: Position): boolean => {
        const here = boxAt(place, node.width(), node.height());
        return (
          !own.some((one) => overlaps(here, one, GAP)) &&
          !foreign.some((one) => overlaps(here, one, GROUP_GAP))
        );
      };
      node.position(firstFit(middleOf(own), free));
      placed.add(node.id());
      continue;
    }
    const whole = arrange(
      leaves.filter((other) => unitOf(other).same(unit)),
      () => ({ x: 0, y: 0 }),
    );
    const linked = whole.placed
      .flatMap((one) => [...one.node.neighborhood('node[kind]')])
      .filter((other) => placed.has(other.id()));
    const start = remembered(unit.id()) ?? middleOf(boxesOf(linked.length > 0 ? linked : others));
    const middle = firstFit(start, (place) => {
      const here = boxAt(place, whole.width, whole.height);
      return !foreign.some((one) => overlaps(here, one, GROUP_GAP));
    });
    for (const one of whole.placed) {
      one.node.position({ x: middle.x + one.at.x, y: middle.y + one.at.y });
      placed.add(one.node.id());
    }
  }
}
