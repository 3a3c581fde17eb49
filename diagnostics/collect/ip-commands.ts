import type { Command, FoundNamespace, Output } from '../host/machine.ts';
import { absent, known, valueOr, type Fact } from '../model/fact.ts';
import type { Ipsec } from '../model/ipsec.ts';
import { numberField, parseObjects, stringField, type JsonObject } from '../host/external-json.ts';
import { map, type IpFact, type IpRecords, type ReadRecords } from './ip-records.ts';
import { IPSEC_QUESTIONS, readIpsec } from './ipsec.ts';
import type { ResolveNamespaceId } from './links.ts';
import type { NamespaceNames } from './namespace-names.ts';
import { damaged, refusal, runIn, type ReadContext } from './read-context.ts';
import { apartFromEncapsulation } from './route-encapsulation.ts';
import { wholeRecords } from './whole-records.ts';

/** What ip(8) is asked for each fact: one process answers all of them. */
const QUESTIONS: Readonly<Record<IpFact, readonly string[]>> = {
  links: ['address show', 'netns list-id'],
  routes: ['route show table all', 'route show table all cache'],
  rules: ['rule show'],
  neighbours: ['neigh show nud all', 'neigh show proxy'],
  // These are asked in ways of their own.
  ipsec: [],
  fdb: [],
};

const IP = ['ip', '-details', '-json', '-force', '-batch', '-'];

type Answer = Fact<readonly JsonObject[]>;

/** Reads these facts of a namespace by one process (more where rules are asked: ip(8) lists one family's at a time; or fdb). */
export async function recordsOfCommands(
  context: ReadContext,
  namespace: FoundNamespace,
  facts: readonly IpFact[],
  names: NamespaceNames,
): Promise<ReadRecords> {
  const questions = facts.flatMap((fact) => QUESTIONS[fact]);
  const asked = {
    questions,
    texts: facts.includes('ipsec') ? IPSEC_QUESTIONS : [],
    names: facts.includes('links') ? names.shownTo(namespace.id) : undefined,
  };
  const [{ answers, text }, six, fdb] = await Promise.all([
    asked.questions.length + asked.texts.length > 0 ? ask(context, namespace, asked) : NOTHING,
    facts.includes('rules') ? rulesOfFamily6(context, namespace) : absent,
    facts.includes('fdb') ? forwardingTables(context, namespace) : absent,
  ]);
  const answer = (question: string): Answer =>
    answers[questions.indexOf(question)] ?? damaged('answers', 'ip');
  const result: { -readonly [K in IpFact]?: Fact<IpRecords[K]> } = {};
  for (const fact of facts)
    switch (fact) {
      case 'links': {
        const [listing, ids] = [answer('address show'), answer('netns list-id')];
        const resolve = await resolverFor(context, namespace, listed(listing), ids, names);
        result.links = map(listing, (records) => ({ records, resolve }));
        break;
      }
      case 'routes': {
        const learnt = listed(answer('route show table all cache'));
        result.routes = map(answer('route show table all'), (records) => ({ records, learnt }));
        break;
      }
      case 'rules':
        result.rules =
          six.state === 'known' ? map(answer('rule show'), (four) => ({ four, six: six.value })) : six;
        break;
      case 'neighbours': {
        const proxies = listed(answer('neigh show proxy'));
        result.neighbours = map(answer('neigh show nud all'), (records) => [...records, ...proxies]);
        break;
      }
      case 'ipsec':
        result.ipsec = known(text);
        break;
      case 'fdb':
        result.fdb = fdb;
        break;
    }
  return wholeRecords(result);
}

/** Nothing where it could not be read: an older ip(8) that does not know the question. */
const listed = (answer: Answer): readonly JsonObject[] => valueOr(answer, []);

interface Asked {
  readonly questions: readonly string[];
  /** Questions whose answers are no JSON; whether they can be answered is no matter to the others. */
  readonly texts: readonly string[];
  readonly names: readonly number[] | undefined;
}

interface Answers {
  readonly answers: readonly Answer[];
  readonly text: Fact<Ipsec>;
}

