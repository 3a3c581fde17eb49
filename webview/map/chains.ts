import type { Core, NodeSingular, Position } from 'cytoscape';
import { GAP, row, tallest, type Box } from './tier-row.ts';

/** Who is wired to whom, box by box. */
function neighbours(
  cy: Core,
  unitOf: (node: NodeSingular) => NodeSingular,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const note = (one: string, other: string): void => {
    const known = found.get(one) ?? new Set();
    found.set(one, known.add(other));
  };
  for (const edge of cy.edges('[kind]')) {
    const [a, b] = [unitOf(edge.source()).id(), unitOf(edge.target()).id()];
    if (a === b) continue;
    note(a, b);
    note(b, a);
  }
  return found;
}

/**
 * Machines wired one to the next, as everybody draws them: side by side in a row, chain below chain, and what hangs on
 * nothing in a row below. Null where a network is of another kind, or so long that a row would be too wide to read.
 */
export function chainedPlaces(
  cy: Core,
  boxes: readonly Box[],
  unitOf: (node: NodeSingular) => NodeSingular,
): ReadonlyMap<string, Position> | null {
  const wired = neighbours(cy, unitOf);
  const hosts = new Set(boxes.map(({ host }) => host).filter((host) => host !== null));
  if (wired.size === 0 || hosts.size > 1 || [...wired.values()].some(({ size }) => size > 2)) return null;
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const chains: Box[][] = [];
  const placed = new Set<string>();
  // A namespace that was made earlier has a lower id: chains begin where their maker began.
  const ends = boxes
    .filter(({ id }) => wired.get(id)?.size === 1)
    .sort((one, other) => one.id.localeCompare(other.id, 'en', { numeric: true }));
  for (const end of ends) {
    const chain: Box[] = [];
    for (
      let id: string | undefined = end.id;
      id !== undefined;
      id = [...(wired.get(id) ?? [])].find((next) => !placed.has(next))
    ) {
      const box = byId.get(id);
      if (!box || placed.has(id)) break;
      placed.add(id);
      chain.push(box);
    }
    if (chain.length > 0) chains.push(chain);
  }
  const alone = boxes.filter(({ id }) => !wired.has(id));
  // What is left is wired in a ring.
  if (placed.size + alone.length < boxes.length || chains.some(({ length }) => length > 6)) return null;
  let y = 0;
  return new Map(
    [...chains, alone].flatMap((boxesOfRow) => {
      const here = row(boxesOfRow, y + tallest(boxesOfRow) / 2, GAP.y);
      y += tallest(boxesOfRow) + GAP.x;
      return here;
    }),
  );
}
