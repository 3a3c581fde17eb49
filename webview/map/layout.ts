import cytoscape, { type Core, type LayoutOptions, type NodeSingular, type Position } from 'cytoscape';
import type { FcoseLayoutOptions } from 'cytoscape-fcose';
import { arrange, type Arrangement, type Direction } from './arrange.ts';
import { chainedPlaces } from './chains.ts';
import { effortToRead } from './score.ts';
import { tieredPlaces } from './tiers.ts';

/** Room for a group's frame and title on each side, as in its look. */
const FRAME = 30;
const TRIES = 10;
const SMALL = 40;
/** Milliseconds that all tries together may take. */
const PATIENCE = 300;
/** What a picture of the usual kind may be worse by: as much as two wires that cross. */
const FAMILIARITY = 200;

/** What is moved as one: a group with everything in it, or a node that lies in none. */
interface Unit {
  readonly id: string;
  readonly host: string | null;
  readonly leaves: readonly NodeSingular[];
}

type Places = ReadonlyMap<string, Position>;
type Insides = ReadonlyMap<string, Arrangement>;

const isHost = (node: NodeSingular): boolean => node.data('kind') === 'host';

export const leavesOf = (cy: Core): readonly NodeSingular[] =>
  [...cy.nodes('[kind]')].filter((node) => !node.isParent());

/** The outermost group around a node that is not a host; the node itself where it lies in none. */
export const unitOf = (node: NodeSingular): NodeSingular =>
  [...node.ancestors('[kind != "host"]')].at(-1) ?? node;

function unitsOf(cy: Core): readonly Unit[] {
  const units = new Map<string, { id: string; host: string | null; leaves: NodeSingular[] }>();
  for (const leaf of leavesOf(cy)) {
    const unit = unitOf(leaf);
    const host = [...unit.ancestors()].find(isHost)?.id() ?? null;
    const known = units.get(unit.id()) ?? { id: unit.id(), host, leaves: [] };
    known.leaves.push(leaf);
    units.set(unit.id(), known);
  }
  return [...units.values()];
}

const still: Direction = () => ({ x: 0, y: 0 });

/** Where the wires of a node lead, once the groups have places. */
const towards =
  (places: ReadonlyMap<string, Position>): Direction =>
  (node) => {
    const here = unitOf(node).id();
    const from = places.get(here) ?? { x: 0, y: 0 };
    const others = [...node.neighborhood('node[kind]')]
      .map((other) => unitOf(other).id())
      .filter((id) => id !== here)
      .map((id) => places.get(id))
      .filter((place) => place !== undefined);
    const mean = (pick: (place: Position) => number): number =>
      others.reduce((sum, place) => sum + pick(place), 0) / Math.max(others.length, 1);
    return others.length === 0
      ? { x: 0, y: 0 }
      : { x: mean(({ x }) => x) - from.x, y: mean(({ y }) => y) - from.y };
  };

/** The groups as boxes of the right size, without their insides. */
function outline(cy: Core, units: readonly Unit[], inside: ReadonlyMap<string, Arrangement>): Core {
  const hosts = new Set(units.map(({ host }) => host).filter((host) => host !== null));
  const framed = (unit: Unit): boolean => unit.leaves.length > 1 || unit.leaves[0]?.id() !== unit.id;
  const edges = new Map<string, { source: string; target: string }>();
  for (const edge of cy.edges('[kind]')) {
    const source = unitOf(edge.source()).id();
    const target = unitOf(edge.target()).id();
    if (source !== target) edges.set([source, target].toSorted().join('|'), { source, target });
  }
  return cytoscape({
    headless: true,
    styleEnabled: true,
    style: [
      { selector: 'node', style: { shape: 'rectangle', width: 'data(width)', height: 'data(height)' } },
      { selector: 'node:parent', style: { padding: `${FRAME}px` } },
    ],
    elements: [
      ...[...hosts].map((id) => ({ data: { id, kind: 'host', width: 1, height: 1 } })),
      ...units.map((unit) => {
        const { width = 0, height = 0 } = inside.get(unit.id) ?? {};
        const frame = framed(unit) ? FRAME : 0;
        const size = { width: Math.max(width + 2 * frame, 90), height: height + 2 * frame };
        return { data: { id: unit.id, kind: 'unit', ...size, ...(unit.host ? { parent: unit.host } : {}) } };
      }),
      ...[...edges].map(([id, ends]) => ({ data: { id: `edge:${id}`, kind: 'edge', ...ends } })),
    ],
  });
}

