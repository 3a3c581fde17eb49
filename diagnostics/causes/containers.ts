import type { Container, Engine } from '../model/container.ts';
import { enginesOn, hasNames, type OwnContainer } from '../model/engines.ts';
import type { HostId } from '../model/ids.ts';
import { sameAddress } from '../model/ip.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** The engines of a snapshot, each with the host it runs on. */
export const enginesOf = (
  snapshot: Snapshot,
): readonly { readonly host: HostId; readonly engine: Engine }[] =>
  snapshot.hosts.flatMap((host) => enginesOn(host).map((engine) => ({ host: host.id, engine })));

export interface PlacedContainer extends OwnContainer {
  readonly host: HostId;
}

/** The container that has this address on one of its networks. */
export function containerWith(snapshot: Snapshot, address: string): PlacedContainer | null {
  for (const { host, engine } of enginesOf(snapshot)) {
    const container = engine.containers.find(({ networks }) =>
      networks.some((network) =>
        [network.address, network.address6].some((own) => own !== undefined && sameAddress(own, address)),
      ),
    );
    if (container) return { host, engine, container };
  }
  return null;
}

export const networkNames = (container: Container): readonly string[] =>
  container.networks.map(({ network }) => network);

/** The networks on which a container is known by a name: an alias belongs to one of them, its own name to all. */
export function networksOfName(
  engine: Engine,
  { name, networks }: Container,
  asked: string,
): readonly string[] {
  const wanted = asked.replace(/\.$/, '').toLowerCase();
  return networks
    .filter(
      ({ network, aliases }) =>
        engine.networks.some((it) => it.name === network && hasNames(engine, it)) &&
        [name, ...aliases].some((known) => known.toLowerCase() === wanted),
    )
    .map(({ network }) => network);
}
