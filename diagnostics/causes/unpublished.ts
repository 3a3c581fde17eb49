import type { PublishedPort } from '../model/container.ts';
import { ownContainers } from '../model/engines.ts';
import { hasPorts } from '../model/packet.ts';
import { takesAddress } from '../model/published-port.ts';
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

/**
 * Whose port it is that Docker's engine keeps at its host without passing anything on. A container keeps its ports when it leaves the
 * network by which they were published, and is on internal ones alone from then on.
 */
export function keptAt({ snapshot, namespace, step, packet, direction }: WaySituation): Unpublished | null {
  if (direction !== 'forward' || step.kind !== 'deliver' || step.held !== true || !hasPorts(packet))
    return null;
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  if (host?.rootNamespace !== namespace) return null;
  for (const own of ownContainers(host)) {
    if (own.engine.kind !== 'docker') continue;
    const port = own.container.publishedPorts.find(
      (it) =>
        it.hostPort === packet.destinationPort &&
        it.protocol === packet.protocol &&
        takesAddress(own, it, packet.destination),
    );
    if (port) return { host: host.id, ...own, port };
  }
  return null;
}
