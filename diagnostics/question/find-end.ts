import { displayText } from '../model/display-text.ts';
import { allEngines, containersOn, enginesOn, keyOf } from '../model/engines.ts';
import type { Endpoint } from '../model/flow.ts';
import type { Namespace } from '../model/namespace.ts';
import type { Host, Snapshot } from '../model/snapshot.ts';
import type { EndpointText, ParsedEndpoint } from './endpoint-text.ts';
import { findContainer, type FoundContainer } from './find-container.ts';
import { nearNames } from '../model/near-names.ts';
import { QuestionError } from './question-error.ts';

type Side = 'from' | 'to';

/**
 * What an end of a question stands for. A bare word is a container, else a named namespace, else (as TO) a name, which the
 * resolver of FROM answers later. Throws `QuestionError` with near names.
 */
export function findEnd(
  parsed: ParsedEndpoint,
  snapshot: Snapshot,
  side: Side,
  beside: Endpoint | null = null,
): Endpoint {
  const hosts = parsed.host === null ? snapshot.hosts : [findHost(snapshot, parsed.host)];
  const first = hosts[0];
  if (first === undefined) throw new QuestionError('host-not-found', 'There is no host to ask about');
  const end = parsed.endpoint;
  switch (end.type) {
    case 'host':
      return { type: 'namespace', host: first.id, namespace: first.rootNamespace };
    case 'netns':
      return found(
        byNetnsName(snapshot, hosts, end.name),
        `There is no network namespace “${displayText(end.name)}”`,
        () => nearNames(end.name, netnsNames(snapshot, hosts)).map((name) => `netns:${name}`),
      );
    case 'container': {
      const container = findContainer(hosts, end);
      if (container !== null) return ofContainer(container, side);
      const nameless = byContainerId(snapshot, hosts, end.name);
      if (nameless !== null) return { type: 'namespace', host: nameless.host, namespace: nameless.id };
      const refused = refusedEngine(hosts);
      if (refused !== null) throw cannotLook(end.name, refused);
      throw notFound(
        side,
        noContainer(hosts, end.name),
        nearNames(end.name, containerNames(hosts)).map((name) => `container:${name}`),
      );
    }
    case 'pid':
      if (!snapshot.machine.privileged && byPid(snapshot, hosts, end.pid) === null)
        throw new QuestionError(
          'cannot-look',
          `Only an administrator may see which network process ${end.pid} is in: run the same with sudo`,
        );
      return inContainer(
        found(byPid(snapshot, hosts, end.pid), `There is no process ${end.pid} whose network can be seen`),
        hosts,
        end.pid,
      );
    case 'fd':
      return found(
        byDescriptor(snapshot, hosts, end),
        `There is no process ${end.pid} that alone keeps a network open as its file ${end.descriptor}`,
      );
    case 'address':
      return end;
    case 'outside':
      return { ...end, host: first.id };
    case 'word':
      return ofWord(end, snapshot, hosts, side, beside);
  }

  function found(
    namespace: Namespace | null,
    message: string,
    near: () => readonly string[] = () => [],
  ): Endpoint {
    if (namespace === null) throw notFound(side, message, near());
    return { type: 'namespace', host: namespace.host, namespace: namespace.id };
  }
}

/** Every name that can be an end of a question about these hosts: for near names and for completion. */
function endNames(snapshot: Snapshot, hosts: readonly Host[] = snapshot.hosts): readonly string[] {
  return [...containerNames(hosts), ...netnsNames(snapshot, hosts)];
}

function ofWord(
  end: Extract<EndpointText, { type: 'word' }>,
  snapshot: Snapshot,
  hosts: readonly Host[],
  side: Side,
  beside: Endpoint | null,
): Endpoint {
  const container = findContainer(hosts, { name: end.word }, beside);
  if (container !== null) return ofContainer(container, side);
  const namespace = byNetnsName(snapshot, hosts, end.word);
  if (namespace !== null) return { type: 'namespace', host: namespace.host, namespace: namespace.id };
  if (side === 'to' && isDnsName(end.word)) return { type: 'name', name: end.word };
  const refused = refusedEngine(hosts);
  if (refused !== null) throw cannotLook(end.word, refused);
  throw new QuestionError(
    side === 'from' ? 'from-not-found' : 'to-not-found',
    `There is no container or network namespace “${displayText(end.word)}”${side === 'to' ? ', and it cannot be a DNS name' : ''}`,
    nearNames(end.word, ['host', ...endNames(snapshot, hosts)]),
  );
}

