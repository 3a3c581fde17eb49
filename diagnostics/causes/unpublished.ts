import type { PublishedPort } from '../model/container.ts';
import { ownContainers } from '../model/engines.ts';
import { findHost, findNamespace } from '../model/snapshot.ts';
import type { PlacedContainer } from './containers.ts';
import { refusalAt } from './listeners.ts';
import type { WaySituation } from './situation.ts';

/** A running container, and a port of the host's that its engine should have published for it and did not. */
export interface Unpublished extends PlacedContainer {
  readonly port: PublishedPort;
}

/** Whose port it would be that was refused at an engine's host; null where nobody's is. */
export function unpublishedAt(situation: WaySituation): Unpublished | null {
  const refusal = refusalAt(situation);
  if (!refusal) return null;
  const host = findHost(situation.snapshot, findNamespace(situation.snapshot, refusal.namespace)?.host ?? '');
  if (host?.rootNamespace !== refusal.namespace) return null;
  for (const own of ownContainers(host)) {
    const port = own.container.unpublishedPorts?.find(
      ({ hostPort, protocol }) => hostPort === refusal.port && protocol === refusal.protocol,
    );
    if (port) return { host: host.id, ...own, port };
  }
  return null;
}
