import type { FixStep } from '../model/diagnosis.ts';
import type { Localised } from '../model/language.ts';
import type { NamespaceId } from '../model/ids.ts';
import { engineRunning } from '../model/engines.ts';
import { namespaceLabel } from '../model/namespace.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';

/** How an action is said. */
export interface ActionText {
  /** What to do, as an order: “Bring up eth0 in netns:red”. */
  readonly title: string;
  /** How to make it last over a reboot; null where it does by itself, or where nothing is run. */
  readonly permanent: string | null;
  /** What else it changes, a sentence each. */
  readonly sideEffects: readonly string[];
  /** What it opens to others, as far as that can be told without a look: said where their flows were not walked. */
  readonly opens?: readonly string[];
}

/** One kind of action, as commands and on paper; all pure. `snapshot` holds the facts before the action. */
export interface ActionKind<A> {
  /** Empty where only a person can do it (start a service, ask another question). */
  readonly steps: (action: A, snapshot: Snapshot) => readonly FixStep[];
  /** Takes back what `steps` did, in the order in which it has to run. */
  readonly undo: (action: A, snapshot: Snapshot) => readonly FixStep[];
  readonly change: (action: A, snapshot: Snapshot) => Snapshot;
  readonly text: Localised<(action: A, where: string) => ActionText>;
}

/** How a namespace is called in a sentence. */
export const labelOf = (snapshot: Snapshot, id: NamespaceId): string => {
  const namespace = findNamespace(snapshot, id);
  return namespace ? namespaceLabel(namespace) : id;
};

/** A command in a namespace. */
export function exec(snapshot: Snapshot, id: NamespaceId, argv: readonly string[]): FixStep {
  const client = engineRunning(snapshot, id)?.client;
  return {
    kind: 'exec',
    host: findNamespace(snapshot, id)?.host ?? 'machine',
    namespace: labelOf(snapshot, id),
    ...(client === undefined ? {} : { client }),
    argv,
  };
}
