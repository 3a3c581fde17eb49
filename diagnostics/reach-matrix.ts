import { labelIn } from './causes/situation.ts';
import type { Language } from './model/language.ts';
import type { NamespaceId } from './model/ids.ts';
import { valueOr } from './model/fact.ts';
import { isNamed } from './model/namespace.ts';
import type { MatrixEnd, MatrixPair, MatrixQuestion, ReachMatrix } from './model/reach-matrix.ts';
import type { MissingFact, Snapshot } from './model/snapshot.ts';
import { openFacts, type FactReader } from './question/fact-reader.ts';
import { matrixEnds } from './question/matrix-ends.ts';
import { matrixNotes } from './question/matrix-notes.ts';
import { askPair, type PairAnswer } from './question/matrix-pair.ts';
import { alikeEnds } from './question/alike/alike-ends.ts';
import { alikeWalks } from './question/alike/alike-walks.ts';
import { portClasses } from './question/port-classes.ts';
import { PATH_FACTS } from './simulate/view.ts';
import type { FactSource } from './source.ts';

export interface MatrixOptions {
  readonly language: Language;
  readonly signal?: AbortSignal;
}

/** Rounds of reading what walks missed: more means that a fact never becomes known. */
const MOST_ROUNDS = 60;

/**
 * Who can reach whom: every question from every end to every other, predicted on one reading of the facts. Nothing is sent.
 * Throws the signal's reason when aborted.
 */
export async function reachMatrix(
  source: FactSource,
  questions: readonly MatrixQuestion[],
  { language, signal }: MatrixOptions,
): Promise<ReachMatrix> {
  const facts = await openFacts(source, signal);
  await readEverything(facts);
  const ends = matrixEnds(facts.snapshot);
  const slots = questions.map(() => ends.map(() => ends.map((): PairAnswer | null => null)));
  let simulate = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { snapshot } = facts;
    const begin = performance.now();
    const missing = await walkOpen(snapshot, questions, ends, slots, signal);
    simulate += performance.now() - begin;
    if (missing.length === 0) break;
    await facts.read(missing);
    if (facts.snapshot === snapshot) break;
  }
  const { snapshot } = facts;
  return {
    schema: 1,
    questions,
    ends,
    pairs: slots.flatMap((rows, at) =>
      rows.flatMap((row, from) =>
        row.flatMap((answer, to): MatrixPair[] => {
          const [question, sender, receiver] = [questions[at], ends[from], ends[to]];
          if (!answer || !question || !sender || !receiver) return [];
          return [
            {
              from: sender.name,
              to: receiver.name,
              ...question,
              ...answer.result(language, (id) => labelIn(snapshot, id)),
            },
          ];
        }),
      ),
    ),
    notes: matrixNotes(snapshot, ends, questions, language),
    timings: { collect: Math.round(facts.collecting), simulate: Math.round(simulate) },
  };
}

/** All that a walk may ask for, in two batches: what nobody is wired to needs no more than a look. */
async function readEverything(facts: FactReader): Promise<void> {
  const all = (ids: readonly NamespaceId[], names: readonly MissingFact['fact'][]): MissingFact[] =>
    ids.flatMap((namespace) => names.map((fact) => ({ namespace, fact })));
  await facts.read(
    all(
      facts.snapshot.namespaces.map(({ id }) => id),
      ['links'],
    ),
  );
  const wired = facts.snapshot.namespaces.filter(
    (namespace) =>
      isNamed(namespace) || valueOr(namespace.facts.links, []).some(({ kind }) => kind.type !== 'loopback'),
  );
  await facts.read(
    all(
      wired.map(({ id }) => id),
      [...PATH_FACTS, 'sockets'],
    ),
  );
}

/** Walks every pair that has no complete answer yet; what these still miss. */
async function walkOpen(
  snapshot: Snapshot,
  questions: readonly MatrixQuestion[],
  ends: readonly MatrixEnd[],
  slots: (PairAnswer | null)[][][],
  signal: AbortSignal | undefined,
): Promise<readonly MissingFact[]> {
  const missing: MissingFact[] = [];
  const classes = portClasses(snapshot);
  const walks = alikeWalks(alikeEnds(snapshot, ends, questions));
  for (const [fromAt, from] of ends.entries()) {
    for (const [toAt, to] of ends.entries()) {
      if (from === to) continue;
      const before: { readonly question: MatrixQuestion; readonly answer: PairAnswer }[] = [];
      for (const [at, question] of questions.entries()) {
        const row = slots[at]?.[fromAt];
        if (!row) continue;
        const done = row[toAt];
        if (done && done.missing.length === 0) continue;
        const known = walks.answer(fromAt, toAt, at);
        if (known) {
          row[toAt] = known;
          continue;
        }
        const alike = before.find(({ question: other, answer }) => {
          const { protocol, port, family } = question;
          if (protocol === 'icmp' || other.protocol !== protocol || other.family !== family) return false;
          if (port === null || other.port === null) return false;
          return (
            classes.key(answer.passed, protocol, port) === classes.key(answer.passed, protocol, other.port)
          );
        });
        const answer = alike?.answer ?? askPair(snapshot, from.namespace, to.namespace, question);
        if (!alike) before.push({ question, answer });
        row[toAt] = answer;
        walks.note(fromAt, toAt, at, answer);
        missing.push(...answer.missing);
      }
    }
    // So that who waits can stop it.
    await new Promise((resume) => setImmediate(resume));
    signal?.throwIfAborted();
  }
  return missing;
}
