import type { Remedy } from './causes/cause.ts';
import { findOtherFlows, type OtherFlowsOf } from './effects/other-flows.ts';
import type { Diagnosis, ProbeResult, WhyVerdict } from './model/diagnosis.ts';
import type { Flow } from './model/flow.ts';
import type { Language } from './model/language.ts';
import type { MissingFact } from './model/snapshot.ts';
import { explainQuestion, proofOf, type Explained } from './question/explain-question.ts';
import { addressNotes } from './question/address-notes.ts';
import { isUnseen, tripsByChance } from './question/chance-ways.ts';
import {
  flowToOther,
  judgeFamilies,
  leadsTo,
  otherFamily,
  type JudgedFamilies,
  type OtherFamily,
} from './question/other-family.ts';
import { openFacts, type FactReader } from './question/fact-reader.ts';
import { labelIn } from './causes/situation.ts';
import { factsForCauses } from './question/facts-for-causes.ts';
import { chanceNotes } from './question/chance-notes.ts';
import { slowNames } from './question/name-server.ts';
import { namesakeNotes } from './question/namesake-notes.ts';
import { portTakenNotes } from './question/port-taken-notes.ts';
import {
  namespacesOf,
  noteText,
  traceNotes,
  unseenPrograms,
  viewNotes,
  type Note,
} from './question/notes.ts';
import { findFlow, parseQuestion, type Question } from './question/question.ts';
import { judgeWay, NOT_PROBED, type JudgedWay, type Way, type WayProbes } from './question/judge-way.ts';
import { factsForReceiver } from './question/probe-watch.ts';
import { legsOf } from './question/legs.ts';
import { relaysBehind } from './question/relay.ts';
import { followProxy, proxyCauses, throughProxy, type ProxyWay } from './question/proxy.ts';
import { addressAndPort } from './model/ip.ts';
import { askOtherMeanings, findTarget, type FoundTarget } from './question/find-target.ts';
import { failuresSeen } from './question/failures-seen.ts';
import { searchedNote } from './question/searched-note.ts';
import { sizeNote } from './question/size-note.ts';
import { seenTrip, type Seen } from './question/seen.ts';
import { metBySenders, senderCauses, type Met } from './question/sender-causes.ts';
import { toCause } from './question/to-cause.ts';
import { arrives, largeOf, lostOf, missingOf, missingOfLarge } from './question/walked.ts';
import { probeTrip, probeWays } from './question/probe-ways.ts';
import { BY_ADDRESSES } from './simulate/ip/routed.ts';
import type { FlowStart } from './simulate/start.ts';
import { memoriesWanted, staleStarts } from './simulate/netfilter/remembered.ts';
import { walkFlow, type RoundTrip } from './simulate/walk.ts';
import type { FactSource } from './source.ts';

export interface WhyOptions {
  readonly language: Language;
  /** Whether the kernel is asked too. */
  readonly probe: boolean;
  readonly signal?: AbortSignal;
  /** Of one probe. */
  readonly timeoutMilliseconds?: number;
  /** Whether it is worked out what each fix does to other flows, which reads facts of more namespaces. */
  readonly otherFlows?: boolean;
}

/** A name with many addresses is tried with the first ones. */
const MOST_ADDRESSES = 4;

/**
 * Can FROM reach TO, and if not, why? Reads what the walk asks for, asks the kernel, compares, and looks for causes with
 * fixes proven on mended facts. Changes nothing. Throws `QuestionError` for a question that cannot be asked, and the
 * signal's reason when aborted.
 */
export async function why(source: FactSource, question: Question, options: WhyOptions): Promise<Diagnosis> {
  const [first, unsure] = await askOnce(source, question, options);
  // What was passing while the facts were read is over by now: an IPv6 address that was still tried, a carrier that came.
  if (first.probe.agrees !== false && !unsure) return first;
  const [again] = await askOnce(source, question, options);
  return again;
}

