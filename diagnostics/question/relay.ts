import { ownContainers } from '../model/engines.ts';
import { sameAddress } from '../model/ip.ts';
import type { NamespaceId } from '../model/ids.ts';
import { findHost, findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { ListeningSocket, RelayTarget } from '../model/socket.ts';
import { predict } from '../simulate/answer/predict.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';

/** A program that takes a connection only to open another one: accepting is not reaching. */
export interface Relay {
  readonly program: string;
  /** What took the first connection, and where. */
  readonly socket: ListeningSocket;
  readonly namespace: NamespaceId;
  /** The second connection. */
  readonly start: Extract<FlowStart, { from: 'namespace' }>;
}

/** A relay, and the way of its own connection. */
export interface RelayTrip {
  readonly relay: Relay;
  readonly trip: RoundTrip;
}

const PROXY = 'docker-proxy';
/** Of a rootless podman: it takes connections on the host, and opens its own from within the container's network. */
const ROOTLESS = 'rootlessport';
/** Of a rootless Docker: its own connections begin in the engine's network (pkg/port/builtin of rootlesskit). */
const ROOTLESSKIT = 'rootlesskit';
const LOOPBACK = '127.0.0.1';
/** What slirp4netns gives everybody. */
const ROOTLESS_ADDRESS = '10.0.2.100';

interface PublishedTarget extends RelayTarget {
  /** From where it asks, where that is not the relay's own place. */
  readonly from?: NamespaceId;
}
/** Relays behind relays; more are a circle. */
export const MOST_RELAYS = 4;

/** The relay that a walk ended at: one that says where it leads, or Docker's userland proxy, of which the engine's published ports tell. */
export function relayOf(snapshot: Snapshot, { forward }: RoundTrip): Relay | null {
  const hop = forward.hops.at(-1);
  const step = hop?.steps.at(-1);
  if (!hop || step?.kind !== 'deliver' || !step.accepted || !step.socket) return null;
  const { socket } = step;
  const { namespace } = hop;
  const target: PublishedTarget | null = socket.relaysTo ?? publishedTarget(snapshot, namespace, socket);
  if (!target) return null;
  return {
    program: socket.process?.name ?? PROXY,
    socket,
    namespace,
    start: {
      from: 'namespace',
      namespace: target.from ?? namespace,
      destination: target.address,
      protocol: socket.protocol,
      port: target.port,
    },
  };
}

/** The relays behind a way, one behind the other, as far as each is reached. */
export function relaysBehind(snapshot: Snapshot, trip: RoundTrip): readonly RelayTrip[] {
  const found: RelayTrip[] = [];
  for (let before = trip; found.length < MOST_RELAYS;) {
    const relay = relayOf(snapshot, before);
    if (!relay) break;
    before = walkFlow(snapshot, relay.start);
    found.push({ relay, trip: before });
    if (predict(before).outcome !== 'reply') break;
  }
  return found;
}

/** Where an engine sends what its proxy takes: for who may not see the proxy's own arguments. */
function publishedTarget(
  snapshot: Snapshot,
  namespace: NamespaceId,
  { protocol, port, address, process }: ListeningSocket,
): PublishedTarget | null {
  const rootless = process?.name === ROOTLESS;
  const rootlesskit = process?.name === ROOTLESSKIT;
  if (process?.name !== PROXY && !rootless && !rootlesskit) return null;
  for (const { engine, container } of ownContainers(
    findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? ''),
  )) {
    const published = container.publishedPorts.find(
      (it) =>
        it.protocol === protocol &&
        it.hostPort === port &&
        (it.hostAddress === '' ||
          sameAddress(it.hostAddress, address) ||
          address === '0.0.0.0' ||
          address === '::'),
    );
    const destination = container.networks.find((network) => network.address !== undefined)?.address;
    if (published && rootlesskit && engine.namespace !== undefined)
      return { from: engine.namespace, address: LOOPBACK, port };
    if (published && rootless && container.namespace !== null)
      return {
        from: container.namespace,
        address: destination ?? ROOTLESS_ADDRESS,
        port: published.containerPort,
      };
    if (published && !rootlesskit && destination !== undefined)
      return { address: destination, port: published.containerPort };
  }
  return null;
}
