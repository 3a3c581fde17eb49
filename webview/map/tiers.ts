import type { Core, NodeSingular, Position } from 'cytoscape';
import { GAP, row, tallest, type Box } from './tier-row.ts';

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** The bridge that a port belongs to; null for an interface that is no port. */
const bridgeOf = (node: NodeSingular): string | null => {
  const bridges = node.neighborhood('node[kind = "bridge"]');
  return bridges.empty() ? null : bridges.first().id();
};

interface Hanging {
  /** The bridges that a box is plugged into, as one word to sort by. */
  readonly ports: ReadonlyMap<string, string>;
  /** Boxes that an interface of the hub's own leads to. */
  readonly upstream: ReadonlySet<string>;
}

/** How each box hangs on the hub: by a port of a bridge, by an interface of its own, or not at all. */
function hangingOn(cy: Core, hub: string, unitOf: (node: NodeSingular) => NodeSingular): Hanging {
  const ports = new Map<string, string>();
  const upstream = new Set<string>();
  for (const edge of cy.edges('[kind]')) {
    const [a, b] = [edge.source(), edge.target()];
    const [near, far] = unitOf(a).id() === hub ? [a, b] : [b, a];
    const other = unitOf(far).id();
    if (unitOf(near).id() !== hub || other === hub) continue;
    const bridge = bridgeOf(near);
    if (bridge === null) upstream.add(other);
    else ports.set(other, `${ports.get(other) ?? ''}${bridge} `);
  }
  return { ports, upstream };
}

/**
 * The picture that everybody draws of a machine with bridges: the machine in the middle, what is plugged into its bridges in
 * a row below, bridge by bridge, and what its own interfaces lead to above. Null where a network is of another kind.
 */
export function tieredPlaces(
  cy: Core,
  boxes: readonly Box[],
  unitOf: (node: NodeSingular) => NodeSingular,
): ReadonlyMap<string, Position> | null {
  const bridged = [...cy.nodes('[kind = "bridge"]')].filter((node) => node.neighborhood('node').nonempty());
  const hubs = new Set(bridged.map((node) => unitOf(node).id()));
  const [hubId] = hubs;
  const hub = boxes.find(({ id }) => id === hubId);
  if (hubs.size !== 1 || !hub || new Set(boxes.map(({ host }) => host).filter(Boolean)).size > 1) return null;
  const { ports, upstream } = hangingOn(cy, hub.id, unitOf);
  const others = boxes.filter(({ id }) => id !== hub.id);
  const below = others
    .filter(({ id }) => ports.has(id))
    .sort((one, other) =>
      compare(`${ports.get(one.id) ?? ''}${one.id}`, `${ports.get(other.id) ?? ''}${other.id}`),
    );
  const above = others.filter(({ id }) => upstream.has(id) && !ports.has(id));
  const apart = others.filter(({ id }) => !ports.has(id) && !upstream.has(id));
  const down = hub.height / 2 + GAP.y + tallest(below) / 2;
  const up = -(hub.height / 2 + GAP.y + tallest(above) / 2);
  // What hangs on nothing stands beside the machine, in a column.
  const widest = Math.max(0, ...apart.map(({ width }) => width));
  const beside = apart.map((box, index): [string, Position] => [
    box.id,
    {
      x: hub.width / 2 + GAP.x + widest / 2,
      y: (index - (apart.length - 1) / 2) * (tallest(apart) + GAP.x),
    },
  ]);
  return new Map([[hub.id, { x: 0, y: 0 }], ...row(below, down), ...row(above, up), ...beside]);
}
