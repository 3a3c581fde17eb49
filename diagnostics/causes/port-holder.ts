import type { Container, PublishedPort } from '../model/container.ts';
import { ownContainers } from '../model/engines.ts';
import type { ListeningSocket } from '../model/socket.ts';
import { findHost, type Snapshot } from '../model/snapshot.ts';
import { overlap } from './published-address.ts';
import { factsIn } from './situation.ts';
import type { StoppedContainer } from './stopped-container.ts';

/** Who has the port of the host that a container needs to start. */
export interface PortHolder {
  readonly port: PublishedPort;
  /** The container that publishes it; null: no container does. */
  readonly container: Container | null;
  /** The socket of the host that listens there; null: none does. */
  readonly socket: ListeningSocket | null;
}

/**
 * Who has a port now that the engine said was taken (bind(2): EADDRINUSE; portallocator of libnetwork: “already allocated”).
 * `nobody`: it is free by now. Null: the engine said no such thing, or who listens on the host is not known.
 */
export function portHolder(
  snapshot: Snapshot,
  { host: id, container }: StoppedContainer,
): PortHolder | 'nobody' | null {
  const error = container.ended?.error ?? '';
  if (!isTaken(error)) return null;
  const host = findHost(snapshot, id);
  const wanted = container.publishedPorts.filter(({ hostPort }) =>
    new RegExp(`:${hostPort}(?!\\d)`).test(error),
  );
  for (const port of wanted) {
    const other = ownContainers(host).find(
      ({ container: it }) =>
        it.pid > 0 &&
        it.publishedPorts.some(
          (own) =>
            own.protocol === port.protocol &&
            own.hostPort === port.hostPort &&
            overlap(own.hostAddress, port.hostAddress),
        ),
    );
    if (other) return { port, container: other.container, socket: null };
  }
  const sockets = factsIn(snapshot, host?.rootNamespace ?? '')?.sockets;
  if (sockets?.state !== 'known') return null;
  for (const port of wanted) {
    const socket = sockets.value.find(
      (it) =>
        it.protocol === port.protocol && it.port === port.hostPort && overlap(it.address, port.hostAddress),
    );
    if (socket) return { port, container: null, socket };
  }
  return wanted.length === 0 ? null : 'nobody';
}

/** In the engine's words: somebody else had the port of the host. */
export const isTaken = (error: string): boolean =>
  /address already in use|port is already allocated/.test(error);
