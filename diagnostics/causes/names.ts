import type { Container, Engine } from '../model/container.ts';
import { engineRunning, networkOwner } from '../model/engines.ts';
import type { Flow } from '../model/flow.ts';
import type { HostId, NamespaceId } from '../model/ids.ts';
import type { ResolverFiles } from '../model/resolver.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import { viewOfAsker } from '../simulate/names/names.ts';
import type { NameSituation } from './situation.ts';

/** The asking container and those that the name may mean; null where no container asks. */
export interface Asking {
  readonly host: HostId;
  readonly engine: Engine;
  /** The one whose network it is, where several share it: only that can be connected to others. */
  readonly asker: Container;
  readonly meant: readonly Container[];
}

export function askingContainer({ snapshot, namespace, name, flow }: NameSituation): Asking | null {
  const host = findNamespace(snapshot, namespace)?.host;
  const chosen = flow.from.type === 'namespace' ? flow.from.container : undefined;
  const engine = engineRunning(snapshot, namespace, chosen);
  if (host === undefined || !engine) return null;
  const asking =
    engine.containers.find((it) => it.namespace === namespace && it.name === chosen) ??
    engine.containers.find((it) => it.namespace === namespace);
  if (!asking) return null;
  const asker = networkOwner(engine, asking);
  const wanted = name.replace(/\.$/, '').toLowerCase();
  const meant = engine.containers.filter(
    (it) =>
      it.id !== asker.id &&
      it.state === 'running' &&
      (it.name.toLowerCase() === wanted ||
        it.networks.some(({ aliases }) => aliases.some((alias) => alias.toLowerCase() === wanted))),
  );
  return { host, engine, asker, meant };
}

/** The process that asks for a name, and the files it goes by. */
export interface AskingFiles {
  readonly namespace: NamespaceId;
  /** Its container's name. */
  readonly container: string | null;
  readonly engine: Engine | null;
  readonly files: ResolverFiles;
}

export function askingFiles(snapshot: Snapshot, { from }: Flow): AskingFiles | null {
  if (from.type !== 'namespace') return null;
  const { namespace, container } = from;
  const view = viewOfAsker(snapshot, { namespace, ...(container === undefined ? {} : { container }) });
  return view.files.state === 'known'
    ? {
        namespace,
        container: view.container?.name ?? null,
        engine: view.engine,
        files: view.files.value,
      }
    : null;
}
