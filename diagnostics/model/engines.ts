import type { Container, Engine, EngineNetwork } from './container.ts';
import { known, type Fact } from './fact.ts';
import type { NamespaceId } from './ids.ts';
import { nameText } from './namespace.ts';
import { findHost, findNamespace, type Host, type Snapshot } from './snapshot.ts';

/** The engines of a host that answered, the docker client's first. */
export const enginesOn = (host: Host | undefined): readonly Engine[] =>
  host === undefined
    ? []
    : allEngines(host).flatMap((engine) => (engine.state === 'known' ? [engine.value] : []));

/** Those that could not be asked, too. */
export const allEngines = (host: Host): readonly Fact<Engine>[] => [host.engine, ...(host.others ?? [])];

/** The containers of all engines of a host. */
export const containersOn = (host: Host | undefined): readonly Container[] =>
  enginesOn(host).flatMap(({ containers }) => containers);

/** The engine that runs the container of that name in a namespace (any container there, where no name is said). */
export function engineRunning(snapshot: Snapshot, namespace: NamespaceId, name?: string): Engine | null {
  const engines = enginesOn(findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? ''));
  const runs =
    (wanted: string | undefined) =>
    ({ containers }: Engine): boolean =>
      containers.some((it) => it.namespace === namespace && (wanted === undefined || it.name === wanted));
  return engines.find(runs(name)) ?? engines.find(runs(undefined)) ?? null;
}

/** A container, and the engine that has it. */
export interface OwnContainer {
  readonly engine: Engine;
  readonly container: Container;
}

/** The containers of every engine of a host. */
export const ownContainers = (host: Host | undefined): readonly OwnContainer[] =>
  enginesOn(host).flatMap((engine) => engine.containers.map((container) => ({ engine, container })));

/** The container whose network it has: itself, or the one that it was made to join (`--network container:NAME`). */
export function networkOwner({ containers }: Engine, container: Container): Container {
  const joined = /^container:(.+)$/.exec(container.networkMode)?.[1];
  return containers.find(({ id, name }) => id === joined || name === joined) ?? container;
}

/** Whether a container has no network but that of a program (slirp4netns, pasta), which lets out and not in. */
export const isBehindProgram = ({ networkMode }: Pick<Container, 'networkMode'>): boolean =>
  /^(?:slirp4netns|pasta)\b/.test(networkMode);

/** How a container is written in questions and answers. */
export const containerLabel = ({ engine, container }: OwnContainer): string =>
  nameText({ type: 'container', name: container.name, ...keyOf(engine) });

/** The container of an engine that a name or a whole id means; of several engines, `key` says which. */
export function findOwnContainer(
  host: Host | undefined,
  name: string,
  key: string | undefined,
): OwnContainer | null {
  for (const engine of enginesOn(host)) {
    if (key !== undefined && engineKey(engine) !== key) continue;
    const container = engine.containers.find((it) => it.name === name || it.id === name);
    if (container) return { engine, container };
  }
  return null;
}

/** The host with an engine of it changed. */
export function withEngine(host: Host, engine: Engine, change: (engine: Engine) => Engine): Host {
  const changed = (fact: Host['engine']): Host['engine'] =>
    fact.state === 'known' && fact.value === engine ? known(change(fact.value)) : fact;
  return {
    ...host,
    engine: changed(host.engine),
    ...(host.others === undefined ? {} : { others: host.others.map(changed) }),
  };
}

/** The host with some of its containers changed. */
export function withContainers(host: Host, change: (container: Container) => Container): Host {
  const changed = (fact: Host['engine']): Host['engine'] =>
    fact.state === 'known' ? known({ ...fact.value, containers: fact.value.containers.map(change) }) : fact;
  return {
    ...host,
    engine: changed(host.engine),
    ...(host.others === undefined ? {} : { others: host.others.map(changed) }),
  };
}

/** How a user says which engine: `docker`, `podman`, `podman@USER`, `containerd`. Of two that are alike, ids tell. */
export const engineKey = ({ kind, tag }: Pick<Engine, 'kind' | 'tag'>): string =>
  tag === undefined ? kind : `${kind}@${tag}`;

/** The key of an engine, where it is not the usual one: how an action names whom it asks. */
export const keyOf = (engine: Engine): { readonly engine?: string } =>
  engineKey(engine) === 'docker' ? {} : { engine: engineKey(engine) };

/** The engine of that key; without one the first. */
export const engineOfKey = (host: Host | undefined, key: string | undefined): Engine | null =>
  enginesOn(host).find((engine) => key === undefined || engineKey(engine) === key) ?? null;

/** A command to the engine, as words. */
export const engineCommand = (engine: Engine, ...words: readonly string[]): readonly string[] => [
  ...(engine.client ?? [engine.kind === 'containerd' ? 'ctr' : engine.kind]),
  ...words,
];

/** How the engine is called in a sentence. */
export function engineWord({ kind }: Pick<Engine, 'kind'>): string {
  switch (kind) {
    case 'docker':
      return 'Docker';
    case 'podman':
      return 'Podman';
    case 'containerd':
      return 'containerd';
  }
}

/** The network that containers are on of which nothing else was said. */
export const defaultNetwork = ({ kind }: Pick<Engine, 'kind'>): string =>
  kind === 'podman' ? 'podman' : 'bridge';

/** Networks of Docker on which its name server knows nobody. */
const BARE_NETWORKS: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Whether containers have names for each other on a network. */
export const hasNames = (engine: Engine, { name, named }: Pick<EngineNetwork, 'name' | 'named'>): boolean =>
  engine.kind === 'docker' ? !BARE_NETWORKS.has(name) : named === true;

/** Whether somebody made the network for containers of theirs. */
export const isUserDefined = (engine: Engine, network: EngineNetwork): boolean =>
  network.driver === 'bridge' && network.name !== defaultNetwork(engine);

/** Where Docker's embedded DNS listens in every container that is on a network of a user. */
export const ENGINE_DNS = '127.0.0.11';

/** The name servers of the engine that a container can ask: in its own network, or at the gateways of its networks. */
export const engineServers = (engine: Engine, container: Pick<Container, 'networks'>): readonly string[] =>
  engine.kind === 'docker'
    ? [ENGINE_DNS]
    : container.networks.flatMap(({ networkId }) =>
        engine.networks
          .filter((network) => network.id === networkId && hasNames(engine, network))
          .flatMap(({ subnets }) => subnets.flatMap(({ gateway }) => gateway ?? [])),
      );