/** The answer, and whether a way that should fail was not seen although many connections were tried. */
async function askOnce(
  source: FactSource,
  question: Question,
  options: WhyOptions,
): Promise<readonly [Diagnosis, boolean]> {
  const parsed = parseQuestion(question);
  const facts = await openFacts(source, options.signal);
  const flow = findFlow(parsed, facts.snapshot);
  const asking = { source, facts, flow, signal: options.signal };
  const name = await findTarget(asking, options.probe);
  const { target } = name;
  const other = await otherFamily(facts, flow, target);
  const starts = other?.instead ? [other.start] : target.starts.slice(0, MOST_ADDRESSES);
  const walked = other?.instead === false ? [...starts, other.start] : starts;
  let ways = await walkAll(facts, walked);

  // A datagram that nobody answers is looked for at its receiver: who has the address has to be known before it is sent.
  if (options.probe && flow.protocol === 'udp')
    await facts.read(ways.flatMap(({ trip }) => factsForReceiver(facts.snapshot, trip)));
  const beginProbe = performance.now();
  const probing = probeWays(source, facts.snapshot, ways, options);
  const failing = target.situation !== null || ways.some(fails);
  let answers = name.answers;
  // One of two families that does not arrive is a question of its own.
  const alone = other && (other.instead || ways.every((way) => leadsTo(other, way) === fails(way)));
  const explainedFlow = alone ? flowToOther(flow, other) : flow;
  // Causes look further than a packet does: at who else is on a segment, who has an address, what else a name could mean.
  const seek = async (seen?: Seen): Promise<Explained> => {
    await facts.read(factsForCauses(facts.snapshot, flow));
    if (options.probe) answers = await askOtherMeanings(asking, answers);
    return facts.complete((snapshot) => explainQuestion(snapshot, explainedFlow, answers, seen));
  };
  let explained = failing ? await seek() : NOTHING_FOUND;
  const proxied = await followProxy(
    asking,
    starts[0]?.destination ?? null,
    options.probe ? (trip) => probeTrip(source, facts.snapshot, trip, options) : null,
  );
  const prove = async (seen?: Seen): Promise<Proof> => {
    const { found } = explained;
    const isProven = proofOf(facts.snapshot, explainedFlow, answers, found, seen);
    const { language } = options;
    const otherFlows =
      options.otherFlows === true
        ? await findOtherFlows(facts, starts[0] ?? found[0]?.start ?? undefined, found, {
            language,
            isProven,
          })
        : null;
    return { isProven, otherFlows };
  };
  // While the kernel is asked.
  let proof = await prove();
  const probes = await probing;
  const probeTime = options.probe ? performance.now() - beginProbe : 0;

  const surprised = ways.some((way, index) => {
    const { agrees, verdict } = judgeWay(facts.snapshot, way, probes[index] ?? NOT_PROBED);
    return agrees === false || verdict === 'unreachable';
  });
  if (!failing && surprised) {
    // Somebody who was not looked at may be in the way: a second one with the same address, say.
    explained = await seek();
    ways = await walkAll(facts, walked);
    proof = await prove();
  }

  // Which of several ways was taken shows in what the kernel said.
  const seen = failuresSeen(ways, probes);
  if (seen.size > 0) {
    explained = await seek(seen);
    proof = await prove(seen);
  }

  const all = { facts, flow, options, name, other, ways, probes, proxied, explained, proof, probeTime };
  return [answer(all), ways.some((way, index) => isUnseen(way, probes[index] ?? NOT_PROBED))];
}

const NOTHING_FOUND: Explained = { found: [], arrives: true, missing: [] };

async function walkAll(facts: FactReader, starts: readonly FlowStart[]): Promise<readonly Way[]> {
  const { ways } = await facts.complete((snapshot) => {
    const asked = starts.flatMap((start) => {
      const trip = walkFlow(snapshot, start);
      const old = staleStarts(snapshot, trip).map((again) => walkFlow(snapshot, again));
      return [trip, ...old];
    });
    const walked = asked.flatMap(tripsByChance).map(({ trip, chance }): Way => {
      const relays = relaysBehind(snapshot, trip);
      const large = [trip, ...relays.map((relay) => relay.trip)].map((one) => largeOf(snapshot, one));
      return { start: trip.start, trip, relays, large, ...(chance ? { chance } : {}) };
    });
    const memories = asked.flatMap((trip) => memoriesWanted(snapshot, trip));
    return { ways: walked, missing: [...walked.flatMap(missingOfWay), ...memories] };
  });
  return ways;
}

