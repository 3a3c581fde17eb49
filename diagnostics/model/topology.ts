/**
 * What `hoplab map --json` prints and the map draws. A host holds its namespaces (its own among them, labelled `host`), a
 * namespace its interfaces and bridges. So that the way of a trace can be drawn, the id of a node that stands for a namespace
 * (kind `namespace`, or `container` where its engine is here) is `namespaceNodeId` of it, and the label of an interface or
 * bridge is its device name.
 */
export interface Topology {
  readonly schema: 1;
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

/** A thing on the map. */
export interface TopologyNode {
  /** Stable as long as the thing lives, so that the map keeps its position. */
  readonly id: string;
  readonly kind: 'host' | 'namespace' | 'interface' | 'bridge' | 'container' | 'outside';
  readonly label: string;
  /** The node it is drawn in. */
  readonly parent: string | null;
  /** How a question names it (`netns:red`), where it can be an end of one. */
  readonly endpoint: string | null;
  readonly addresses: readonly string[];
  readonly up: boolean;
}

/** A wire between two interfaces, or what an interface hangs on. */
export interface TopologyEdge {
  readonly id: string;
  /** `veth` a pair; `port` an interface attached to a bridge; `lower` a macvlan or vxlan and what it stands on. */
  readonly kind: 'veth' | 'port' | 'lower';
  readonly source: string;
  readonly target: string;
  readonly up: boolean;
}
