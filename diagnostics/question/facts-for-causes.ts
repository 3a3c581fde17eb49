import type { Flow } from '../model/flow.ts';
import type { FactName } from '../model/namespace.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { findHost } from '../model/snapshot.ts';

/** Who is on which segment, who has which address, who knows which way. */
const EVERYWHERE: readonly FactName[] = ['links', 'routes'];

/** Up to so many, everybody's sockets are read, and settings: who forwards, who may answer for others. */
const FEW_NAMESPACES = 40;

/** What causes look at beside the facts that the walk itself asked for; cheap to read for all namespaces together. */
export function factsForCauses(snapshot: Snapshot, { from, to, port }: Flow): readonly MissingFact[] {
  const all: MissingFact[] = snapshot.namespaces.flatMap(({ id }) =>
    EVERYWHERE.map((fact) => ({ namespace: id, fact })),
  );
  const host = to.type === 'namespace' ? to.host : from.type === 'namespace' ? from.host : '';
  const few = snapshot.namespaces.length <= FEW_NAMESPACES;
  for (const { id } of snapshot.namespaces)
    // Of an end without an address: what may have taken it.
    if (few || (to.type === 'namespace' && id === to.namespace)) all.push({ namespace: id, fact: 'sysctls' });
  const root = findHost(snapshot, host)?.rootNamespace;
  // Whom the host itself asks for names, where others cannot.
  if (to.type === 'name' && root !== undefined) all.push({ namespace: root, fact: 'resolver' });
  if (port === null) return all;
  // A refused port may be another container's, and the service that a wrong rule leads away from anybody's.
  const sockets = snapshot.namespaces
    .filter(
      ({ id, names, host: own }) =>
        few ||
        id === root ||
        (to.type === 'namespace' && id === to.namespace) ||
        (own === host && names.some(({ type }) => type === 'container')),
    )
    .map(({ id }): MissingFact => ({ namespace: id, fact: 'sockets' }));
  return [...all, ...sockets];
}
