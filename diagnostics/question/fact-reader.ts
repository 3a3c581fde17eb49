import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { FactSource } from '../source.ts';

/** A walk through a long chain of routers asks once per router or two; more means that a fact never becomes known. */
const MOST_ROUNDS = 60;

/** A snapshot that grows as questions about it ask for more. */
export interface FactReader {
  readonly snapshot: Snapshot;
  /** Milliseconds spent in discovering and reading. */
  readonly collecting: number;
  /** Milliseconds spent in `compute`. */
  readonly computing: number;
  /** Reads these facts, as far as nobody has. */
  read(facts: readonly MissingFact[]): Promise<void>;
  /** Computes, reads what that missed, and computes again until nothing is missing. */
  complete<T extends { readonly missing: readonly MissingFact[] }>(
    compute: (snapshot: Snapshot) => T,
  ): Promise<T>;
}

/** Discovers namespaces and names; throws the signal's reason when aborted, then and at each later reading. */
export async function openFacts(source: FactSource, signal?: AbortSignal): Promise<FactReader> {
  let collecting = 0;
  let computing = 0;
  const timed = async (work: () => Promise<Snapshot>): Promise<Snapshot> => {
    signal?.throwIfAborted();
    const begin = performance.now();
    const result = await work();
    collecting += performance.now() - begin;
    signal?.throwIfAborted();
    return result;
  };
  let snapshot = await timed(() => source.discover(signal));

  const read = async (facts: readonly MissingFact[]): Promise<boolean> => {
    const wanted = facts.filter(({ namespace, fact }) =>
      snapshot.namespaces.some((it) => it.id === namespace && it.facts[fact].state === 'unread'),
    );
    if (wanted.length === 0) return false;
    snapshot = await timed(() => source.read(snapshot, wanted, signal));
    return true;
  };

  return {
    get snapshot() {
      return snapshot;
    },
    get collecting() {
      return collecting;
    },
    get computing() {
      return computing;
    },
    async read(facts) {
      await read(facts);
    },
    async complete(compute) {
      for (let round = 0; ; round++) {
        const begin = performance.now();
        const result = compute(snapshot);
        computing += performance.now() - begin;
        if (result.missing.length === 0 || round >= MOST_ROUNDS || !(await read(result.missing)))
          return result;
      }
    },
  };
}
