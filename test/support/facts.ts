import type { Fact } from '../../diagnostics/model/fact.ts';
import { FACT_NAMES, nameText, type FactName, type Namespace } from '../../diagnostics/model/namespace.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import type { FactSource } from '../../diagnostics/source.ts';

/** The namespace of this name (`host`, `netns:red`, `container:web`, `pid:42`). */
export function namespaceNamed(snapshot: Snapshot, name: string, host?: string): Namespace {
  const found = snapshot.namespaces.find(
    (namespace) =>
      (host === undefined || namespace.host === host) &&
      namespace.names.some((one) => nameText(one) === name),
  );
  if (!found) throw new Error(`no namespace ${name}`);
  return found;
}

/** The value of a known fact; throws what was said instead. */
export function value<T>(fact: Fact<T>): T {
  if (fact.state === 'known') return fact.value;
  throw new Error(fact.state === 'denied' ? fact.reason : `the fact is ${fact.state}`);
}

/** Discovers, and reads these facts (default: all) of every namespace. */
export async function snapshotOf(
  source: FactSource,
  facts: readonly FactName[] = FACT_NAMES,
): Promise<Snapshot> {
  const found = await source.discover();
  return source.read(
    found,
    found.namespaces.flatMap(({ id }) => facts.map((fact) => ({ namespace: id, fact }))),
  );
}
