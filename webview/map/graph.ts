import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Topology, TopologyEdge, TopologyNode } from '../../diagnostics/model/topology.ts';

/** More elements than this are too many to look at at once: groups start collapsed, and a table is offered. */
export const LARGE = 200;

export interface LinkTo {
  readonly kind: TopologyEdge['kind'];
  readonly other: TopologyNode;
  readonly up: boolean;
}

/** A topology with the ways through it that the views need. */
export interface Graph {
  readonly nodes: readonly TopologyNode[];
  readonly byId: ReadonlyMap<string, TopologyNode>;
  /** In the topology's order; under null the outermost ones. */
  readonly childrenOf: ReadonlyMap<string | null, readonly TopologyNode[]>;
  readonly linksOf: ReadonlyMap<string, readonly LinkTo[]>;
  readonly edges: readonly TopologyEdge[];
  readonly size: number;
}

export function graphOf(topology: Topology): Graph {
  const byId = new Map(topology.nodes.map((node) => [node.id, node]));
  const childrenOf = new Map<string | null, TopologyNode[]>();
  for (const node of topology.nodes) {
    const parent = node.parent !== null && byId.has(node.parent) ? node.parent : null;
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(node);
    else childrenOf.set(parent, [node]);
  }
  const linksOf = new Map<string, LinkTo[]>();
  const link = (from: string, to: string, { kind, up }: TopologyEdge): void => {
    const other = byId.get(to);
    if (!other) return;
    const links = linksOf.get(from);
    if (links) links.push({ kind, other, up });
    else linksOf.set(from, [{ kind, other, up }]);
  };
  const edges = topology.edges.filter(({ source, target }) => byId.has(source) && byId.has(target));
  for (const edge of edges) {
    link(edge.source, edge.target, edge);
    link(edge.target, edge.source, edge);
  }
  return {
    nodes: topology.nodes,
    byId,
    childrenOf,
    linksOf,
    edges,
    size: topology.nodes.length + edges.length,
  };
}

/** From a node to the outermost group around it, the node first. */
export function lineage(graph: Graph, id: string): readonly TopologyNode[] {
  const line: TopologyNode[] = [];
  let node = graph.byId.get(id);
  while (node && !line.includes(node)) {
    line.push(node);
    node = node.parent === null ? undefined : graph.byId.get(node.parent);
  }
  return line;
}

/** The node itself, or the outermost collapsed group that hides it. */
export const shownAs = (graph: Graph, collapsed: ReadonlySet<string>, id: string): string =>
  lineage(graph, id)
    .slice(1)
    .findLast((group) => collapsed.has(group.id))?.id ?? id;

/** The nearest node that can be an end of a question or hold a terminal: itself, or what it lies in. */
export const endpointNode = (graph: Graph, id: string): TopologyNode | null =>
  lineage(graph, id).find((node) => node.endpoint !== null) ?? null;

/** `red`, or `red eth0` for what lies in a group: safe to show. */
export const fullName = (graph: Graph, node: TopologyNode): string => {
  const group = node.parent === null ? undefined : graph.byId.get(node.parent);
  return displayText(group && group.kind !== 'host' ? `${group.label} ${node.label}` : node.label);
};

/** Groups whose insides can be hidden: namespaces and containers that hold something. */
export const collapsibleGroups = (graph: Graph): readonly string[] =>
  graph.nodes
    .filter(({ id, kind }) => kind !== 'host' && (graph.childrenOf.get(id)?.length ?? 0) > 0)
    .map(({ id }) => id);

export type Filter = 'all' | 'down';

/** Which nodes a search and a filter leave; null where both leave everything. */
export function matching(graph: Graph, search: string, filter: Filter): ReadonlySet<string> | null {
  const wanted = search.trim().toLowerCase();
  if (wanted === '' && filter === 'all') return null;
  const hit = (node: TopologyNode): boolean =>
    (filter === 'all' || !node.up || (graph.linksOf.get(node.id) ?? []).some(({ up }) => !up)) &&
    (wanted === '' ||
      [node.label, node.endpoint ?? '', node.kind, ...node.addresses].some((text) =>
        text.toLowerCase().includes(wanted),
      ));
  return new Set(graph.nodes.filter(hit).map(({ id }) => id));
}
