import type { BoundingBox12, Core, LayoutOptions, NodeSingular, Position } from 'cytoscape';
import type { FcoseLayoutOptions } from 'cytoscape-fcose';

const GAP = 24;
/** Between a new group and what is there: room for its frame and title. */
const GROUP_GAP = 70;

/** Lays out everything from nothing. Synchronous; does not touch the viewport. */
export function layOutAll(cy: Core): void {
  const leaves = cy.nodes().filter((node) => !node.isParent());
  const options: FcoseLayoutOptions = {
    name: 'fcose',
    quality: 'default',
    animate: false,
    fit: false,
    randomize: true,
    nodeDimensionsIncludeLabels: false,
    nodeSeparation: 110,
    idealEdgeLength: (edge) => (edge.source().data('parent') === edge.target().data('parent') ? 60 : 110),
    nodeRepulsion: () => 9000,
    gravity: 0.3,
    gravityCompound: 1.2,
    tilingPaddingHorizontal: 20,
    tilingPaddingVertical: 20,
    numIter: leaves.length > 150 ? 500 : 2500,
  };
  cy.layout(options as unknown as LayoutOptions).run();
}

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

/** The outermost group around a node that is not a host; the node itself where it lies in none. */
const outermostGroup = (node: NodeSingular): NodeSingular =>
  [...node.ancestors('[kind != "host"]')].at(-1) ?? node;

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
 * Finds places for nodes that have none, one after the other, next to what they belong to; nothing that is placed moves.
 * `placed` are the ids that keep their positions; the others are added to it.
 */
export function placeNew(cy: Core, placed: Set<string>): void {
  const leaves = [...cy.nodes('[kind]')].filter((node) => !node.isParent());
  for (const node of leaves) {
    if (placed.has(node.id())) continue;
    const group = outermostGroup(node);
    const others = leaves.filter((other) => placed.has(other.id()));
    const siblings = others.filter((other) => outermostGroup(other).same(group));
    const linked = [...node.neighborhood('node[kind]')].filter((other) => placed.has(other.id()));
    const anchors = siblings.length > 0 ? siblings : linked.length > 0 ? linked : others;
    const strangers = new Map(
      others
        .map(outermostGroup)
        .filter((other) => !other.same(group))
        .map((other) => [other.id(), other]),
    );
    const own = boxesOf(siblings);
    const foreign = boxesOf([...strangers.values()]);
    const fits = (place: Position): boolean => {
      const here = boxAt(place, node.width(), node.height());
      return (
        !own.some((one) => overlaps(here, one, GAP)) && !foreign.some((one) => overlaps(here, one, GROUP_GAP))
      );
    };
    const place = [...rings(middleOf(boxesOf(anchors)))].find(fits);
    if (place) node.position(place);
    placed.add(node.id());
  }
}
