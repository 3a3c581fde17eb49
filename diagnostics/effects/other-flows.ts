import { enginesOn } from '../model/engines.ts';
import type { Remedy } from '../causes/finding.ts';
import { changeBy, type FixAction } from '../fixes/registry.ts';
import type { OtherFlowsOf } from '../model/flow-effects.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import type { Found } from '../question/found.ts';
import type { FactReader } from '../question/fact-reader.ts';
import { otherFlowsText, type NamedGroup } from '../report/other-flows.ts';
import { addressOwners } from '../simulate/neighbour/owners.ts';
import type { FlowStart } from '../simulate/start.ts';
import { PATH_FACTS } from '../simulate/view.ts';
import { candidatesIn } from './candidates.ts';
import { compareFlows, rememberAnswers, type Answers, type Compared } from './compare.ts';
import { endsNear, nameOf, type FlowEnd } from './ends.ts';
import { changesPackets, isAboutSize, touchedBy } from './touched.ts';

/** Flows that are walked for one fix. */
const MOST_FLOWS = 120;
/** Namespaces that are read for this alone, those on the way between the ends included. */
const MOST_NAMESPACES = 20;

export interface OtherFlowsOptions {
  readonly language: Language;
  /** Only of these it is said: what does not help will not be done. */
  readonly isProven: (cause: number, remedy: Remedy) => boolean;
}

/**
 * Walks other flows on the facts before and after each fix. Bounded: the ends nearest to what the fix changes, a number of flows
 * among them, and facts of a number of namespaces, which are read together.
 */
export async function findOtherFlows(
  facts: FactReader,
  asked: FlowStart | undefined,
  found: readonly Found[],
  { language, isProven }: OtherFlowsOptions,
): Promise<OtherFlowsOf> {
  const remedies = found.flatMap(({ remedies: own }, cause) =>
    own.flatMap((remedy, index) =>
      remedy.actions.some(changesPackets) && isProven(cause, remedy) ? [{ cause, index, remedy }] : [],
    ),
  );
  if (asked === undefined || remedies.length === 0) return () => null;
  const touched = [
    ...new Set(
      remedies.flatMap(({ remedy }) => remedy.actions.flatMap((one) => touchedBy(one, facts.snapshot))),
    ),
  ];
  const answerer = answererOf(facts.snapshot, asked);
  const places = [...new Set([asked.namespace, ...(answerer === null ? [] : [answerer]), ...touched])];
  const ends = endsNear(facts.snapshot, places);
  const allowed = new Set([...places, ...ends.map(({ namespace }) => namespace)]);
  await facts.read(
    [...allowed].flatMap((namespace) =>
      ([...PATH_FACTS, 'sockets'] as const).map((fact): MissingFact => ({ namespace, fact })),
    ),
  );
  const { all } = await facts.complete((snapshot) => {
    const answers = rememberAnswers();
    const compared = remedies.map((one) => ({
      ...one,
      ...compareRemedy(snapshot, found, one, { asked, answerer, ends, touched }, answers),
    }));
    return {
      all: compared,
      missing: within(
        allowed,
        compared.flatMap((one) => one.result.missing),
      ),
    };
  });
  const groups = groupsIn(facts.snapshot);
  const said = all.map(({ cause, index, result, leftOut }) => {
    const { opens, closes, compared, unclear } = result;
    const unread = result.unread.flatMap((id) => {
      const namespace = findNamespace(facts.snapshot, id);
      return namespace ? [nameOf(facts.snapshot, namespace)] : [];
    });
    const counted = { opens, closes, compared, unclear, leftOut, unread };
    return { cause, index, flows: { ...counted, text: otherFlowsText(counted, groups, language) } };
  });
  return (cause, remedy) => said.find((one) => one.cause === cause && one.index === remedy)?.flows ?? null;
}

interface Chosen {
  readonly cause: number;
  readonly remedy: Remedy;
}

interface Place {
  readonly asked: FlowStart;
  readonly answerer: NamespaceId | null;
  readonly ends: readonly FlowEnd[];
  readonly touched: readonly NamespaceId[];
}

/** On the facts as the first fixes of the causes before it leave them. */
function compareRemedy(
  snapshot: Snapshot,
  found: readonly Found[],
  { cause, remedy }: Chosen,
  { asked, answerer, ends, touched }: Place,
  answers: Answers,
): { readonly result: Compared; readonly leftOut: number } {
  const before = mended(
    snapshot,
    found.slice(0, cause).flatMap(({ remedies }) => remedies[0]?.actions ?? []),
  );
  const after = mended(before, remedy.actions);
  const owner = answerer === null ? undefined : findNamespace(snapshot, answerer);
  const surroundings = {
    ...{ ends, asked, touched: new Set(touched) },
    answerer: owner ? nameOf(snapshot, owner) : null,
  };
  const candidates = candidatesIn(surroundings, before, after);
  const large = remedy.actions.some(isAboutSize);
  return {
    result: compareFlows(candidates.slice(0, MOST_FLOWS), before, after, large, answers),
    leftOut: Math.max(0, candidates.length - MOST_FLOWS),
  };
}

/** The same facts again for the same actions: what was walked on them is remembered. */
function mended(snapshot: Snapshot, actions: readonly FixAction[]): Snapshot {
  return actions.reduce((now, action) => changeBy(action, now), snapshot);
}

/** Who has the asked address; null where that is nobody, or several. */
function answererOf(snapshot: Snapshot, { destination }: FlowStart): NamespaceId | null {
  const ids = new Set(addressOwners(snapshot, destination).owners.map(({ namespace }) => namespace));
  const [first] = ids;
  return ids.size === 1 && first !== undefined ? first : null;
}

/** What may still be read; each namespace that is asked for takes one of a few places. */
function within(allowed: Set<NamespaceId>, missing: readonly MissingFact[]): readonly MissingFact[] {
  return missing.filter(({ namespace }) => {
    if (!allowed.has(namespace) && allowed.size >= MOST_NAMESPACES) return false;
    allowed.add(namespace);
    return true;
  });
}

/** Containers that share a network are told of together. */
const groupsIn = (snapshot: Snapshot): readonly NamedGroup[] =>
  snapshot.hosts.flatMap(enginesOn).flatMap(({ containers, networks }) =>
    networks.map(({ id, name }) => ({
      network: name,
      members: containers.flatMap(({ namespace, networks: own }) => {
        const there = findNamespace(snapshot, namespace ?? '');
        return there && own.some(({ networkId }) => networkId === id) ? [nameOf(snapshot, there)] : [];
      }),
    })),
  );
