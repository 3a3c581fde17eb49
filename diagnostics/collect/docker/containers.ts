import { optional } from '../../host/external-json.ts';
import type { FoundNamespace, HostRoot } from '../../host/machine.ts';
import { namespaceInode } from '../../host/processes.ts';
import type { Container, Engine } from '../../model/container.ts';
import { known, type Fact } from '../../model/fact.ts';
import type { HostId, NamespaceId } from '../../model/ids.ts';
import { clientEndpoint, type EngineEndpoint } from './endpoint.ts';
import { askEngine, type EngineAnswer } from './engine.ts';
import { containerLocator } from './locate.ts';

/** A host's engine, and where on this machine its containers' processes are. */
export interface HostEngine {
  readonly host: HostId;
  readonly engine: Fact<Engine>;
  /** Container id → PID of its first process, as we see it. */
  readonly processes: ReadonlyMap<string, number>;
  /** Namespaces of running containers of this machine that this user may not even tell apart: known by the engine alone. */
  readonly hidden: readonly NamespaceId[];
}

/** Own host: as the docker client finds it. Lab host: what was said, else the default socket in its file system. */
export function endpointOf(host: HostRoot): EngineEndpoint {
  if (host.engine !== null) return { url: host.engine, named: true };
  if (host.pid === null) return clientEndpoint();
  return { url: `unix:///proc/${host.pid}/root/var/run/docker.sock`, named: false };
}

export const askEngines = (
  hosts: readonly HostRoot[],
): Promise<readonly { host: HostRoot; answer: Fact<EngineAnswer> }[]> =>
  Promise.all(hosts.map(async (host) => ({ host, answer: await askEngine(endpointOf(host)) })));

/** Puts an engine's containers into the namespaces that the kernel says their processes are in. */
export function placeContainers(
  host: HostId,
  answer: Fact<EngineAnswer>,
  namespaces: readonly FoundNamespace[],
  privileged: boolean,
): HostEngine {
  const processes = new Map<string, number>();
  if (answer.state !== 'known') return { host, engine: answer, processes, hidden: [] };
  const { containers, seemsLocal, network } = answer.value;
  const locate = containerLocator();
  const byInode = new Map<number, NamespaceId>(namespaces.map(({ inode, id }) => [inode, id]));
  const engine = {
    ...answer.value.engine,
    ...optional('namespace', network === undefined ? undefined : byInode.get(network)),
  };
  const placed = containers.map((container): Container => {
    const pid = locate(container.id, container.pid);
    if (pid === null) return { ...container, namespace: null };
    processes.set(container.id, pid);
    const inode = namespaceInode(pid, 'net');
    return { ...container, namespace: inode === null ? null : (byInode.get(inode) ?? null) };
  });
  const running = placed.some(({ pid }) => pid > 0);
  // Where /proc hides others' processes (hidepid), finding none proves nothing.
  const unseen = processes.size === 0 && (privileged || !seemsLocal);
  const foreign = running ? unseen : !seemsLocal;
  if (foreign || privileged)
    return { host, engine: known({ ...engine, foreign, containers: placed }), processes, hidden: [] };
  const root = namespaces.find((it) => it.host === host && it.names.some(({ type }) => type === 'host'));
  const all = placed.map((container): Container => ({
    ...container,
    namespace: container.namespace ?? hiddenNamespace(host, container, root?.id ?? null),
  }));
  const hidden = new Set(all.flatMap(({ namespace }) => namespace ?? []));
  for (const { id } of namespaces) hidden.delete(id);
  return { host, engine: known({ ...engine, foreign, containers: all }), processes, hidden: [...hidden] };
}

/**
 * A running container's namespace that the kernel does not show to this user (its link in /proc is for the owner and for
 * administrators): an id by what the engine says of who shares it. Null where it does not run.
 */
function hiddenNamespace(
  host: HostId,
  { id, pid, networkMode }: Container,
  root: NamespaceId | null,
): NamespaceId | null {
  if (pid <= 0) return null;
  if (networkMode === 'host') return root;
  const shared = /^container:(.+)$/.exec(networkMode)?.[1];
  return `${host}/hidden-${(shared ?? id).slice(0, 12)}`;
}
