import { valueOr } from '../model/fact.ts';
import { enginesOn } from '../model/engines.ts';
import type { Container, Engine, PublishedPort } from '../model/container.ts';
import type { NamespaceId } from '../model/ids.ts';
import { familyOf, sameAddress } from '../model/ip.ts';
import type { Chain, Hook, Rule, Table } from '../model/ruleset.ts';
import { findHost, findNamespace, type Snapshot } from '../model/snapshot.ts';
import { factsIn } from './situation.ts';

/** What of Docker's own rules is not there. */
export type MissingRules = 'chain' | 'jump' | 'rule';

/** The engine of Docker that writes its rules into this namespace: one that runs on its host; of several, the one that is concerned. */
export function engineRuling(
  snapshot: Snapshot,
  namespace: NamespaceId,
  concerned: (engine: Engine) => boolean = () => true,
): Engine | null {
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  if (host?.rootNamespace !== namespace) return null;
  const engines = enginesOn(host).filter(({ kind, foreign }) => kind === 'docker' && !foreign);
  return engines.find(concerned) ?? engines[0] ?? null;
}

const tablesIn = (snapshot: Snapshot, id: NamespaceId): readonly Table[] =>
  (valueOr(factsIn(snapshot, id)?.ruleset ?? { state: 'absent' }, null)?.tables ?? []).filter(
    ({ family }) => family === 'ip',
  );

/** Of the nft backend (Docker 29): the table that holds everything. */
const NFT_TABLE = 'docker-bridges';
/** Of the iptables backends: the chain that published ports are in, or is called for them. */
const isDockers = (name: string): boolean => /^DOCKER/.test(name);

const jumpsTo = ({ parts }: Rule, fits: (chain: string) => boolean): boolean =>
  parts.some(
    (part) =>
      part.type === 'verdict' &&
      (part.verdict.type === 'jump' || part.verdict.type === 'goto') &&
      fits(part.verdict.chain),
  );

const called = (tables: readonly Table[], hook: Hook, fits: (chain: string) => boolean): boolean =>
  tables.some(({ chains }) =>
    chains.some(({ base, rules }) => base?.hook === hook && rules.some((rule) => jumpsTo(rule, fits))),
  );

/** What is missing for a published port, as far as the rules of IPv4 tell; null where the port is translated. */
export function missingForPort(
  snapshot: Snapshot,
  namespace: NamespaceId,
  hook: 'prerouting' | 'output',
  target: { readonly address: string; readonly port: number },
): MissingRules | null {
  const tables = tablesIn(snapshot, namespace);
  if (tables.some(({ name }) => name === NFT_TABLE))
    return translates(
      tables.flatMap(({ chains }) => chains),
      target,
    )
      ? null
      : 'rule';
  const nat = tables.filter(({ name }) => name === 'nat');
  const own = nat.flatMap(({ chains }) => chains.filter(({ name }) => name === 'DOCKER'));
  if (own.length === 0) return 'chain';
  if (!called(nat, hook, (chain) => chain === 'DOCKER')) return 'jump';
  return translates(own, target) ? null : 'rule';
}

const translates = (
  chains: readonly Chain[],
  { address, port }: { readonly address: string; readonly port: number },
): boolean =>
  chains.some(({ rules }) =>
    rules.some(({ parts }) =>
      parts.some(
        (part) =>
          part.type === 'dnat' &&
          part.address !== undefined &&
          sameAddress(part.address.from, address) &&
          part.ports?.[0] === port,
      ),
    ),
  );

/** Whether nothing of Docker is called where packets are passed on, nor where they are translated. */
export function forwardingUnruled(snapshot: Snapshot, namespace: NamespaceId): boolean {
  const tables = tablesIn(snapshot, namespace);
  return !tables.some(({ name }) => name === NFT_TABLE) && !called(tables, 'forward', isDockers);
}

export function translationUnruled(snapshot: Snapshot, namespace: NamespaceId): boolean {
  const tables = tablesIn(snapshot, namespace);
  return !tables.some(({ name }) => name === NFT_TABLE) && !called(tables, 'prerouting', isDockers);
}

/** Whether a chain of Docker's has an accept of its own for this container's address and port, as the iptables backends write it. */
export function acceptsPort(
  snapshot: Snapshot,
  namespace: NamespaceId,
  { destination, destinationPort }: { readonly destination: string; readonly destinationPort: number },
): boolean {
  const tables = tablesIn(snapshot, namespace);
  if (tables.some(({ name }) => name === NFT_TABLE)) return true;
  return tables
    .filter(({ name }) => name === 'filter')
    .flatMap(({ chains }) => chains.filter(({ name }) => isDockers(name)))
    .flatMap(({ rules }) => rules)
    .some(
      ({ text }) =>
        text.includes(` -d ${destination}/32 `) &&
        text.includes(` --dport ${destinationPort} `) &&
        text.endsWith('-j ACCEPT'),
    );
}

/** The running container at this address that publishes this port of its own, and the host's port for it. */
export function publishedAt(
  engine: Engine,
  packet: { readonly protocol: string; readonly destination: string; readonly destinationPort: number },
): { readonly container: string; readonly port: number } | null {
  for (const { state, name, networks, publishedPorts } of engine.containers) {
    if (state !== 'running' || !networks.some(({ address }) => address === packet.destination)) continue;
    const published = publishedPorts.find(
      ({ protocol, containerPort }) =>
        protocol === packet.protocol && containerPort === packet.destinationPort,
    );
    if (published) return { container: name, port: published.hostPort };
  }
  return null;
}

/** A container's port that the engine should forward here. */
export interface Forwarded {
  readonly container: Container;
  readonly published: PublishedPort;
  /** The container's own address. */
  readonly address: string;
}

const EVERYWHERE: ReadonlySet<string> = new Set(['', '0.0.0.0']);

/** The running container that publishes a port on an IPv4 address of the engine's host. */
export function forwardedTo(
  engine: Engine,
  asked: { readonly protocol: string; readonly port: number; readonly address: string },
): Forwarded | null {
  if (familyOf(asked.address) !== 4) return null;
  for (const container of engine.containers) {
    if (container.state !== 'running') continue;
    const published = container.publishedPorts.find(
      ({ protocol, hostPort, hostAddress }) =>
        protocol === asked.protocol &&
        hostPort === asked.port &&
        (EVERYWHERE.has(hostAddress) || sameAddress(hostAddress, asked.address)),
    );
    const address = container.networks.find((network) => network.address !== undefined)?.address;
    if (published && address !== undefined) return { container, published, address };
  }
  return null;
}
