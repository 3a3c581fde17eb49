import type { Language, Localised } from '../model/language.ts';
import { displayText } from '../model/display-text.ts';
import type { Topology, TopologyNode } from '../model/topology.ts';

interface TreeWords {
  readonly down: string;
  readonly portOf: (bridge: string) => string;
  readonly on: (device: string) => string;
}

const WORDS: Localised<TreeWords> = {
  en: { down: '(down)', portOf: (bridge) => `in ${bridge}`, on: (device) => `on ${device}` },
  'zh-cn': { down: '（已关闭）', portOf: (bridge) => `接入 ${bridge}`, on: (device) => `建在 ${device} 上` },
};

/** What exists, as a tree: hosts, their namespaces, the interfaces of each, and where the other end of each wire is. */
export function topologyText({ nodes, edges }: Topology, language: Language): string {
  const words = WORDS[language];
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
      if (kind === 'port') return source === node.id ? [words.portOf(other.label)] : [];
      return [kind === 'veth' ? `⇄ ${where(other)}` : words.on(other.label)];
    });
  const line = (node: TopologyNode): string =>
    displayText([node.label, ...node.addresses, ...(node.up ? [] : [words.down]), ...wires(node)].join('  '));
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
