import type { NameAnswer, NameAnswers } from '../model/dns-answer.ts';
import { answerKey, unansweredName } from '../model/dns-answer.ts';
import { valueOr } from '../model/fact.ts';
import type { Endpoint, Flow } from '../model/flow.ts';
import type { NameAsk } from '../simulate/names/dns-search.ts';
import { viewOfAsker } from '../simulate/names/names.ts';
import { predict } from '../simulate/answer/predict.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import type { FactSource } from '../source.ts';
import { missingOf } from './walked.ts';
import type { FactReader } from './fact-reader.ts';
import { factsForCauses } from './facts-for-causes.ts';
import { askStart, unansweredStarts } from './name-server.ts';
import { otherMeanings } from './other-meanings.ts';
import { askerOf, targetOf, type Target } from './target.ts';

/** Of one exchange with a server; longer than a server takes that has to ask others. */
const NAME_MILLISECONDS = 2000;
/** Names of a search list times servers; more are a circle. */
const MOST_ROUNDS = 30;
/** As nobody was asked. */
const NO_WAY = 'No answer can come.';

/** The way to one name server, and what it was asked. */
export interface NameLeg {
  readonly server: string;
  readonly trip: RoundTrip;
  /** What was really sent, and what came back; empty where nothing was sent. */
  readonly queries: readonly NameAnswer[];
}

export interface FoundTarget {
  readonly target: Target;
  readonly answers: NameAnswers;
  readonly legs: readonly NameLeg[];
  /** Whether servers were really asked. */
  readonly asked: boolean;
}

export interface Asking {
  readonly source: FactSource;
  readonly facts: FactReader;
  readonly flow: Flow;
  readonly signal: AbortSignal | undefined;
}

/** Looks names up as FROM's C library would, live where servers have the last word, until there are addresses, or a reason why not. */
export async function findTarget(asking: Asking, live: boolean): Promise<FoundTarget> {
  const { facts, flow } = asking;
  const answers = new Map<string, NameAnswer>();
  let target = await facts.complete((snapshot) => targetOf(snapshot, flow, answers));
  const first = target.asks.slice(0, 1);
  const learn = live ? ask : foretell;
  for (let round = 0; target.asks.length > 0 && round < MOST_ROUNDS; round++) {
    if (!(await learn(asking, target.asks, answers))) break;
    target = await facts.complete((snapshot) => targetOf(snapshot, flow, answers));
  }
  const asked = live && target.sent.length > 0;
  const servers = [...new Set((asked ? target.sent : first).map(({ server }) => server))];
  const legs = await Promise.all(
    servers.map((server) =>
      legTo(
        asking,
        server,
        target.sent.filter((sent) => sent.server === server),
      ),
    ),
  );
  const behind = target.situation === null ? [] : await legsBehind(facts, flow, target.sent);
  return { target, answers, asked, legs: [...legs.flatMap((leg) => leg ?? []), ...behind] };
}

/** To the servers that a server asks in its turn. */
async function legsBehind(
  facts: FactReader,
  flow: Flow,
  sent: readonly NameAnswer[],
): Promise<readonly NameLeg[]> {
  await facts.read(factsForCauses(facts.snapshot, flow));
  const passedOn = unansweredStarts(facts.snapshot, flow, sent).filter(({ via }) => via !== undefined);
  return Promise.all(
    passedOn.map(async ({ start }) => ({
      server: start.destination,
      trip: await walkTo(facts, start),
      queries: [],
    })),
  );
}

/** Asks what else a name could have meant: only worth it once it led nowhere. */
export async function askOtherMeanings(asking: Asking, before: NameAnswers): Promise<NameAnswers> {
  const { facts, flow } = asking;
  const answers = new Map(before);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { asks } = otherMeanings(facts.snapshot, flow, answers);
    if (asks.length === 0 || !(await ask(asking, asks, answers))) break;
  }
  return answers;
}

/** False where nobody can be asked. */
async function ask(
  { source, facts, flow, signal }: Asking,
  asks: readonly NameAsk[],
  answers: Map<string, NameAnswer>,
): Promise<boolean> {
  if (!source.resolve || flow.from.type !== 'namespace') return false;
  const { namespace } = flow.from;
  const options = optionsOf(facts, flow.from);
  const heard = await source.resolve(
    {
      namespace,
      asks,
      families: options?.noAaaa === true ? [4] : [4, 6],
      tcp: options?.useVc === true,
      timeoutMilliseconds: Math.min((options?.timeout ?? Infinity) * 1000, NAME_MILLISECONDS),
    },
    signal,
  );
  heard.forEach((answer, index) =>
    answers.set(answerKey(namespace, answer.server, answer.name, asks[index]?.expected), answer),
  );
  return heard.length > 0;
}

/** What the sender's resolver files ask for. */
const optionsOf = (facts: FactReader, from: Extract<Endpoint, { type: 'namespace' }>) =>
  valueOr(viewOfAsker(facts.snapshot, askerOf(from)).files, null)?.options;

async function walkTo(facts: FactReader, start: FlowStart): Promise<RoundTrip> {
  const { trip } = await facts.complete((snapshot) => {
    const walked = walkFlow(snapshot, start);
    return { trip: walked, missing: missingOf(walked) };
  });
  return trip;
}

/** On paper: servers that no question gets to, or no answer from, are known to say nothing. False where none is such. */
async function foretell(
  { facts, flow }: Asking,
  asks: readonly NameAsk[],
  answers: Map<string, NameAnswer>,
): Promise<boolean> {
  if (flow.from.type !== 'namespace') return false;
  const { namespace } = flow.from;
  const transport = optionsOf(facts, flow.from)?.useVc === true ? 'tcp' : 'udp';
  let foretold = false;
  for (const ask of asks) {
    const { outcome, certain } = predict(await walkTo(facts, askStart(namespace, ask.server, transport)));
    if (!certain || outcome === 'reply') continue;
    const silence = unansweredName(ask, NO_WAY, transport);
    answers.set(answerKey(namespace, ask.server, ask.name, ask.expected), silence);
    foretold = true;
  }
  return foretold;
}

async function legTo(
  { facts, flow }: Asking,
  server: string,
  queries: readonly NameAnswer[],
): Promise<NameLeg | null> {
  if (flow.from.type !== 'namespace') return null;
  const { namespace } = flow.from;
  const protocol = queries.some(({ transport }) => transport === 'tcp') ? 'tcp' : 'udp';
  return { server, trip: await walkTo(facts, askStart(namespace, server, protocol)), queries };
}
