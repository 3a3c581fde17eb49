import { known } from '../model/fact.ts';
import { engineOfKey, withEngine } from '../model/engines.ts';
import type { EnginePlace } from './engine-command.ts';
import { parsePrefix, prefixContains } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import { findHost, withFacts, type Snapshot } from '../model/snapshot.ts';
import { newAddress } from './actions/add-address.ts';
import { inheritSettings } from './attach-container.ts';
import { addressRoutes } from './address-routes.ts';
import { changeRoutes, linksOf, mergeRoutes } from './patch.ts';
import { placeOf } from './readdress.ts';
import { changeChain } from './rule-patch.ts';

/** Docker's default-address-pools, of which the engine takes the first that is free. */
const DOCKER_POOLS = Array.from({ length: 15 }, (_, index) => ({
  address: `172.${17 + index}.0.0`,
  length: 16,
}));
/** Podman's default_subnet_pools. */
const PODMAN_POOLS = Array.from({ length: 255 }, (_, index) => ({ address: `10.89.${index}.0`, length: 24 }));

/** An ifindex that is nobody's. */
const BRIDGE_INDEX = 2_000_000;
/** Stands for the name that the engine makes of the network's id. */
const BRIDGE = 'br-new';

/** What `docker network create` does to the kernel, on paper: a bridge with an address, and rules that let its ports talk. */
export function makeNetwork(snapshot: Snapshot, place: EnginePlace, name: string): Snapshot {
  const host = findHost(snapshot, place.host);
  const engine = engineOfKey(host, place.engine);
  if (!host || !engine || engine.networks.some((network) => network.name === name)) return snapshot;
  const root = host.rootNamespace;
  const taken = linksOf(snapshot, root).flatMap(({ addresses }) => addresses);
  const subnets = engine.networks.flatMap((network) =>
    network.subnets.map(({ subnet }) => parsePrefix(subnet)),
  );
  const pool = (engine.kind === 'podman' ? PODMAN_POOLS : DOCKER_POOLS).find(
    (it) =>
      !taken.some((own) => prefixContains(it, own.address)) &&
      !subnets.some((subnet) => subnet !== null && prefixContains(it, subnet.address)),
  );
  if (!pool) return snapshot;
  const gateway = pool.address.replace(/\.0$/, '.1');
  const address = newAddress(gateway, pool.length);
  const bridge: Link = {
    index: BRIDGE_INDEX,
    name: BRIDGE,
    kind: { type: 'bridge', vlanFiltering: false, stp: false },
    mac: '02:00:00:00:00:03',
    mtu: 1500,
    up: true,
    carrier: true,
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    addresses: [address],
  };
  const linked = withFacts(snapshot, root, (facts) => ({
    ...facts,
    links: facts.links.state === 'known' ? known([...facts.links.value, bridge]) : facts.links,
  }));
  const routed = changeRoutes(linked, root, (routes) =>
    mergeRoutes(routes, addressRoutes(bridge, [address], placeOf(linked, root, BRIDGE))),
  );
  const ready = letPortsTalk(inheritSettings(routed, root, BRIDGE), root);
  return {
    ...ready,
    hosts: ready.hosts.map((it) =>
      it.id === host.id
        ? withEngine(it, engine, (before) => ({
            ...before,
            networks: [
              ...before.networks,
              {
                id: name,
                name,
                driver: 'bridge',
                internal: false,
                subnets: [{ subnet: `${pool.address}/${pool.length}`, gateway }],
                options: {},
                bridge: BRIDGE,
                ...(engine.kind === 'podman' ? { named: true } : {}),
              },
            ],
          }))
        : it,
    ),
  };
}

/** The engine's own accept for frames within the bridge, where it keeps its rules by iptables. */
function letPortsTalk(snapshot: Snapshot, root: string): Snapshot {
  const ruleset = snapshot.namespaces.find(({ id }) => id === root)?.facts.ruleset;
  if (ruleset?.state !== 'known') return snapshot;
  return ruleset.value.tables
    .filter(
      ({ name, family, chains }) =>
        name === 'filter' && family === 'ip' && chains.some((it) => it.name === 'DOCKER'),
    )
    .reduce(
      (now, { backend, family, name }) =>
        changeChain(now, { namespace: root, backend, family, table: name, chain: 'FORWARD' }, (chain) => ({
          ...chain,
          rules: [
            {
              text: `-A FORWARD -i ${BRIDGE} -o ${BRIDGE} -j ACCEPT`,
              number: 1,
              parts: [
                ...(['iif', 'oif'] as const).map((field) => ({
                  type: 'compare' as const,
                  fields: [field],
                  negate: false,
                  values: { type: 'inline' as const, tuples: [[{ type: 'text' as const, value: BRIDGE }]] },
                })),
                { type: 'verdict', verdict: { type: 'accept' } },
              ],
            },
            ...chain.rules.map((rule) => ({ ...rule, number: rule.number + 1 })),
          ],
        })),
      snapshot,
    );
}
