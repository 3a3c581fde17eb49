import type { Container, Engine } from '../model/container.ts';
import type { HostId } from '../model/ids.ts';
import { findNamespace } from '../model/snapshot.ts';
import { engineOn } from './containers.ts';
import type { NameSituation } from './situation.ts';

/** The asking container and those that the name may mean; null where no container asks. */
export interface Asking {
  readonly host: HostId;
  readonly engine: Engine;
  readonly asker: Container;
  readonly meant: readonly Container[];
}

export function askingContainer({ snapshot, namespace, name, flow }: NameSituation): Asking | null {
  const host = findNamespace(snapshot, namespace)?.host;
  const engine = host === undefined ? null : engineOn(snapshot, host);
  if (host === undefined || !engine) return null;
  const chosen = flow.from.type === 'namespace' ? flow.from.container : undefined;
  const asker =
    engine.containers.find((it) => it.namespace === namespace && it.name === chosen) ??
    engine.containers.find((it) => it.namespace === namespace);
  if (!asker) return null;
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
