import type { EndSituation, NameSituation, Naming, NameMeaning } from '../causes/situation.ts';
import type { NameAnswers } from '../model/dns-answer.ts';
import type { Flow } from '../model/flow.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow } from '../simulate/walk.ts';
import { arrives, missingOf } from './walked.ts';
import { otherMeanings } from './other-meanings.ts';
import type { Target } from './target.ts';

/** How the name led to this start, and whether another of its meanings would have arrived. Pure. */
export function namingOf(
  snapshot: Snapshot,
  flow: Flow,
  { naming }: Target,
  start: FlowStart,
  answers: NameAnswers,
): { readonly naming: Naming | null; readonly missing: readonly MissingFact[] } {
  if (flow.to.type !== 'name' || !naming || naming.by === 'literal') return { naming: null, missing: [] };
  const { by, query, source } = naming;
  if (!naming.addresses.includes(start.destination)) return { naming: null, missing: [] };
  const missing: MissingFact[] = [];
  const reached = (destination: string): boolean => {
    const trip = walkFlow(snapshot, { ...start, destination });
    missing.push(...missingOf(trip));
    return arrives(trip);
  };
  const siblings = naming.addresses
    .filter((address) => address !== start.destination && sameFamily(address, start.destination))
    .map((address): NameMeaning => ({
      address,
      same: true,
      by,
      query,
      server: source,
      arrives: reached(address),
    }));
  const others = otherMeanings(snapshot, flow, answers).others.flatMap((other) =>
    other.addresses
      .filter((address) => !naming.addresses.includes(address) && sameFamily(address, start.destination))
      .map((address): NameMeaning => ({
        address,
        same: false,
        by: other.by,
        query: other.query,
        server: other.server,
        arrives: reached(address),
      })),
  );
  return { naming: { name: flow.to.name, by, query, source, others: [...siblings, ...others] }, missing };
}

const sameFamily = (one: string, other: string): boolean => one.includes(':') === other.includes(':');

/** An unknown name, with the names by which it would have been found. */
export function withOtherNames(
  situation: EndSituation | NameSituation,
  { snapshot, flow }: { readonly snapshot: Snapshot; readonly flow: Flow },
  answers: NameAnswers,
): EndSituation | NameSituation {
  if (situation.type !== 'name') return situation;
  const others = otherMeanings(snapshot, flow, answers).others.flatMap(({ by, query, server, addresses }) =>
    addresses.slice(0, 1).map((address) => ({ address, by, query, server })),
  );
  return { ...situation, others };
}
