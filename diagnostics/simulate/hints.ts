import { sameAddress } from '../model/ip.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Namespaces of containers that an engine gave this address to: where to look first, and no more than that. */
export function hintedNamespaces(snapshot: Snapshot, address: string): ReadonlySet<NamespaceId> {
  const found = new Set<NamespaceId>();
  for (const { engine } of snapshot.hosts) {
    if (engine.state !== 'known') continue;
    for (const container of engine.value.containers) {
      if (container.namespace === null) continue;
      const has = container.networks.some((network) =>
        [network.address, network.address6].some((own) => own !== undefined && sameAddress(own, address)),
      );
      if (has) found.add(container.namespace);
    }
  }
  return found;
}
