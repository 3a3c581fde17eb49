import { execa } from 'execa';
import type { LabTopology } from '../format/topology-schema.ts';
import type { LabNode } from './node.ts';

type LinkEnd = LabTopology['links'][number]['a'];

/** The pair is made where it belongs at once: no interface passes through another namespace. */
export async function buildLinks(topology: LabTopology, nodes: ReadonlyMap<string, LabNode>): Promise<void> {
  const place = (end: LinkEnd): string => {
    const node = nodes.get(end.node);
    if (!node) throw new Error(`a link names ${end.node}, which is no node`);
    const extra = [
      ...(end.mac === undefined ? [] : ['address', end.mac]),
      ...(end.mtu === undefined ? [] : ['mtu', String(end.mtu)]),
    ];
    return ['name', end.dev, ...extra, 'netns', node.path].join(' ');
  };
  const lines = topology.links.map(({ a, b }) => `link add ${place(a)} type veth peer ${place(b)}\n`);
  if (lines.length > 0) await execa('ip', ['-batch', '-'], { input: lines.join('') });
}

/** Loopbacks, bridges, addresses and settings: one command a node. */
export async function configureNodes(
  topology: LabTopology,
  nodes: ReadonlyMap<string, LabNode>,
): Promise<void> {
  const ends = topology.links.flatMap(({ a, b }) => [a, b]);
  const hosts = Object.values(topology.hosts);
  await Promise.all(
    [...nodes.values()].map(async (node) => {
      const bridges = hosts.flatMap((host) =>
        Object.entries(host.bridges).filter(([, bridge]) => bridge.node === node.name),
      );
      const sysctls = hosts.flatMap((host) => Object.entries(host.namespaces[node.name]?.sysctls ?? {}));
      // Before the interfaces come up, so that `default` settings hold for them.
      if (sysctls.length > 0)
        await inNetwork(node, ['sysctl', '-qw', ...sysctls.map(([key, value]) => `${key}=${value}`)]);
      const lines = [
        ...(node.kind === 'namespace' ? ['link set lo up'] : []),
        ...bridges.flatMap(([name, bridge]) => [
          `link add name ${name} type bridge`,
          `link set dev ${name} up`,
          ...bridge.ports.map((port) => `link set dev ${port} master ${name}`),
          ...bridge.addresses.map((address) => addressLine(address, name)),
        ]),
        ...ends
          .filter((end) => end.node === node.name)
          .flatMap((end) => [
            ...end.addresses.map((address) => addressLine(address, end.dev)),
            ...(end.up ? [`link set dev ${end.dev} up`] : []),
          ]),
      ];
      if (lines.length > 0) await inNetwork(node, ['ip', '-batch', '-'], `${lines.join('\n')}\n`);
    }),
  );
}

/** Without duplicate address detection an IPv6 address can be used at once. */
const addressLine = (address: string, dev: string): string =>
  `address add ${address} dev ${dev}${address.includes(':') ? ' nodad' : ''}`;

/** With our own tools and files, in the node's network: also where a container has no `ip`. */
async function inNetwork(node: LabNode, argv: readonly string[], input = ''): Promise<void> {
  await execa('nsenter', [`--net=${node.path}`, ...argv], { input });
}
