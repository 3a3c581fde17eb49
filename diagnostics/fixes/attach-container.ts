import type { Container, Engine, EngineNetwork } from '../model/container.ts';
import { engineOfKey, engineServers, hasNames, withEngine } from '../model/engines.ts';
import { known } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { parsePrefix } from '../model/ip.ts';
import type { Address, Link } from '../model/link.ts';
import { findHost, withFacts, type Snapshot } from '../model/snapshot.ts';
import { newAddress } from './actions/add-address.ts';
import { addressRoutes } from './address-routes.ts';
import {
  changeRoutes,
  changeSysctls,
  freeAddress,
  linkNamed,
  linksOf,
  makeRoute,
  mergeRoutes,
} from './patch.ts';
import { publishPorts } from './publish-ports.ts';
import type { EnginePlace } from './engine-command.ts';
import { placeOf } from './readdress.ts';

/** High enough to be nobody's ifindex. */
const FIRST_INDEX = 1_000_000;

/**
 * What `docker network connect` does to the kernel, on paper: a veth pair between the container and the network's bridge, with
 * an address of its subnet. The engine chooses the address; here the highest free one stands for it.
 */
export function attachContainer(
  snapshot: Snapshot,
  place: EnginePlace,
  name: string,
  networkName: string,
): Snapshot {
  const host = findHost(snapshot, place.host);
  const engine = engineOfKey(host, place.engine);
  const container = engine?.containers.find((it) => it.name === name);
  const network = engine?.networks.find((it) => it.name === networkName);
  const namespace = container?.namespace;
  if (!host || !engine || !container || !network || !namespace) return snapshot;
  const subnet = parsePrefix(network.subnets.find(({ subnet }) => !subnet.includes(':'))?.subnet ?? '');
  const bridge =
    network.bridge === undefined ? undefined : linkNamed(snapshot, host.rootNamespace, network.bridge);
  if (!subnet || !bridge) return snapshot;
  const address = freeAddress(snapshot, subnet);
  if (address === null) return snapshot;

  const six = addressIn(snapshot, network);
  const internal = container.networks.every(({ networkId }) =>
    engine.networks.some((it) => it.id === networkId && it.internal),
  );
  // What it published by a network that it left is published again too.
  const wanted = [...(container.unpublishedPorts ?? []), ...(internal ? container.publishedPorts : [])];
  const publishes = network.internal ? [] : wanted;
  const attached = addPair(
    snapshot,
    namespace,
    host.rootNamespace,
    bridge,
    [newAddress(address, subnet.length), ...(six ? [newAddress(six.address, six.length)] : [])],
    internal && !network.internal,
  );
  const wired = publishPorts(attached, host.rootNamespace, publishes, address);
  return {
    ...wired,
    hosts: wired.hosts.map((it) =>
      it.id === host.id
        ? withEngine(it, engine, (before) => ({
            ...before,
            containers: before.containers.map((one) =>
              one === container ? joined(one, engine, network, address, six?.address) : one,
            ),
          }))
        : it,
    ),
  };
}

/** An IPv6 address of the network, where it has a prefix for them. */
function addressIn(
  snapshot: Snapshot,
  { subnets }: EngineNetwork,
): { readonly address: string; readonly length: number } | null {
  const prefix = parsePrefix(subnets.find(({ subnet }) => subnet.includes(':'))?.subnet ?? '');
  const address = prefix && freeAddress(snapshot, prefix);
  return prefix && address !== null ? { address, length: prefix.length } : null;
}

/** On a network of a user's, Docker's own DNS server takes the place of the others, and Podman's is put before them. */
function nameserversIn(engine: Engine, container: Container, before: readonly string[]): readonly string[] {
  const own = engineServers(engine, container);
  return engine.kind === 'docker' ? own : [...new Set([...own, ...before])];
}

function joined(
  container: Container,
  engine: Engine,
  network: EngineNetwork,
  address: string,
  address6: string | undefined,
): Container {
  const next: Container = {
    ...container,
    networks: [
      ...container.networks.filter((it) => it.network !== 'none'),
      {
        network: network.name,
        networkId: network.id,
        address,
        ...(address6 === undefined ? {} : { address6 }),
        aliases: [container.name, container.id.slice(0, 12)],
      },
    ],
  };
  const { resolver } = container;
  return resolver.state === 'known' && hasNames(engine, network)
    ? {
        ...next,
        resolver: known({
          ...resolver.value,
          nameservers: nameserversIn(engine, next, resolver.value.nameservers),
        }),
      }
    : next;
}

