import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import { isOf, linksIn, loopbackAddresses, type EndSituation } from './situation.ts';

/** An end of a question that has no address by which it could be asked for. */
export interface Addressless {
  readonly namespace: NamespaceId;
  /** Interfaces that an address could be on. */
  readonly links: readonly Link[];
  /** What its neighbours have: IPv6 only where none of them has an IPv4 address. */
  readonly family: 4 | 6;
}

/** Null where the end has an address, or is no namespace. */
export function addressless({ snapshot, flow, side }: EndSituation): Addressless | null {
  const end = flow[side];
  if (end.type !== 'namespace') return null;
  const { namespace } = end;
  const links = linksIn(snapshot, namespace).filter(
    ({ kind, master }) => kind.type !== 'loopback' && master === undefined,
  );
  const all = linksIn(snapshot, namespace);
  if ([...loopbackAddresses(all, 4), ...loopbackAddresses(all, 6)].length > 0) return null;
  if (links.some(({ addresses }) => addresses.some((own) => isOf(4)(own) || isOf(6)(own)))) return null;
  const near = links
    .flatMap((link) => segmentOf(snapshot, namespace, link).stations)
    .flatMap(({ link }) => link.addresses);
  return { namespace, links, family: !near.some(isOf(4)) && near.some(isOf(6)) ? 6 : 4 };
}
