import { valueOr } from '../model/fact.ts';
import { isNamed, nameText, namespaceLabel } from '../model/namespace.ts';
import type { MatrixEnd } from '../model/reach-matrix.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { addressedBy } from './destinations.ts';

/**
 * Who is asked: each host, each namespace and container that has a name, and nameless namespaces that have an address. Programs
 * that only shut themselves in (no name, no wire) are left out. A container that shares a namespace is that namespace.
 */
export function matrixEnds(snapshot: Snapshot): readonly MatrixEnd[] {
  const several = snapshot.hosts.length > 1;
  return snapshot.namespaces.flatMap((namespace): MatrixEnd[] => {
    const links = valueOr(namespace.facts.links, []);
    const addresses = ([4, 6] as const).flatMap((family) =>
      addressedBy(links, family).map(({ address }) => address),
    );
    const root = snapshot.hosts.some(({ rootNamespace }) => rootNamespace === namespace.id);
    if (!root && !isNamed(namespace) && addresses.length === 0) return [];
    const [first] = namespace.names;
    const label = root ? 'host' : first ? nameText(first) : namespaceLabel(namespace);
    const name = several ? `${namespace.host}/${label}` : label;
    return [{ name, namespace: namespace.id, host: namespace.host, addresses }];
  });
}
