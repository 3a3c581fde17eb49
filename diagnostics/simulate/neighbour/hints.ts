import { containersOn } from '../../model/engines.ts';
import { sameAddress } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import { unreadFacts } from '../view.ts';

/** Namespaces of containers that an engine gave this address to: where to look first, and no more than that. */
export function hintedNamespaces(snapshot: Snapshot, address: string): ReadonlySet<NamespaceId> {
  const found = new Set<NamespaceId>();
  for (const host of snapshot.hosts) {
    for (const container of containersOn(host)) {
      if (container.namespace === null) continue;
      const has = container.networks.some((network) =>
        [network.address, network.address6].some((own) => own !== undefined && sameAddress(own, address)),
      );
      if (has) found.add(container.namespace);
    }
  }
  return found;
}

/** So few namespaces are asked for all that a way can depend on, to save round trips: it leads through one of them. */
const VERY_FEW = 3;

/** With more than that, most are ports of a large bridge. */
const MANY = 16;

/**
 * What to read now of all that is missing: where there are many namespaces, only the likely ones, and the others when that did
 * not help.
 */
export function readFirst(
  snapshot: Snapshot,
  missing: readonly MissingFact[],
  likely: ReadonlySet<NamespaceId>,
): readonly MissingFact[] {
  const namespaces = new Set(missing.map(({ namespace }) => namespace));
  if (namespaces.size <= VERY_FEW) return [...namespaces].flatMap((id) => unreadFacts(snapshot, id));
  if (namespaces.size <= MANY) return missing;
  const first = missing.filter(({ namespace }) => likely.has(namespace));
  return first.length > 0 ? first : missing;
}
