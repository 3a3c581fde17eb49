import { ownContainers } from '../model/engines.ts';
import { takesAddress } from '../model/published-port.ts';
import { findHost, findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { Way } from './judge-way.ts';
import type { Note } from './notes.ts';

/** Programs by which an engine takes what comes to a published port. */
const OF_ENGINES: ReadonlySet<string> = new Set([
  ...['dockerd', 'docker-proxy', 'conmon', 'rootlessport', 'rootlesskit', 'slirp4netns', 'pasta'],
  ...['netavark', 'aardvark-dns', 'podman', 'crun', 'runc'],
]);

/** A port that is published for a container is answered by somebody else, who had it before: an answer says nothing about the container. */
export function portTakenNotes(snapshot: Snapshot, ways: readonly Way[]): readonly Note[] {
  for (const { start, trip } of ways) {
    const hop = trip.forward.hops.at(-1);
    const step = hop?.steps.at(-1);
    if (!hop || step?.kind !== 'deliver' || !step.accepted || step.held === true) continue;
    const { socket } = step;
    const program = socket?.process?.name;
    if (!socket || program === undefined || OF_ENGINES.has(program) || socket.relaysTo) continue;
    const host = findHost(snapshot, findNamespace(snapshot, hop.namespace)?.host ?? '');
    if (host?.rootNamespace !== hop.namespace) continue;
    const { destination } = start;
    const found = ownContainers(host).find(({ engine, container }) =>
      [...container.publishedPorts, ...(container.unpublishedPorts ?? [])].some(
        (port) =>
          port.hostPort === socket.port &&
          port.hostPort === start.port &&
          port.protocol === socket.protocol &&
          takesAddress({ engine, container }, port, destination),
      ),
    );
    // With the host's network a container's program is one of the host's.
    if (!found || found.container.namespace === hop.namespace) continue;
    const { name, state } = found.container;
    return [{ type: 'port-taken', port: socket.port, program, container: name, runs: state === 'running' }];
  }
  return [];
}
