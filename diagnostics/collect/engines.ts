import { optional } from '../host/external-json.ts';
import type { HostRoot, Machine } from '../host/machine.ts';
import { namespaceInode } from '../host/processes.ts';
import { known, type Fact } from '../model/fact.ts';
import { askEngines, endpointOf } from './docker/containers.ts';
import { daemonAsked, daemonsBeside, type FoundDaemon } from './docker/daemons.ts';
import { daemonSettings } from './docker/daemon-settings.ts';
import { askEngine, type EngineAnswer } from './docker/engine.ts';
import { engineProcesses, type EngineProcess } from './engine-processes.ts';
import { readContainerd } from './containerd/read.ts';
import { askPodman } from './podman/ask.ts';
import { podmanStores } from './podman/stores.ts';

/** What the engines of a host say: the one that a docker client there asks, and those beside it. */
export interface HostAnswers {
  readonly host: HostRoot;
  readonly first: Fact<EngineAnswer>;
  readonly others: readonly Fact<EngineAnswer>[];
}

/** Asks all engines of all hosts, beside each other. */
export async function askAllEngines(machine: Machine): Promise<readonly HostAnswers[]> {
  const { hosts } = machine;
  const processes = engineProcesses(hosts);
  const [clients, others] = await Promise.all([
    askEngines(hosts),
    Promise.all(
      hosts.map((host) => {
        const own = processes.filter((it) => it.host === host.id);
        const keepers = own.flatMap(({ program, uid }) => (program === 'conmon' ? [uid] : []));
        const shims = own.filter(({ program }) => program === 'containerd-shim');
        const daemons = daemonsBeside(host, endpointOf(host).url, own);
        return Promise.all([
          ...daemons.map((daemon) => askDaemon(daemon)),
          ...podmanStores(host, keepers).map((store) => askPodman(machine, host, store)),
          ...readContainerd(shims),
        ]);
      }),
    ),
  ]);
  return clients.map(({ host, answer }, index) => ({
    host,
    first: withProcess(answer, daemonAsked(host, endpointOf(host).url, processes)),
    others: namedOnce(answer, others[index] ?? []),
  }));
}

/** An engine of Docker that no client of this user asks by itself. */
async function askDaemon({ tag, path, process, ...endpoint }: FoundDaemon): Promise<Fact<EngineAnswer>> {
  const answer = withProcess(await askEngine(endpoint), process);
  if (answer.state !== 'known') return answer;
  const client = ['docker', '--host', `unix://${path}`];
  return known({ ...answer.value, engine: { ...answer.value.engine, tag, client } });
}

/** An engine's answer with what its process was told, and where that is. */
function withProcess(answer: Fact<EngineAnswer>, process: EngineProcess | null): Fact<EngineAnswer> {
  if (answer.state !== 'known' || process === null) return answer;
  const { pid, rootless } = process;
  const network = rootless ? namespaceInode(pid, 'net') : null;
  return known({
    ...answer.value,
    ...(network === null ? {} : { network }),
    engine: {
      ...answer.value.engine,
      ...(rootless ? { rootless, client: ['docker', '--host', answer.value.engine.endpoint] } : {}),
      ...optional('settings', daemonSettings(pid)),
    },
  });
}

/** Each container once: an engine may be asked by two ways (Podman's socket as DOCKER_HOST), and use another (containerd). */
function namedOnce(
  first: Fact<EngineAnswer>,
  others: readonly Fact<EngineAnswer>[],
): readonly Fact<EngineAnswer>[] {
  const seen = new Set(first.state === 'known' ? first.value.containers.map(({ id }) => id) : []);
  return others.flatMap((answer): readonly Fact<EngineAnswer>[] => {
    if (answer.state !== 'known') return answer.state === 'absent' ? [] : [answer];
    const containers = answer.value.containers.filter(({ id }) => !seen.has(id));
    for (const { id } of containers) seen.add(id);
    return answer.value.containers.length > 0 && containers.length === 0
      ? []
      : [{ ...answer, value: { ...answer.value, containers } }];
  });
}
