import { FACT_NAMES } from '../model/namespace.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { FactSource } from '../source.ts';

/** All facts of all namespaces: what `hoplab snapshot` writes. They hold no environment variables and no process arguments. */
export async function takeSnapshot(source: FactSource, signal?: AbortSignal): Promise<Snapshot> {
  const found = await source.discover(signal);
  const everything = found.namespaces.flatMap(({ id }) =>
    FACT_NAMES.map((fact) => ({ namespace: id, fact })),
  );
  return source.read(found, everything, signal);
}