const NOTHING: Answers = { answers: [], text: absent };

const answered = (text: string, what: string): Answer => {
  const records = parseObjects(apartFromEncapsulation(text));
  return records ? known(records) : damaged(what, 'ip');
};

/** Puts questions to one `ip -batch`; where it failed at one of them, to one process each, to know which. */
async function ask(context: ReadContext, namespace: FoundNamespace, asked: Asked): Promise<Answers> {
  const { questions, texts, names } = asked;
  const run = (argv: readonly string[], more: Partial<Command> = {}): Promise<Output> =>
    runIn(context, namespace, argv, more);
  const output = await run(IP, {
    stdin: `${[...questions, ...texts].join('\n')}\n`,
    ...(names === undefined ? {} : { names }),
  });
  const all = output.stdout.split('\n');
  const lines = all.filter((line) => line.startsWith('['));
  const stdout = all.filter((line) => !line.startsWith('[')).join('\n');
  const text =
    texts.length === 0
      ? absent
      : output.problem === undefined
        ? await readIpsec({ stdout, stderr: output.stderr }, run)
        : (refusal(output, 'IPsec policies', 'ip') ?? absent);
  if (output.problem === undefined && lines.length === questions.length)
    return { answers: lines.map((line) => answered(line, 'answers')), text };
  if (output.problem !== undefined || questions.length === 1) {
    const answer =
      refusal(output, 'interfaces and routes', 'ip') ?? answered(output.stdout, 'interfaces and routes');
    return { answers: questions.map(() => answer), text };
  }
  const each = await Promise.all(
    questions.map((one) => ask(context, namespace, { questions: [one], texts: [], names })),
  );
  return { answers: each.flatMap(({ answers }) => answers), text };
}

/** No rules where the kernel has no IPv6. */
async function rulesOfFamily6(context: ReadContext, namespace: FoundNamespace): Promise<Answer> {
  const output = await runIn(context, namespace, ['ip', '-6', '-details', '-json', 'rule', 'show']);
  if (/not supported/i.test(output.stderr)) return known([]);
  return refusal(output, 'routing rules', 'ip') ?? answered(output.stdout, 'routing rules');
}

/** Asks once more, with more names, where an interface leads to a namespace that the first did not tell. */
async function resolverFor(
  context: ReadContext,
  namespace: FoundNamespace,
  links: readonly JsonObject[],
  ids: Answer,
  names: NamespaceNames,
): Promise<ResolveNamespaceId> {
  const resolve = resolver(ids, names);
  const numbers = links.map((record) => numberField(record, 'link_netnsid') ?? -1);
  const more = numbers.some((nsid) => nsid >= 0 && resolve(nsid) === null)
    ? names.moreFor(namespace.id)
    : null;
  if (more === null) return resolve;
  const { answers } = await ask(context, namespace, {
    questions: ['netns list-id'],
    texts: [],
    names: more,
  });
  return answers[0] ? resolver(answers[0], names) : resolve;
}

/** Translates by what `ip netns list-id` said. */
function resolver(ids: Answer, names: NamespaceNames): ResolveNamespaceId {
  const byNumber = new Map<number, string>();
  for (const record of listed(ids)) {
    const [nsid, name] = [numberField(record, 'nsid'), stringField(record, 'name')];
    if (nsid !== undefined && name !== undefined) byNumber.set(nsid, name);
  }
  return (nsid) => {
    const name = byNumber.get(nsid);
    return name === undefined ? null : names.namespaceOf(name);
  };
}

/** Bridges' and tunnels' forwarding tables. */
async function forwardingTables(context: ReadContext, namespace: FoundNamespace): Promise<Answer> {
  const output = await runIn(context, namespace, ['bridge', '-json', 'fdb', 'show']);
  const refused = refusal(output, 'forwarding tables of bridges', 'bridge');
  if (refused) return refused;
  const records = parseObjects(output.stdout);
  return records ? known(records) : damaged('forwarding tables of bridges', 'bridge');
}
