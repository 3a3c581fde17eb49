import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NamespaceId } from '../../../diagnostics/model/ids.ts';
import type { FactName, NamespaceFacts } from '../../../diagnostics/model/namespace.ts';
import {
  findNamespace,
  withFacts,
  type MissingFact,
  type Snapshot,
} from '../../../diagnostics/model/snapshot.ts';
import type { FactSource } from '../../../diagnostics/source.ts';

/** Facts as of one moment: each is read once, for however many questions. Probes ask the kernel every time. */
export function rememberingSource(source: FactSource): FactSource {
  let discovered: Promise<Snapshot> | null = null;
  const reads = new Map<string, Promise<Snapshot>>();
  const key = ({ namespace, fact }: MissingFact): string => `${namespace} ${fact}`;
  let gathering: MissingFact[] = [];
  let gathered: Promise<Snapshot> | null = null;
  /** What several questions ask for at one time is read together; so none of them may stop it. */
  const gather = (facts: readonly MissingFact[]): Promise<Snapshot> => {
    gathering.push(...facts);
    gathered ??= discover().then(async (base) => {
      await nextTurn();
      const wanted = gathering;
      gathering = [];
      gathered = null;
      return source.read(base, wanted);
    });
    return gathered;
  };
  const discover = (): Promise<Snapshot> => (discovered ??= source.discover());
  return {
    ...source,
    discover,
    async read(snapshot, missing) {
      const fresh = missing.filter((fact) => !reads.has(key(fact)));
      if (fresh.length > 0) {
        const read = gather(fresh);
        for (const fact of fresh) reads.set(key(fact), read);
      }
      let result = snapshot;
      for (const wanted of missing) {
        const read = await reads.get(key(wanted));
        if (!read) continue;
        const facts = findNamespace(read, wanted.namespace)?.facts;
        if (facts) result = withOne(result, wanted.namespace, wanted.fact, facts);
        // Containers have resolver files of their own, which are read with those of their namespace.
        if (wanted.fact === 'resolver') result = { ...result, hosts: read.hosts };
      }
      return result;
    },
  };
}

const withOne = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  fact: FactName,
  facts: NamespaceFacts,
): Snapshot => withFacts(snapshot, namespace, (before) => ({ ...before, [fact]: facts[fact] }));
