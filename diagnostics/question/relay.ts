import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import { sameAddress } from '../model/ip.ts';
import { engineOf } from '../causes/situation.ts';
import type { FlowStart } from '../simulate/start.ts';
import type { RoundTrip } from '../simulate/walk.ts';

/** A program that takes a connection only to open another one: accepting is not reaching. */
export interface Relay {
  readonly program: string;
  /** The second connection. */
  readonly start: FlowStart;
}

const PROXY = 'docker-proxy';

/** The relay that a walk ended at: Docker's userland proxy, whose other side the engine's published ports tell. */
export function relayOf(snapshot: Snapshot, { forward }: RoundTrip): Relay | null {
  const hop = forward.hops.at(-1);
  const step = hop?.steps.at(-1);
  if (!hop || step?.kind !== 'deliver' || !step.accepted || step.socket?.process?.name !== PROXY) return null;
  const { protocol, port, address } = step.socket;
  const namespace = findNamespace(snapshot, hop.namespace);
  for (const container of namespace ? (engineOf(snapshot, namespace.id)?.containers ?? []) : []) {
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
    if (published && destination !== undefined)
      return {
        program: PROXY,
        start: {
          from: 'namespace',
          namespace: hop.namespace,
          destination,
          protocol,
          port: published.containerPort,
        },
      };
  }
  return null;
}
