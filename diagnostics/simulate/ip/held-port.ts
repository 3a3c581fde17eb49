import { containersOn } from '../../model/engines.ts';
import { sameAddress } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { findHost, findNamespace, type Snapshot } from '../../model/snapshot.ts';
import type { ListeningSocket } from '../../model/socket.ts';
import type { Trace } from '../../model/trace.ts';

/** Docker's engine; what looks after a container of podman's. */
const KEEPERS: ReadonlySet<string> = new Set(['dockerd', 'conmon']);
const EVERYWHERE: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/**
 * An engine without its userland proxy, and podman of root, keep a socket on each port that they publish, so that nobody else takes
 * the port. The kernel accepts connections for it; nobody ever fetches them.
 */
export function isHeldPort(snapshot: Snapshot, namespace: NamespaceId, socket: ListeningSocket): boolean {
  if (!KEEPERS.has(socket.process?.name ?? '')) return false;
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  if (host?.rootNamespace !== namespace) return false;
  return containersOn(host).some(({ publishedPorts }) =>
    publishedPorts.some(
      ({ protocol, hostPort, hostAddress }) =>
        protocol === socket.protocol &&
        hostPort === socket.port &&
        (EVERYWHERE.has(hostAddress) ||
          EVERYWHERE.has(socket.address) ||
          sameAddress(hostAddress, socket.address)),
    ),
  );
}

/** Whether a way ended at such a socket: taken by the kernel, and by nobody else. */
export function endsAtHeldPort({ hops }: Trace): boolean {
  const step = hops.at(-1)?.steps.at(-1);
  return step?.kind === 'deliver' && step.held === true;
}