function runOnce(boxes: Core, large: boolean, fresh = true): void {
  const options: FcoseLayoutOptions = {
    name: 'fcose',
    quality: fresh ? 'default' : 'proof',
    animate: false,
    fit: false,
    randomize: fresh,
    nodeSeparation: 100,
    idealEdgeLength: () => 70,
    nodeRepulsion: () => 7000,
    gravity: 0.5,
    gravityCompound: 1.2,
    tilingPaddingHorizontal: 30,
    tilingPaddingVertical: 30,
    numIter: large ? (fresh ? 500 : 100) : 2500,
  };
  boxes.layout(options as unknown as LayoutOptions).run();
}

function readPlaces(boxes: Core, units: readonly Unit[]): Places {
  return new Map(units.map(({ id }) => [id, { ...boxes.getElementById(id).position() }]));
}

/** The same places, moved as far as the true sizes of the groups need it. */
function settled(cy: Core, units: readonly Unit[], inside: Insides, places: Places): Places {
  const boxes = outline(cy, units, inside);
  for (const { id } of units) boxes.getElementById(id).position({ ...(places.get(id) ?? { x: 0, y: 0 }) });
  runOnce(boxes, units.length > SMALL, false);
  const final = readPlaces(boxes, units);
  boxes.destroy();
  return final;
}

/** A whole layout: where each group is, and what is where in it. */
interface Layout {
  readonly places: Places;
  readonly inside: Insides;
}

function put(cy: Core, units: readonly Unit[], { places, inside }: Layout): void {
  cy.batch(() => {
    for (const { id } of units) {
      const middle = places.get(id) ?? { x: 0, y: 0 };
      for (const { node, at } of inside.get(id)?.placed ?? [])
        node.position({ x: middle.x + at.x, y: middle.y + at.y });
    }
  });
}

const arranged = (units: readonly Unit[], direction: Direction): Insides =>
  new Map(units.map((unit) => [unit.id, arrange(unit.leaves, direction)]));

/** The groups as boxes by fcose, then what is in each of them in rows that look towards where its wires lead. */
function byForces(cy: Core, units: readonly Unit[]): Layout {
  const rough = outline(cy, units, arranged(units, still));
  runOnce(rough, units.length > SMALL);
  const places = readPlaces(rough, units);
  rough.destroy();
  const inside = arranged(units, towards(places));
  return { inside, places: settled(cy, units, inside, places) };
}

/** As everybody draws it, where the network is of a kind that everybody knows. */
function byHabit(cy: Core, units: readonly Unit[]): Layout | null {
  const around = (inside: Insides): Places | null => {
    const boxes = outline(cy, units, inside);
    const sizes = units.map(({ id, host }) => {
      const box = boxes.getElementById(id);
      return { id, host, width: Number(box.data('width')), height: Number(box.data('height')) };
    });
    boxes.destroy();
    return tieredPlaces(cy, sizes, unitOf) ?? chainedPlaces(cy, sizes, unitOf);
  };
  const rough = around(arranged(units, still));
  if (!rough) return null;
  const inside = arranged(units, towards(rough));
  const places = around(inside);
  return places && { places, inside };
}

/**
 * Lays out everything from nothing. Small networks are laid out several times, and the layout that is easiest to read is
 * kept. Synchronous; does not touch the viewport.
 */
export function layOutAll(cy: Core): void {
  const units = unitsOf(cy);
  if (units.length > SMALL) {
    put(cy, units, byForces(cy, units));
    return;
  }
  const started = performance.now();
  const habitual = byHabit(cy, units);
  let best: { readonly effort: number; readonly layout: Layout } | null = null;
  for (let attempt = 0; attempt < TRIES && performance.now() - started < PATIENCE; attempt++) {
    const layout = (attempt === 0 ? habitual : null) ?? byForces(cy, units);
    put(cy, units, layout);
    const effort = effortToRead(cy) - (layout === habitual ? FAMILIARITY : 0);
    if (best === null || effort < best.effort) best = { effort, layout };
  }
  if (best) put(cy, units, best.layout);
}