const tripsOf = ({ trip, relays }: Way): readonly RoundTrip[] => [trip, ...relays.map((relay) => relay.trip)];

const missingOfWay = (way: Way): readonly MissingFact[] => [
  ...tripsOf(way).flatMap(missingOf),
  ...way.large.flatMap((large) => missingOfLarge({ large })),
];

const fails = (way: Way): boolean =>
  tripsOf(way).some((trip) => !arrives(trip)) || way.large.some((large) => lostOf({ large }) !== null);

/** What the fixes turned out to do on paper. */
interface Proof {
  readonly isProven: (cause: number, remedy: Remedy) => boolean;
  readonly otherFlows: OtherFlowsOf | null;
}

interface Gathered {
  readonly facts: FactReader;
  readonly flow: Flow;
  readonly options: WhyOptions;
  readonly name: FoundTarget;
  readonly other: OtherFamily | null;
  readonly ways: readonly Way[];
  readonly probes: readonly WayProbes[];
  readonly proxied: ProxyWay | null;
  readonly explained: Explained;
  readonly proof: Proof;
  readonly probeTime: number;
}

function answer(all: Gathered): Diagnosis {
  const { facts, flow, options, name, ways, explained } = all;
  const { target } = name;
  const { snapshot } = facts;
  const judged = ways.map((way, index) => judgeWay(snapshot, way, all.probes[index] ?? NOT_PROBED));
  const families = judgeFamilies(all.other, target.starts[0], ways, judged);
  const direct = target.situation ? 'unreachable' : families.verdict;
  // Who connects directly gets through, who obeys the proxy variable does not.
  const misled = all.proxied !== null && throughProxy(all.proxied) === false;
  const verdict = direct === 'reachable' && misled ? 'partial' : direct;
  const probe =
    target.situation?.type === 'name' ? unresolved(target.situation.said, name.asked) : families.probe;
  const shown = ways
    .map((way, index) => ({ ...way, trip: seenTrip(way.trip, all.probes[index]?.own?.outcome) }))
    .filter(families.shows);
  const legs = legsOf(snapshot, flow, shown, name.legs, all.proxied);
  const traces = legs.flatMap(({ forward, back, large = [] }) => [
    ...[forward, back],
    ...large.flatMap(({ trace, notice }) => [trace, notice]),
  ]);
  return {
    schema: 1,
    flow: {
      from: flow.fromText,
      to: flow.toText,
      protocol: flow.protocol,
      address: ways[0]?.start.destination ?? null,
      port: flow.port,
    },
    verdict,
    probe,
    causes:
      verdict === 'reachable' && probe.agrees !== false
        ? []
        : [
            ...causesOf(all, probe.agrees === false),
            // Where the walk tells why an answer comes from elsewhere, that is the cause.
            ...(explained.found.length > 0 && probe.agrees === true
              ? []
              : senderCauses(snapshot, flow, metBy(all), options.language)),
            ...(all.proxied
              ? proxyCauses(snapshot, flow, all.proxied, {
                  answersDirectly: direct === 'reachable',
                  language: options.language,
                })
              : []),
          ],
    legs,
    namespaces: namespacesOf(snapshot, traces, (id) => labelIn(snapshot, id)),
    notes: notesOf(
      all,
      judged,
      families,
      failed(verdict) && !misled && explained.found.length === 0 && metBy(all).length === 0,
    ).map((note) => noteText(note, options.language)),
    timings: {
      collect: Math.round(facts.collecting),
      simulate: Math.round(facts.computing),
      probe: Math.round(all.probeTime),
    },
  };
}

