import { known, type Fact } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { OvsBridge } from '../../model/openvswitch.ts';
import type { SavedBridge, SavedPort } from './database.ts';

/** A bridge of the database, and what only its daemon tells. */
export interface FoundBridge extends SavedBridge {
  readonly bridge: OvsBridge;
}

/** The largest frame that nothing cuts: ports without an interface of the kernel's have no MTU. */
const NO_LIMIT = 65535;

/**
 * The interfaces as Open vSwitch joins them: its bridges' own are bridges, and their ports belong to them. Ports that the kernel
 * has no interface for here (patches, tunnels of the daemon's, internal ones that were given to another namespace) get one with
 * a negative index.
 */
export function withBridges(
  links: readonly Link[],
  namespace: NamespaceId,
  bridges: readonly FoundBridge[],
): readonly Link[] {
  const index = new Map(links.map((link) => [link.name, link.index]));
  const made: Link[] = [];
  const ports = bridges.flatMap((bridge) => bridge.ports.filter(({ name }) => name !== bridge.name));
  for (const { name, port } of ports)
    if (!index.has(name) && port.role !== 'system' && port.number !== null) {
      const own = -1 - made.length;
      index.set(name, own);
      made.push({
        index: own,
        name,
        kind: { type: 'openvswitch' },
        mac: null,
        mtu: NO_LIMIT,
        up: true,
        carrier: true,
        flags: [],
        addresses: [],
      });
    }
  const bridgeOf = new Map<string, { readonly found: FoundBridge; readonly port: SavedPort }>();
  for (const found of bridges) for (const port of found.ports) bridgeOf.set(port.name, { found, port });
  return [...links, ...made].map((link): Link => {
    const owner = bridgeOf.get(link.name);
    if (!owner) return link;
    const { found, port } = owner;
    const own: Link = { ...link, ovs: port.port };
    if (port.name === found.name)
      return {
        ...own,
        kind: { type: 'bridge', vlanFiltering: false, stp: false, openvswitch: found.bridge },
      };
    const master = index.get(found.name);
    const peer = port.peer === undefined ? undefined : index.get(port.peer);
    return {
      ...own,
      ...(master === undefined ? {} : { master }),
      ...(port.port.role === 'internal' ? { kind: { type: 'openvswitch' } as const } : {}),
      ...(peer === undefined ? {} : { peer: { namespace, index: peer } }),
    };
  });
}

/** Where its bridges cannot be read, any interface that takes every frame may be a port. */
export const withTaken = (links: Fact<readonly Link[]>, reason: string): Fact<readonly Link[]> =>
  links.state === 'known'
    ? known(
        links.value.map((link) =>
          link.promiscuous && link.master === undefined && link.kind.type !== 'loopback'
            ? { ...link, taken: reason }
            : link,
        ),
      )
    : links;
