import { containersOn, enginesOn, keyOf } from './engines.ts';
import { valueOr } from './fact.ts';
import type { HostId, NamespaceId } from './ids.ts';
import type { Link } from './link.ts';
import { isNamed, nameText, namespaceLabel, type Namespace } from './namespace.ts';
import type { Host, Snapshot } from './snapshot.ts';
import type { Topology, TopologyEdge, TopologyNode } from './topology.ts';

/** The id of an interface's node: what it is on the map as long as it lives. */
const interfaceNodeId = (namespace: NamespaceId, index: number): string => `if:${namespace}/${index}`;

/** The id of a namespace's node. */
export const namespaceNodeId = (namespace: NamespaceId): string => `ns:${namespace}`;

/**
 * What exists and how it is wired, from the interfaces of a snapshot: hosts hold namespaces, these hold interfaces and bridges.
 * A container is its namespace; one that shares another's is drawn inside of it, a stopped one alone in its host.
 * Loopback interfaces are left out, and so are nameless namespaces that have nothing else (many programs isolate themselves so).
 */
export function topologyOf(snapshot: Snapshot): Topology {
  const several = snapshot.hosts.length > 1;
  const endpoint = (host: HostId, name: string): string => (several ? `${host}/${name}` : name);
  const shown = snapshot.namespaces.filter((namespace) => isShown(namespace, snapshot.hosts));
  return {
    schema: 1,
    nodes: [
      ...snapshot.hosts.map(hostNode),
      ...shown.flatMap((namespace) => [
        namespaceNode(namespace, snapshot.hosts, endpoint),
        ...sharingContainers(namespace, endpoint),
        ...wiredLinks(namespace).map((link) => interfaceNode(namespace, link)),
      ]),
      ...snapshot.hosts.flatMap((host) => stoppedContainers(host, endpoint)),
    ],
    edges: edgesOf(shown),
  };
}

const linksOf = (namespace: Namespace): readonly Link[] => valueOr(namespace.facts.links, []);

const wiredLinks = (namespace: Namespace): readonly Link[] =>
  linksOf(namespace).filter(({ kind }) => kind.type !== 'loopback');

const isShown = (namespace: Namespace, hosts: readonly Host[]): boolean =>
  hosts.some(({ rootNamespace }) => rootNamespace === namespace.id) ||
  isNamed(namespace) ||
  wiredLinks(namespace).length > 0;

const hostNode = (host: Host): TopologyNode => ({
  id: `host:${host.id}`,
  kind: 'host',
  label: host.id,
  parent: null,
  endpoint: null,
  addresses: [],
  up: true,
});

type EndpointText = (host: HostId, name: string) => string;

function namespaceNode(namespace: Namespace, hosts: readonly Host[], endpoint: EndpointText): TopologyNode {
  const [first] = namespace.names;
  const root = hosts.some(({ rootNamespace }) => rootNamespace === namespace.id);
  const isContainer = first?.type === 'container';
  return {
    id: namespaceNodeId(namespace.id),
    kind: isContainer ? 'container' : 'namespace',
    label: isContainer || first?.type === 'netns' ? first.name : namespaceLabel(namespace),
    parent: `host:${namespace.host}`,
    endpoint: first ? endpoint(namespace.host, root ? 'host' : nameText(first)) : null,
    addresses:
      namespace.facts.links.state === 'denied'
        ? engineAddresses(namespace, hosts)
        : linksOf(namespace).flatMap((link) => (link.kind.type === 'loopback' ? [] : addressTexts(link))),
    up: true,
  };
}

/** What the engine says of a container whose interfaces this user may not see. */
const engineAddresses = (namespace: Namespace, hosts: readonly Host[]): readonly string[] =>
  hosts.flatMap((host) =>
    containersOn(host)
      .filter((container) => container.namespace === namespace.id)
      .flatMap(({ networks }) => networks.flatMap(({ address }) => address ?? [])),
  );

/** Containers in a namespace that is named after something else: the host's, or another container's. */
function sharingContainers(namespace: Namespace, endpoint: EndpointText): TopologyNode[] {
  return namespace.names.slice(1).flatMap((name): TopologyNode[] =>
    name.type === 'container'
      ? [
          {
            id: `container:${namespace.id}/${name.name}`,
            kind: 'container',
            label: name.name,
            parent: namespaceNodeId(namespace.id),
            endpoint: endpoint(namespace.host, nameText(name)),
            addresses: [],
            up: true,
          },
        ]
      : [],
  );
}

/** Containers of an engine that no namespace of ours stands for: stopped ones, and those of an engine elsewhere. */
function stoppedContainers(host: Host, endpoint: EndpointText): TopologyNode[] {
  return enginesOn(host).flatMap((engine) =>
    engine.containers
      .filter(({ namespace }) => namespace === null)
      .map((container) => ({
        id: `container:${host.id}/${container.id}`,
        kind: 'container' as const,
        label: container.name,
        parent: `host:${host.id}`,
        endpoint: endpoint(host.id, nameText({ type: 'container', name: container.name, ...keyOf(engine) })),
        addresses: container.networks.flatMap(({ address }) => address ?? []),
        up: container.pid > 0,
      })),
  );
}

const addressTexts = (link: Link): string[] =>
  link.addresses
    .filter(({ family, scope }) => family === 4 || scope !== 'link')
    .map(({ address, length }) => `${address}/${length}`);

const interfaceNode = (namespace: Namespace, link: Link): TopologyNode => ({
  id: interfaceNodeId(namespace.id, link.index),
  kind: link.kind.type === 'bridge' ? 'bridge' : 'interface',
  label: link.name,
  parent: namespaceNodeId(namespace.id),
  endpoint: null,
  addresses: addressTexts(link),
  up: link.up,
});

function edgesOf(namespaces: readonly Namespace[]): TopologyEdge[] {
  const links = new Map<string, Link>(
    namespaces.flatMap((namespace) =>
      wiredLinks(namespace).map((link) => [interfaceNodeId(namespace.id, link.index), link] as const),
    ),
  );
  const edges = new Map<string, TopologyEdge>();
  const join = (kind: TopologyEdge['kind'], source: string, target: string): void => {
    const [from, to] = [links.get(source), links.get(target)];
    if (!from || !to) return;
    const id = `${kind}:${source}|${target}`;
    edges.set(id, { id, kind, source, target, up: from.up && to.up });
  };
  for (const namespace of namespaces)
    for (const link of wiredLinks(namespace)) {
      const here = interfaceNodeId(namespace.id, link.index);
      if (link.master !== undefined) join('port', here, interfaceNodeId(namespace.id, link.master));
      const there = link.peer?.namespace ? interfaceNodeId(link.peer.namespace, link.peer.index) : undefined;
      if (there === undefined) continue;
      if (link.kind.type !== 'veth') join('lower', here, there);
      // Both ends tell of a pair: one of them draws it.
      else if (here < there) join('veth', here, there);
    }
  return [...edges.values()];
}
