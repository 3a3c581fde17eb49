import type { ContainerNetwork } from '../model/container.ts';
import { containersOn, isBehindProgram } from '../model/engines.ts';
import { isOf } from '../causes/situation.ts';
import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import { findHost, findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import { segmentOf } from '../simulate/link/segment.ts';

/** Addresses that stand for a namespace. */
export interface Destinations {
  readonly addresses: readonly string[];
  /** Why there are none, where that is because its interfaces may not be read. */
  readonly denied: string | null;
  readonly missing: readonly MissingFact[];
}

/**
 * The addresses by which FROM would ask for a namespace: those on a network that both are on, where there are any; else all.
 * Those on its loopback count where its wires have none; down interfaces count too, for that is what a user wants to hear about.
 * @param family of the addresses; left out: IPv4 where there is any, but for a FROM that has none and speaks IPv6 as TO does; else
 * IPv6
 */
export function destinationsOf(
  snapshot: Snapshot,
  from: NamespaceId | null,
  to: NamespaceId,
  family?: 4 | 6,
): Destinations {
  const links = findNamespace(snapshot, to)?.facts.links;
  const own = from === null ? undefined : findNamespace(snapshot, from)?.facts.links;
  const missing = [to, ...(from === null ? [] : [from])]
    .filter((id) => findNamespace(snapshot, id)?.facts.links.state === 'unread')
    .map((namespace): MissingFact => ({ namespace, fact: 'links' }));
  if (missing.length > 0 || !links) return { addresses: [], denied: null, missing };
  if (links.state === 'denied')
    return { addresses: engineAddresses(snapshot, to, family), denied: links.reason, missing: [] };

  // The address behind a program is for that program alone: many containers have the same one.
  const shut = from !== to && hasProgramsNetwork(snapshot, to);
  const outward = shut ? [] : valueOr(links, []);
  const all = addressedBy(outward, family ?? commonFamily(outward, own ? valueOr(own, []) : null));
  if (from === to || !own || all.length < 2)
    return {
      addresses:
        from === to && all.length === 0 ? [LOOPBACK[family ?? 4]] : all.map(({ address }) => address),
      denied: null,
      missing: [],
    };

  const named = onCommonNetwork(snapshot, from ?? to, to);
  const meant = all.filter(({ address }) => named.has(address));
  if (meant.length > 0) return { addresses: meant.map(({ address }) => address), denied: null, missing: [] };

  const segments = valueOr(own, [])
    .filter(({ kind }) => kind.type !== 'loopback')
    .map((link) => segmentOf(snapshot, from ?? to, link));
  const unseen = segments.flatMap((segment) => segment.missing);
  if (unseen.length > 0) return { addresses: [], denied: null, missing: unseen };
  const shared = all.filter(({ link }) =>
    segments.some(({ stations }) =>
      stations.some((it) => it.namespace === to && it.link.index === link.index),
    ),
  );
  return {
    addresses: (shared.length > 0 ? shared : all).map(({ address }) => address),
    denied: null,
    missing: [],
  };
}

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

/** By what others ask for whom these interfaces are of, each with the one that it is on. */
export function addressedBy(
  links: readonly Link[],
  family: 4 | 6,
): readonly { readonly link: Link; readonly address: string }[] {
  const those = links.flatMap((link) =>
    link.addresses.filter(isOf(family)).map(({ address, scope }) => ({ link, address, scope })),
  );
  const onWires = those.filter(({ link }) => link.kind.type !== 'loopback');
  return onWires.length > 0 ? onWires : those.filter(({ scope }) => scope !== 'host');
}

/** What TO is asked by, whose interfaces these are; and those of FROM, where they are known. */
function commonFamily(outward: readonly Link[], own: readonly Link[] | null): 4 | 6 {
  const has = (links: readonly Link[], family: 4 | 6): boolean => addressedBy(links, family).length > 0;
  if (!has(outward, 4)) return 6;
  return own !== null && !has(own, 4) && has(own, 6) && has(outward, 6) ? 6 : 4;
}

/** Whether a container there has no network but that of a program. */
export const hasProgramsNetwork = (snapshot: Snapshot, id: NamespaceId): boolean =>
  containersOn(findHost(snapshot, findNamespace(snapshot, id)?.host ?? '')).some(
    (container) => container.namespace === id && isBehindProgram(container),
  );

/** By which addresses an engine would name TO to FROM: on networks that both are on, which may reach over several machines. */
function onCommonNetwork(snapshot: Snapshot, from: NamespaceId, to: NamespaceId): ReadonlySet<string> {
  const networksIn = (id: NamespaceId): readonly ContainerNetwork[] =>
    snapshot.hosts
      .flatMap(containersOn)
      .flatMap(({ namespace, networks }) => (namespace === id ? networks : []));
  const own = new Set(networksIn(from).map(({ networkId }) => networkId));
  return new Set(
    networksIn(to)
      .filter(({ networkId }) => own.has(networkId))
      .flatMap(({ address, address6 }) => [address ?? [], address6 ?? []].flat()),
  );
}

/** What the engine says where the kernel may not be asked: whoever can, asks these. */
const engineAddresses = (
  snapshot: Snapshot,
  id: NamespaceId,
  family: 4 | 6 | undefined,
): readonly string[] => {
  const host = findHost(snapshot, findNamespace(snapshot, id)?.host ?? '');
  const own = containersOn(host)
    .filter(({ namespace }) => namespace === id)
    .flatMap(({ networks }) => networks);
  const four = own.flatMap(({ address }) => address ?? []);
  const six = own.flatMap(({ address6 }) => address6 ?? []);
  return family === 4 || (family === undefined && four.length > 0) ? four : six;
};