function addPair(
  snapshot: Snapshot,
  inside: NamespaceId,
  outside: NamespaceId,
  bridge: Link,
  addresses: readonly Address[],
  /** The default route of an internal network gives way to that of any other. */
  takesDefaultRoute: boolean,
): Snapshot {
  const taken = linksOf(snapshot, inside).map(({ name }) => name);
  const name = Array.from({ length: 64 }, (_, i) => `eth${i}`).find((it) => !taken.includes(it)) ?? 'eth64';
  const index =
    FIRST_INDEX + snapshot.namespaces.reduce((sum, { id }) => sum + linksOf(snapshot, id).length, 0);
  const end = link(name, index, inventedMac(index), { namespace: outside, index: index + 1 });
  const inner: Link = { ...end, addresses };
  const outer: Link = {
    ...link(`veth${index}`, index + 1, inventedMac(index + 1), { namespace: inside, index }),
    master: bridge.index,
    port: { state: 'forwarding', hairpin: false, isolated: false, learning: true, flood: true },
  };
  const first = linksOf(snapshot, inside).every(
    ({ addresses, kind }) => kind.type === 'loopback' || addresses.length === 0,
  );
  const gateways =
    first || takesDefaultRoute
      ? ([4, 6] as const).flatMap((family) =>
          addresses.some((own) => own.family === family)
            ? bridge.addresses.filter((it) => it.family === family && it.scope === 'global').slice(0, 1)
            : [],
        )
      : [];
  const replaced = gateways.map(({ family }) => family);
  let next = addLink(withCarrier(addLink(snapshot, inside, inner), outside, bridge), outside, outer);
  next = changeRoutes(next, inside, (routes) =>
    mergeRoutes(
      takesDefaultRoute
        ? routes.filter(({ destination, family }) => destination.length > 0 || !replaced.includes(family))
        : routes,
      [
        ...addressRoutes(inner, addresses, placeOf(next, inside, name)),
        ...gateways.map(({ family, address }) =>
          makeRoute({ address: family === 6 ? '::' : '0.0.0.0', length: 0 }, { via: address, dev: name }),
        ),
      ],
    ),
  );
  // The new interfaces take the settings that `default` has.
  next = inheritSettings(next, inside, name);
  // The engine switches IPv6 on where it gives an address of it.
  if (addresses.some(({ family }) => family === 6))
    next = changeSysctls(next, inside, (sysctls) => ({
      ...sysctls,
      [`net/ipv6/conf/${name}/disable_ipv6`]: '0',
    }));
  return inheritSettings(next, outside, outer.name);
}

/** No two new interfaces have the same. */
const inventedMac = (index: number): string =>
  ['02', '00', ...((index >>> 0).toString(16).padStart(8, '0').match(/../g) ?? [])].join(':');

const link = (name: string, index: number, mac: string, peer: NonNullable<Link['peer']>): Link => ({
  index,
  name,
  kind: { type: 'veth' },
  mac,
  mtu: 1500,
  up: true,
  carrier: true,
  flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
  peer,
  addresses: [],
});

/** A bridge has a carrier as soon as one of its ports has. */
const withCarrier = (snapshot: Snapshot, id: NamespaceId, bridge: Link): Snapshot =>
  withFacts(snapshot, id, (facts) => ({
    ...facts,
    links:
      facts.links.state === 'known'
        ? known(
            facts.links.value.map((it) =>
              it.index === bridge.index
                ? {
                    ...it,
                    carrier: true,
                    flags: [...it.flags.filter((flag) => flag !== 'NO-CARRIER'), 'LOWER_UP'],
                  }
                : it,
            ),
          )
        : facts.links,
  }));

const addLink = (snapshot: Snapshot, id: NamespaceId, added: Link): Snapshot =>
  withFacts(snapshot, id, (facts) => ({
    ...facts,
    links: facts.links.state === 'known' ? known([...facts.links.value, added]) : facts.links,
  }));

/** A new interface takes the settings that `default` has; the MTU of IPv6 is its own. */
export const inheritSettings = (snapshot: Snapshot, id: NamespaceId, dev: string): Snapshot =>
  withFacts(snapshot, id, (facts) => {
    if (facts.sysctls.state !== 'known') return facts;
    const mtu = linkNamed(snapshot, id, dev)?.mtu;
    const inherited = Object.entries(facts.sysctls.value).flatMap(([key, value]) => {
      const [, family, setting] = /^net\/(ipv[46])\/conf\/default\/(.+)$/.exec(key) ?? [];
      return family === undefined
        ? []
        : [
            [
              `net/${family}/conf/${dev}/${setting}`,
              setting === 'mtu' ? String(mtu ?? value) : value,
            ] as const,
          ];
    });
    return { ...facts, sysctls: known({ ...facts.sysctls.value, ...Object.fromEntries(inherited) }) };
  });
