import { displayText } from '../model/display-text.ts';
import type { Topology, TopologyNode } from '../model/topology.ts';

/** What exists, as a tree: hosts, their namespaces, the interfaces of each, and where the other end of each wire is. */
export function topologyText({ nodes, edges }: Topology): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const children = (parent: string | null): readonly TopologyNode[] =>
    nodes.filter((node) => node.parent === parent);
  const where = (node: TopologyNode): string => {
    const parent = node.parent === null ? undefined : byId.get(node.parent);
    return parent && parent.kind !== 'host' ? `${parent.label} ${node.label}` : node.label;
  };
  const wires = (node: TopologyNode): readonly string[] =>
    edges.flatMap(({ kind, source, target }) => {
      const other = byId.get(source === node.id ? target : source);
      if ((source !== node.id && target !== node.id) || !other) return [];
      if (kind === 'port') return source === node.id ? [`in ${other.label}`] : [];
      return [kind === 'veth' ? `⇄ ${where(other)}` : `on ${other.label}`];
    });
  const line = (node: TopologyNode): string =>
    displayText([node.label, ...node.addresses, ...(node.up ? [] : ['(down)']), ...wires(node)].join('  '));
  const tree = (node: TopologyNode, indent: string, last: boolean, top: boolean): readonly string[] => {
    const below = children(node.id);
    const head = top ? '' : `${indent}${last ? '└─ ' : '├─ '}`;
    const next = top ? '' : `${indent}${last ? '   ' : '│  '}`;
    return [
      `${head}${line(node)}`,
      ...below.flatMap((child, index) => tree(child, next, index === below.length - 1, false)),
    ];
  };
  const roots = children(null);
  return `${roots.flatMap((root, index) => tree(root, '', index === roots.length - 1, true)).join('\n')}\n`;
}
