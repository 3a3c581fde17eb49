import type { BoundingBox12, Core, NodeSingular, Position } from 'cytoscape';

const side = (a: Position, b: Position, c: Position): number =>
  Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));

const cross = (a: Position, b: Position, c: Position, d: Position): boolean =>
  side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);

const corners = ({ x1, x2, y1, y2 }: BoundingBox12): readonly [Position, Position, Position, Position] => [
  { x: x1, y: y1 },
  { x: x2, y: y1 },
  { x: x2, y: y2 },
  { x: x1, y: y2 },
];

const goesThrough = (from: Position, to: Position, box: BoundingBox12): boolean => {
  const [a, b, c, d] = corners(box);
  return cross(from, to, a, c) || cross(from, to, b, d);
};

const overlap = (a: BoundingBox12, b: BoundingBox12): boolean =>
  a.x1 < b.x2 && a.x2 > b.x1 && a.y1 < b.y2 && a.y2 > b.y1;

/** The shape of an editor: wide rather than tall. */
const WANTED_ASPECT = 1.4;

/**
 * How hard a layout is to read, lower is better: wires that cross, wires through boxes that they have nothing to do with,
 * boxes on boxes, and then size and shape.
 */
export function effortToRead(cy: Core): number {
  const wires = [...cy.edges('[kind]')].map((edge) => ({
    ends: [edge.source().id(), edge.target().id()],
    from: { ...edge.source().position() },
    to: { ...edge.target().position() },
    around: new Set(
      [...edge.connectedNodes(), ...edge.connectedNodes().ancestors()].map((node) => node.id()),
    ),
  }));
  const boxes = [...cy.nodes('[kind]')].map((node) => ({
    node: node as NodeSingular,
    id: node.id(),
    box: node.boundingBox({ includeLabels: false }),
  }));
  let effort = 0;
  wires.forEach((one, index) => {
    for (const other of wires.slice(index + 1))
      if (!one.ends.some((end) => other.ends.includes(end)) && cross(one.from, one.to, other.from, other.to))
        effort += 100;
    for (const { id, box } of boxes)
      if (!one.around.has(id) && goesThrough(one.from, one.to, box)) effort += 80;
    effort += Math.hypot(one.to.x - one.from.x, one.to.y - one.from.y) / 10;
  });
  boxes.forEach((one, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (!overlap(one.box, other.box)) continue;
      const nested = one.node.ancestors().contains(other.node) || other.node.ancestors().contains(one.node);
      if (!nested) effort += 300;
    }
  });
  const whole = cy.elements().boundingBox({});
  const aspect = whole.w / Math.max(whole.h, 1);
  return effort + Math.abs(Math.log(aspect / WANTED_ASPECT)) * 60 + (whole.w * whole.h) / 20_000;
}
