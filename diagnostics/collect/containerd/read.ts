import { known, type Fact } from '../../model/fact.ts';
import type { EngineAnswer } from '../docker/engine.ts';
import type { NamelessContainer } from '../docker/parse.ts';
import type { EngineProcess } from '../engine-processes.ts';
import { isObject, parseJson } from '../../host/external-json.ts';
import { parseBundle } from './parse.ts';
import { namesIn, readText } from '../plain-files.ts';

/** Docker keeps its containers there; it is asked itself. */
const DOCKERS = 'moby';
const DEFAULT_NAMESPACE = 'default';
const DEFAULT_ADDRESS = '/run/containerd/containerd.sock';

/**
 * What runs by containerd, an answer for each of its namespaces. Nobody has to be asked: a running container has a shim, which
 * works in the container's bundle, and the bundle's config.json has in its annotations what nerdctl, ctr and Kubernetes (CRI) call it.
 */
export function readContainerd(processes: readonly EngineProcess[]): readonly Fact<EngineAnswer>[] {
  const found = new Map<
    string,
    { readonly shim: Shim; readonly containers: Map<string, NamelessContainer> }
  >();
  for (const { pid } of processes) {
    const shim = shimOf(pid);
    if (shim === null || shim.namespace === DOCKERS) continue;
    const key = `${shim.address} ${shim.namespace}`;
    const group = found.get(key) ?? { shim, containers: new Map<string, NamelessContainer>() };
    found.set(key, group);
    for (const container of bundlesAt(`/proc/${pid}/cwd/..`)) group.containers.set(container.id, container);
  }
  return [...found.values()].map(({ shim, containers }) =>
    known({
      engine: {
        kind: 'containerd' as const,
        ...(shim.namespace === DEFAULT_NAMESPACE ? {} : { tag: shim.namespace }),
        version: '',
        endpoint: `unix://${shim.address}`,
        client: [
          'ctr',
          ...(shim.address === DEFAULT_ADDRESS ? [] : ['--address', shim.address]),
          ...(shim.namespace === DEFAULT_NAMESPACE ? [] : ['--namespace', shim.namespace]),
        ],
        networks: [],
      },
      containers: [...containers.values()],
      seemsLocal: true,
    }),
  );
}

interface Shim {
  readonly namespace: string;
  readonly address: string;
}

/** `containerd-shim-runc-v2 -namespace k8s.io -id ID -address /run/containerd/containerd.sock` */
function shimOf(pid: number): Shim | null {
  const words = readText(`/proc/${pid}/cmdline`).split('\0');
  const after = (name: string): string | undefined => words[words.indexOf(name) + 1];
  const namespace = words.includes('-namespace') ? after('-namespace') : undefined;
  return namespace === undefined || namespace === ''
    ? null
    : { namespace, address: (words.includes('-address') && after('-address')) || DEFAULT_ADDRESS };
}

/** Not by `join`, which would take the two dots before the kernel can. A shim may serve several containers (a pod's); each has its own bundle, named by its id. */
function bundlesAt(directory: string): readonly NamelessContainer[] {
  return namesIn(directory).flatMap((id) => {
    const pid = Number(readText(`${directory}/${id}/init.pid`) || 'none');
    const config = parseJson(readText(`${directory}/${id}/config.json`) || '{}');
    return Number.isInteger(pid) && isObject(config) ? [parseBundle(id, pid, config)] : [];
  });
}
