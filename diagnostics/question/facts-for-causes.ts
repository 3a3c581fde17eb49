import type { Flow } from '../model/flow.ts';
import type { FactName } from '../model/namespace.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { findHost } from '../model/snapshot.ts';

/** Who is on which segment, who has which address, who knows which way. */
const EVERYWHERE: readonly FactName[] = ['links', 'routes'];

/** Up to so many, everybody's sockets are read. */
const FEW_NAMESPACES = 40;

/** What causes look at beside the facts that the walk itself asked for; cheap to read for all namespaces together. */
export function factsForCauses(snapshot: Snapshot, { from, to, port }: Flow): readonly MissingFact[] {
  const all = snapshot.namespaces.flatMap(({ id }) => EVERYWHERE.map((fact) => ({ namespace: id, fact })));
  if (port === null) return all;
  // A refused port may be another container's.
  const host = to.type === 'namespace' ? to.host : from.type === 'namespace' ? from.host : '';
  // The service that a wrong rule leads away from may be anybody's.
  const few = snapshot.namespaces.length <= FEW_NAMESPACES;
  const root = findHost(snapshot, host)?.rootNamespace;
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
