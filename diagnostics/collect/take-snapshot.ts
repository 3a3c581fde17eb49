import { FACT_NAMES, type FactName, type Namespace } from '../model/namespace.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { FactSource } from '../source.ts';

/** All facts of all namespaces: what `hoplab snapshot` writes. They hold no environment variables and no process arguments. */
export async function takeSnapshot(source: FactSource, signal?: AbortSignal): Promise<Snapshot> {
  const found = await source.discover(signal);
  const ask = (facts: readonly FactName[]): readonly MissingFact[] =>
    found.namespaces.flatMap(({ id }) => facts.map((fact) => ({ namespace: id, fact })));
  const read = await source.read(found, ask(FACT_NAMES.filter((fact) => fact !== 'offloads')), signal);
  // A process more for each namespace, and of use only where a program passes packets on.
  return read.namespaces.some(hasUserspaceSwitch) ? source.read(read, ask(['offloads']), signal) : read;
}

const hasUserspaceSwitch = ({ facts: { links } }: Namespace): boolean =>
  links.state === 'known' &&
  links.value.some(({ kind }) => kind.type === 'bridge' && kind.openvswitch?.userspace === true);
