import type { NodeSingular, Position } from 'cytoscape';

const GAP_X = 26;
const GAP_Y = 34;
/** Between the blocks of two bridges. */
const BLOCK_GAP = 40;

/** A box with its place relative to the middle of what it is arranged in. */
export interface Placed {
  readonly node: NodeSingular;
  readonly at: Position;
}

export interface Arrangement {
  readonly placed: readonly Placed[];
  readonly width: number;
  readonly height: number;
}

const EMPTY: Arrangement = { placed: [], width: 0, height: 0 };

const leaf = (node: NodeSingular): Arrangement => ({
  placed: [{ node, at: { x: 0, y: 0 } }],
  width: node.width(),
  height: node.height(),
});

const moved = ({ placed }: Arrangement, x: number, y: number): readonly Placed[] =>
  placed.map(({ node, at }) => ({ node, at: { x: at.x + x, y: at.y + y } }));

/** Side by side, middles in one line. */
function beside(parts: readonly Arrangement[], gap: number): Arrangement {
  const full = parts.filter(({ width }) => width > 0);
  const width = full.reduce((sum, part) => sum + part.width, 0) + gap * Math.max(full.length - 1, 0);
  let left = -width / 2;
  const placed = full.flatMap((part) => {
    const here = moved(part, left + part.width / 2, 0);
    left += part.width + gap;
    return here;
  });
  return { placed, width, height: Math.max(0, ...full.map(({ height }) => height)) };
}

/** One above the other. */
function stacked(parts: readonly Arrangement[], gap: number): Arrangement {
  const full = parts.filter(({ width }) => width > 0);
  const height = full.reduce((sum, part) => sum + part.height, 0) + gap * Math.max(full.length - 1, 0);
  let top = -height / 2;
  const placed = full.flatMap((part) => {
    const here = moved(part, 0, top + part.height / 2);
    top += part.height + gap;
    return here;
  });
  return { placed, width: Math.max(0, ...full.map(({ width }) => width)), height };
}

/** Rows of at most so many that the whole is wide rather than tall. */
function rows(parts: readonly Arrangement[], gap: number): Arrangement {
  if (parts.length === 0) return EMPTY;
  const each = parts.length <= 4 ? parts.length : Math.ceil(Math.sqrt(parts.length) * 1.6);
  const lines: Arrangement[] = [];
  for (let at = 0; at < parts.length; at += each) lines.push(beside(parts.slice(at, at + each), gap));
  return stacked(lines, GAP_Y);
}

/** Where the far ends of a node's wires are, seen from its group; for the order in a row. */
export type Direction = (node: NodeSingular) => Position;

/**
 * How the interfaces and bridges of one group lie: each bridge with its ports in a row on the side where their wires lead,
 * and what is no port beside them; rows are sorted by where the wires lead, so that few cross.
 */
export function arrange(leaves: readonly NodeSingular[], direction: Direction): Arrangement {
  const across = [...leaves].sort((a, b) => direction(a).x - direction(b).x);
  const bridges = across.filter((node) => node.data('kind') === 'bridge');
  const portsOf = (bridge: NodeSingular): readonly NodeSingular[] =>
    across.filter((node) => node.data('kind') !== 'bridge' && node.edgesWith(bridge).nonempty());
  const ports = new Set(bridges.flatMap((bridge) => portsOf(bridge).map((port) => port.id())));
  const free = across.filter((node) => node.data('kind') !== 'bridge' && !ports.has(node.id()));
  const taken = new Set<string>();
  const blocks = bridges
    .map((bridge) => {
      const own = portsOf(bridge).filter((port) => !taken.has(port.id()));
      for (const port of own) taken.add(port.id());
      const mean = (pick: (at: Position) => number): number =>
        own.reduce((sum, port) => sum + pick(direction(port)), 0) / Math.max(own.length, 1);
      const upwards = mean(({ y }) => y) < 0;
      const parts = [leaf(bridge), rows(own.map(leaf), GAP_X)];
      const block = stacked(upwards ? parts.toReversed() : parts, GAP_Y);
      return { upwards, block, busy: own.length > 0, x: mean(({ x }) => x) };
    })
    .sort((one, other) => one.x - other.x);
  const up = blocks.filter(({ upwards }) => upwards).map(({ block }) => block);
  const down = blocks.filter(({ upwards, busy }) => !upwards && busy).map(({ block }) => block);
  const idle = blocks.filter(({ busy }) => !busy).map(({ block }) => block);
  const above = free.filter((node) => direction(node).y < 0).map(leaf);
  const below = free.filter((node) => direction(node).y > 0).map(leaf);
  const level = free.filter((node) => direction(node).y === 0).map(leaf);
  const alone = up.length === 0 && down.length === 0;
  if (alone) return rows([...free.map(leaf), ...idle], GAP_X);
  return stacked(
    [
      rows([...up, ...above], BLOCK_GAP),
      rows([...level, ...idle], GAP_X),
      rows([...down, ...below], BLOCK_GAP),
    ],
    GAP_Y,
  );
}
