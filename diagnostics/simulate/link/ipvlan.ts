import type { NamespaceId } from '../../model/ids.ts';
import { sameAddress } from '../../model/ip.ts';
import type { LinkKind } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import type { Fault } from './station.ts';
import { uppersOf, type PlacedLink } from './wires.ts';

type Ipvlan = Extract<LinkKind, { type: 'ipvlan' }>;

/** An ipvlan interface, and where it is. */
export interface IpvlanChild extends PlacedLink {
  readonly kind: Ipvlan;
}

/** All ipvlan interfaces on a lower device: they share its hardware address, and one mode. */
export const ipvlansOf = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  lower: number,
): readonly IpvlanChild[] =>
  uppersOf(snapshot, namespace, lower).flatMap(({ namespace: place, link }) =>
    link.kind.type === 'ipvlan' ? [{ namespace: place, link, kind: link.kind }] : [],
  );

/** ipvlan_addr_lookup() of drivers/net/ipvlan: who has an address; those that are down have none (ipvlan_stop()). */
export const ipvlanWith = (children: readonly IpvlanChild[], address: string): IpvlanChild | null =>
  children.find(({ link }) => link.up && link.addresses.some((own) => sameAddress(own.address, address))) ??
  null;

type ApartStep = Extract<Step, { kind: 'macvlan' }>;

export const ipvlanStep = (
  lower: string,
  { link, kind }: Pick<IpvlanChild, 'link' | 'kind'>,
  problem: ApartStep['problem'],
): ApartStep => ({
  kind: 'macvlan',
  driver: 'ipvlan',
  lower,
  dev: link.name,
  mode: kind.flag ?? 'bridge',
  problem,
});

/** Two that stand on one wire and never meet there. */
export const keptApart = (
  lower: PlacedLink,
  child: Pick<IpvlanChild, 'link' | 'kind'>,
  problem: ApartStep['problem'],
): Fault => ({
  namespace: lower.namespace,
  inDev: null,
  step: ipvlanStep(lower.link.name, child, problem),
  disposition: 'neighbour-unresolved',
});
