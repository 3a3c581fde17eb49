import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { sameAddress } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import { isLinkLocal } from '../simulate/route/source-selection.ts';

/** The interfaces that a link-local address may be behind, as it was said without one (RFC 4007). */
export interface Scopes {
  /** Where somebody has it, or, where nobody is seen to, the only one there is. */
  readonly scopes: readonly string[];
  /** All that speak IPv6. */
  readonly others: readonly string[];
  readonly missing: readonly MissingFact[];
}

export function scopesOf(snapshot: Snapshot, namespace: NamespaceId, address: string): Scopes {
  const links = findNamespace(snapshot, namespace)?.facts.links;
  if (links?.state === 'unread') return { scopes: [], others: [], missing: [{ namespace, fact: 'links' }] };
  const able = valueOr(links ?? { state: 'absent' }, []).filter(
    ({ kind, addresses }) => kind.type !== 'loopback' && addresses.some((own) => isLinkLocal(own.address)),
  );
  const others = able.map(({ name }) => name);
  const own = able.filter((link) => has(link, address));
  if (own.length > 0) return { scopes: own.map(({ name }) => name), others, missing: [] };
  if (able.length < 2) return { scopes: others, others, missing: [] };
  const segments = able.map((link) => ({ link, segment: segmentOf(snapshot, namespace, link) }));
  const missing = segments.flatMap(({ segment }) => segment.missing);
  if (missing.length > 0) return { scopes: [], others, missing };
  const there = segments.filter(({ segment }) => segment.stations.some(({ link }) => has(link, address)));
  return { scopes: there.map(({ link }) => link.name), others, missing: [] };
}

const has = ({ addresses }: Link, address: string): boolean =>
  addresses.some((own) => sameAddress(own.address, address));
