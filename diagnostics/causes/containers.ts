import type { Container, Engine, EngineNetwork } from '../model/container.ts';
import { valueOr } from '../model/fact.ts';
import type { HostId } from '../model/ids.ts';
import { sameAddress } from '../model/ip.ts';
import { findHost, type Snapshot } from '../model/snapshot.ts';

/** The engines of a snapshot, each with the host it runs on. */
export const enginesOf = (
  snapshot: Snapshot,
): readonly { readonly host: HostId; readonly engine: Engine }[] =>
  snapshot.hosts.flatMap((host) =>
    host.engine.state === 'known' ? [{ host: host.id, engine: host.engine.value }] : [],
  );

/** The container that has this address on one of its networks. */
export function containerWith(
  snapshot: Snapshot,
  address: string,
): { readonly host: HostId; readonly container: Container } | null {
  for (const { host, engine } of enginesOf(snapshot)) {
    const container = engine.containers.find(({ networks }) =>
      networks.some((network) =>
        [network.address, network.address6].some((own) => own !== undefined && sameAddress(own, address)),
      ),
    );
    if (container) return { host, container };
  }
  return null;
}

export const engineOn = (snapshot: Snapshot, host: HostId): Engine | null =>
  valueOr(findHost(snapshot, host)?.engine ?? { state: 'absent' }, null);

export const networkNames = (container: Container): readonly string[] =>
  container.networks.map(({ network }) => network);

export const isUserDefined = (network: EngineNetwork): boolean =>
  network.driver === 'bridge' && network.name !== 'bridge';
