import { findOtherFlows } from './effects/other-flows.ts';
import type { Diagnosis } from './model/diagnosis.ts';
import type { Language } from './model/language.ts';
import { isUnseen } from './question/chance-ways.ts';
import { diagnosisOf } from './question/diagnosis-of.ts';
import { explainQuestion, type Explained } from './question/explain-question.ts';
import { openFacts } from './question/fact-reader.ts';
import { factsForCauses } from './question/facts-for-causes.ts';
import { failuresSeen } from './question/failures-seen.ts';
import { askOtherMeanings, findTarget } from './question/find-target.ts';
import type { Gathered, Proof } from './question/gathered.ts';
import { judgeWay, NOT_PROBED } from './question/judge-way.ts';
import { flowToOther, leadsTo, otherFamily } from './question/other-family.ts';
import { factsForReceiver } from './question/probe-watch.ts';
import { remember } from './model/remember.ts';
import type { Found } from './question/found.ts';
import { proofOf, surestFirst, type Proven } from './question/proof.ts';
import { probeTrip, probeWays } from './question/probe-ways.ts';
import { followProxy } from './question/proxy.ts';
import { findFlow, parseQuestion, type Question } from './question/question.ts';
import type { Seen } from './question/seen.ts';
import { noteText } from './question/notes.ts';
import { serversGone } from './question/server-gone.ts';
import { MOST_ADDRESSES } from './question/target.ts';
import { fails, walkWays } from './question/walk-ways.ts';
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
  const gone = serversGone(first, again).map((note) => noteText(note, options.language));
  return gone.length === 0 ? again : { ...again, notes: [...again.notes, ...gone] };
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
  let ways = await walkWays(facts, walked);

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
    const proofWith = remember((found: readonly Found[]): Proven =>
      proofOf(facts.snapshot, explainedFlow, answers, found, seen),
    );
    const found = surestFirst(explained.found, proofWith);
    explained = { ...explained, found };
    const proven = proofWith(found);
    const { language } = options;
    const otherFlows =
      options.otherFlows === true
        ? await findOtherFlows(facts, starts[0] ?? found[0]?.start ?? undefined, found, {
            language,
            isProven: proven.isProven,
          })
        : null;
    return { ...proven, otherFlows };
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
    ways = await walkWays(facts, walked);
    proof = await prove();
  }

  // Which of several ways was taken shows in what the kernel said.
  const seen = failuresSeen(ways, probes);
  if (seen.size > 0) {
    explained = await seek(seen);
    proof = await prove(seen);
  }

  const all: Gathered = {
    facts,
    flow,
    language: options.language,
    name,
    other,
    ways,
    probes,
    proxied,
    explained,
    proof,
    probeTime,
  };
  return [diagnosisOf(all), ways.some((way, index) => isUnseen(way, probes[index] ?? NOT_PROBED))];
}

const NOTHING_FOUND: Explained = { found: [], arrives: true, missing: [] };