function ofContainer({ host, engine, container }: FoundContainer, side: Side): Endpoint {
  const name = displayText(container.name);
  const runs = container.state === 'running' || container.state === 'paused';
  if (container.namespace !== null && runs)
    return { type: 'namespace', host, namespace: container.namespace, container: container.name };
  if (side === 'from')
    throw new QuestionError(
      'from-not-found',
      runs
        ? `The container “${name}” runs on an engine elsewhere: nothing can be sent from it here`
        : `The container “${name}” is not running (${container.state}): nothing can be sent from it`,
    );
  if (!runs) return { type: 'stopped-container', host, container: container.name, ...keyOf(engine) };
  const address = container.networks.find((network) => network.address !== undefined)?.address;
  if (address !== undefined) return { type: 'address', address };
  throw new QuestionError(
    'not-usable-here',
    `The container “${name}” runs on an engine elsewhere, and that engine names no address of it`,
  );
}

function findHost(snapshot: Snapshot, name: string): Host {
  const host = snapshot.hosts.find(({ id }) => id === name);
  if (host) return host;
  throw new QuestionError(
    'host-not-found',
    `There is no host “${displayText(name)}”`,
    nearNames(
      name,
      snapshot.hosts.map(({ id }) => id),
    ),
  );
}

const containerNames = (hosts: readonly Host[]): readonly string[] =>
  hosts.flatMap(containersOn).flatMap(({ name, pod }) => (pod === undefined ? [name] : [name, pod]));

const on = (namespace: Namespace, hosts: readonly Host[]): boolean =>
  hosts.some(({ id }) => id === namespace.host);

const byNetnsName = (snapshot: Snapshot, hosts: readonly Host[], wanted: string): Namespace | null =>
  snapshot.namespaces.find(
    (namespace) =>
      on(namespace, hosts) && namespace.names.some((name) => name.type === 'netns' && name.name === wanted),
  ) ?? null;

/** A container of an engine that was not asked, by its id as its cgroup tells it. */
const byContainerId = (snapshot: Snapshot, hosts: readonly Host[], wanted: string): Namespace | null =>
  wanted.length < 4
    ? null
    : (snapshot.namespaces.find(
        (namespace) =>
          on(namespace, hosts) &&
          namespace.names.some(
            (name) =>
              name.type === 'container' && (name.name.startsWith(wanted) || wanted.startsWith(name.name)),
          ),
      ) ?? null);

const netnsNames = (snapshot: Snapshot, hosts: readonly Host[]): readonly string[] =>
  snapshot.namespaces
    .filter((namespace) => on(namespace, hosts))
    .flatMap(({ names }) => names.flatMap((name) => (name.type === 'netns' ? [name.name] : [])));

const byPid = (snapshot: Snapshot, hosts: readonly Host[], pid: number): Namespace | null =>
  snapshot.namespaces.find(
    (namespace) =>
      on(namespace, hosts) && namespace.names.some((name) => name.type === 'pid' && name.pid === pid),
  ) ?? null;

/** A process has the files of the container that it is in, names and all: its own first process, or any where no other is there. */
function inContainer(end: Endpoint, hosts: readonly Host[], pid: number): Endpoint {
  if (end.type !== 'namespace') return end;
  const host = hosts.find(({ id }) => id === end.host);
  const there = host ? containersOn(host).filter(({ namespace }) => namespace === end.namespace) : [];
  const alone = host?.rootNamespace !== end.namespace && there.length === 1 ? there[0] : undefined;
  const container = there.find((one) => one.pid === pid) ?? alone;
  return container ? { ...end, container: container.name } : end;
}

const byDescriptor = (
  snapshot: Snapshot,
  hosts: readonly Host[],
  { pid, descriptor }: Extract<EndpointText, { type: 'fd' }>,
): Namespace | null =>
  snapshot.namespaces.find(
    (namespace) =>
      on(namespace, hosts) &&
      namespace.names.some(
        (name) => name.type === 'fd' && name.pid === pid && name.descriptor === descriptor,
      ),
  ) ?? null;

/** Why there is no such container: perhaps there is no engine that could have one. */
function noContainer(hosts: readonly Host[], name: string): string {
  const shown = displayText(name);
  return hosts.some((host) => enginesOn(host).length > 0)
    ? `There is no container “${shown}”`
    : `There is no container “${shown}”: no container engine answers here`;
}

/** Why an engine that may have the container was not asked. */
function refusedEngine(hosts: readonly Host[]): string | null {
  const refused = hosts.flatMap(allEngines).find((engine) => engine.state === 'denied');
  return refused?.state === 'denied' ? refused.reason : null;
}

const cannotLook = (name: string, reason: string): QuestionError =>
  new QuestionError(
    'cannot-look',
    `The container “${displayText(name)}” cannot be looked up: ${displayText(reason)}`,
  );

const notFound = (side: Side, message: string, near: readonly string[]): QuestionError =>
  new QuestionError(side === 'from' ? 'from-not-found' : 'prefixed-to-not-found', message, near);

/** Letters, digits, hyphens and underscores between dots (RFC 1123, and what resolvers let pass). */
const isDnsName = (text: string): boolean =>
  text.length <= 253 && /^(?!-)[\p{L}\p{N}_-]{1,63}(\.[\p{L}\p{N}_-]{1,63})*\.?$/u.test(text);
