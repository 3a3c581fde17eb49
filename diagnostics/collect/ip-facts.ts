import type { FoundNamespace, Output } from '../host/machine.ts';
import { known, type Fact } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { numberField, parseObjects, stringField, type JsonObject } from './external-json.ts';
import { parseLinks, type ResolveNamespaceId } from './links.ts';
import type { NamespaceNames } from './namespace-names.ts';
import { withVlans } from './bridge-vlans.ts';
import { parseFdb, parseNeighbours } from './neighbours.ts';
import { damaged, refusal, type ReadContext } from './read-context.ts';
import { parseRoutes, withExceptions } from './routes.ts';
import { parseRules } from './rules.ts';

/** The facts that ip(8) gives. */
export type IpFact = 'links' | 'routes' | 'rules' | 'neighbours';

/** What ip(8) is asked for each fact: one process answers all of them. */
const QUESTIONS: Readonly<Record<IpFact, readonly string[]>> = {
  links: ['address show', 'netns list-id'],
  routes: ['route show table all', 'route show table all cache'],
  rules: ['rule show'],
  neighbours: ['neigh show nud all', 'neigh show proxy'],
};

const IP = ['ip', '-details', '-json', '-force', '-batch', '-'];

type Answer = readonly JsonObject[] | Fact<never>;

/** Reads these facts of a namespace by one process (two where rules are asked: ip(8) lists one family's at a time). */
export async function readIpFacts(
  context: ReadContext,
  namespace: FoundNamespace,
  facts: readonly IpFact[],
  names: NamespaceNames,
): Promise<Partial<NamespaceFacts>> {
  const questions = facts.flatMap((fact) => QUESTIONS[fact]);
  const [answers, rules6] = await Promise.all([
    ask(context, namespace, questions, facts.includes('links') ? names.descriptors : undefined),
    facts.includes('rules') ? rulesOfFamily6(context, namespace) : [],
  ]);
  const answer = (question: string): Answer =>
    answers[questions.indexOf(question)] ?? damaged('answers', 'ip');
  const result: { -readonly [K in IpFact]?: NamespaceFacts[K] } = {};
  for (const fact of facts)
    switch (fact) {
      case 'links':
        result.links = await withVlans(
          context,
          namespace,
          map(answer('address show'), (records) =>
            parseLinks(records, namespace.id, resolver(answer('netns list-id'), names)),
          ),
        );
        break;
      case 'routes':
        result.routes = map(answer('route show table all'), (records) =>
          withExceptions(
            parseRoutes(records, context.tableNumber),
            listed(answer('route show table all cache')),
            context.tableNumber,
          ),
        );
        break;
      case 'rules':
        result.rules = map(answer('rule show'), (records) => [
          ...parseRules(records, 4, context.tableNumber),
          ...parseRules(rules6, 6, context.tableNumber),
        ]);
        break;
      case 'neighbours': {
        const proxies = listed(answer('neigh show proxy'));
        result.neighbours = map(answer('neigh show nud all'), (records) =>
          parseNeighbours([...records, ...proxies]),
        );
        break;
      }
    }
  return result;
}

/** Nothing where it could not be read: an older ip(8) that does not know the question. */
const listed = (answer: Answer): readonly JsonObject[] => ('state' in answer ? [] : answer);

const map = <T>(answer: Answer, parse: (records: readonly JsonObject[]) => T): Fact<T> =>
  'state' in answer ? answer : known(parse(answer));

/** Puts questions to one `ip -batch`; where it failed at one of them, to one process each, to know which. */
async function ask(
  context: ReadContext,
  namespace: FoundNamespace,
  questions: readonly string[],
  names: readonly number[] | undefined,
): Promise<readonly Answer[]> {
  const run = (lines: readonly string[]): Promise<Output> =>
    context.machine.run(
      { host: namespace.host, namespace: namespace.id },
      {
        argv: IP,
        stdin: `${lines.join('\n')}\n`,
        ...(names === undefined ? {} : { names }),
        ...(context.signal ? { signal: context.signal } : {}),
      },
    );
  const output = await run(questions);
  const lines = output.stdout.split('\n').filter(Boolean);
  if (output.exitCode === 0 && lines.length === questions.length)
    return lines.map((line) => parseObjects(line) ?? damaged('answers', 'ip'));
  if (output.problem !== undefined || questions.length === 1) {
    const refused = refusal(output, 'interfaces and routes', 'ip') ?? parseObjects(output.stdout);
    return questions.map(() => refused ?? damaged('interfaces and routes', 'ip'));
  }
  return (await Promise.all(questions.map((one) => ask(context, namespace, [one], names)))).flat();
}

/** No rules where the kernel has no IPv6. */
async function rulesOfFamily6(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<readonly JsonObject[]> {
  const output = await context.machine.run(
    { host: namespace.host, namespace: namespace.id },
    {
      argv: ['ip', '-6', '-details', '-json', 'rule', 'show'],
      ...(context.signal ? { signal: context.signal } : {}),
    },
  );
  return parseObjects(output.stdout) ?? [];
}

/** Translates by what `ip netns list-id` said. */
function resolver(ids: Answer, names: NamespaceNames): ResolveNamespaceId {
  const byNumber = new Map<number, string>();
  if (!('state' in ids))
    for (const record of ids) {
      const [nsid, name] = [numberField(record, 'nsid'), stringField(record, 'name')];
      if (nsid !== undefined && name !== undefined) byNumber.set(nsid, name);
    }
  return (nsid) => {
    const name = byNumber.get(nsid);
    return name === undefined ? null : names.namespaceOf(name);
  };
}

/** Bridges' and tunnels' forwarding tables. */
export async function readFdb(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const output = await context.machine.run(
    { host: namespace.host, namespace: namespace.id },
    { argv: ['bridge', '-json', 'fdb', 'show'], ...(context.signal ? { signal: context.signal } : {}) },
  );
  const refused = refusal(output, 'forwarding tables of bridges', 'bridge');
  if (refused) return { fdb: refused };
  const records = parseObjects(output.stdout);
  return { fdb: records ? known(parseFdb(records)) : damaged('forwarding tables of bridges', 'bridge') };
}
