import { displayText } from '../../diagnostics/model/display-text.ts';
import type { TopologyNode } from '../../diagnostics/model/topology.ts';
import { shownAs, type Graph } from './graph.ts';
import type { MapWords } from './words.ts';

/** What the canvas draws of a node. All texts are safe to show. */
export interface DrawnNode {
  readonly id: string;
  readonly parent: string | null;
  readonly kind: TopologyNode['kind'];
  readonly label: string;
  readonly up: boolean;
  /** It holds nodes that are drawn in it. */
  readonly group: boolean;
}

export interface DrawnEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly kind: string;
  readonly up: boolean;
  /** Empty, or the word that says that it is down. */
  readonly label: string;
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

/** More addresses than these would make a box too tall; the list has them all. */
const ADDRESSES_SHOWN = 3;

const leafLabel = (node: TopologyNode, hidden: number, words: MapWords): string => {
  const more = node.addresses.length - ADDRESSES_SHOWN;
  return [
    node.kind === 'interface' || node.kind === 'outside'
      ? node.label
      : `${words.kind[node.kind]} ${node.label}`,
    ...node.addresses.slice(0, ADDRESSES_SHOWN),
    more > 0 ? `+${more}` : '',
    hidden > 0 ? words.inside(hidden) : '',
    node.up ? '' : `✕ ${words.down}`,
  ]
    .filter((line) => line !== '')
    .map((line) => displayText(line))
    .join('\n');
};

const groupLabel = (node: TopologyNode, words: MapWords): string =>
  displayText(
    [`${words.kind[node.kind]} ${node.label}`, node.up ? '' : `✕ ${words.down}`].filter(Boolean).join(' · '),
  );

/** What is drawn of a graph while some groups are collapsed: their insides go, their links are drawn from the group. */
export function drawingOf(graph: Graph, collapsed: ReadonlySet<string>, words: MapWords): Drawing {
  const nodes = graph.nodes
    .filter(({ id }) => shownAs(graph, collapsed, id) === id)
    .map((node): DrawnNode => {
      const children = graph.childrenOf.get(node.id)?.length ?? 0;
      const group = children > 0 && !collapsed.has(node.id);
      return {
        id: node.id,
        parent: node.parent !== null && graph.byId.has(node.parent) ? node.parent : null,
        kind: node.kind,
        label: group ? groupLabel(node, words) : leafLabel(node, children, words),
        up: node.up,
        group,
      };
    });
  const edges = new Map<string, DrawnEdge>();
  for (const edge of graph.edges) {
    const source = shownAs(graph, collapsed, edge.source);
    const target = shownAs(graph, collapsed, edge.target);
    if (source === target) continue;
    const lifted = source !== edge.source || target !== edge.target;
    const id = lifted ? `lifted:${[source, target].toSorted().join('|')}` : edge.id;
    const up = edge.up || (edges.get(id)?.up ?? false);
    edges.set(id, { id, source, target, kind: edge.kind, up, label: up ? '' : words.down });
  }
  return { nodes, edges: [...edges.values()] };
}