/** Where it cannot be told, the doubts say why. */
const failed = (verdict: WhyVerdict): boolean => verdict === 'unreachable' || verdict === 'partial';

const unresolved = (said: string, asked: boolean): ProbeResult => ({
  outcome: 'name-unresolved',
  agrees: asked ? true : null,
  milliseconds: null,
  detail: said,
});

const metBy = ({ ways, probes }: Gathered): readonly Met[] =>
  metBySenders(ways.map(({ start }, index) => ({ start, raw: probes[index]?.own ?? null })));

function causesOf({ options, explained, proof }: Gathered, disagrees: boolean): Diagnosis['causes'] {
  const { found } = explained;
  return found.map((one, index) =>
    toCause(one, options.language, disagrees ? 'possible' : one.finding.certainty, (remedy, at) => ({
      proven: proof.isProven(index, remedy),
      otherFlows: proof.otherFlows?.(index, at) ?? null,
    })),
  );
}

function notesOf(
  all: Gathered,
  judged: readonly JudgedWay[],
  families: JudgedFamilies,
  unexplained: boolean,
): readonly Note[] {
  const { facts, flow, ways, explained } = all;
  const { target } = all.name;
  const differing = judged.find(({ agrees }) => agrees === false);
  const failed = judged
    .map(({ probe }) => probe)
    .find(({ outcome, detail }) => outcome === 'not-run' && detail !== '');
  const told = metBy(all);
  const silent =
    flow.protocol === 'udp' &&
    judged.some(({ probe }) => probe.outcome === 'timeout' && !probe.icmp && !probe.arrival) &&
    !told.some(({ what }) => what.type === 'other-answer');
  const traces = ways.flatMap(tripsOf).flatMap(({ forward, back }) => [forward, back]);
  const others = addressNotes(facts.snapshot, ways, all.probes);
  const lost = differing?.prediction.outcome === 'reply' && told.length === 0;
  return [
    ...(differing && told.length === 0
      ? [
          {
            type: 'disagree',
            predicted: differing.prediction.outcome,
            probed: differing.probe.outcome,
          } as const,
        ]
      : []),
    ...(target.unknown === null ? [] : [{ type: 'doubt', text: target.unknown } as const]),
    ...(target.starts.length === 0
      ? target.asks
          .slice(0, 1)
          .map(({ name: asked, server }) => ({ type: 'doubt', text: `${asked}: ${server}` }) as const)
      : []),
    ...(lost ? unseenPrograms(facts.snapshot, traces) : []),
    ...sizeNote(flow, ways, judged),
    ...families.notes,
    ...(families.verdict === 'reachable' ||
    explained.found.some(({ finding }) => finding.id === 'search-domain')
      ? []
      : searchedNote(flow, target)),
    ...traceNotes(traces, others.length > 0 ? [BY_ADDRESSES] : []),
    ...chanceNotes(ways, all.probes),
    ...others,
    ...namesakeNotes(facts.snapshot, flow, ways),
    ...portTakenNotes(facts.snapshot, ways),
    ...(silent ? [{ type: 'udp-silence' } as const] : []),
    ...(all.proxied
      ? [
          {
            type: 'proxy',
            container: all.proxied.container.name,
            variable: all.proxied.proxy.variable,
            proxy: addressAndPort(all.proxied.proxy.host, all.proxied.proxy.port),
          } as const,
        ]
      : []),
    ...(flow.from.type === 'outside' ? [{ type: 'outside' } as const] : []),
    ...(target.scope !== undefined && ways[0]
      ? [{ type: 'scope', address: ways[0].start.destination, device: target.scope } as const]
      : []),
    ...slowNames(facts.snapshot, flow, target),
    ...(failed ? [{ type: 'not-probed', detail: failed.detail } as const] : []),
    ...(target.starts.length > MOST_ADDRESSES
      ? [{ type: 'many-addresses', count: target.starts.length } as const]
      : []),
    ...(unexplained && differing === undefined && told.length === 0
      ? [{ type: 'unexplained' } as const]
      : []),
    ...viewNotes(facts.snapshot),
  ];
}
