import type { FoundNamespace, Output } from '../host/machine.ts';
import type { Visit } from '../host/native/visit.ts';
import { absent, known } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { Queue, TrafficControl, TrafficFilter } from '../model/traffic-control.ts';
import { hasBpftool, parseAttachedPrograms, PROGRAMS_COMMAND } from './attached-programs.ts';
import {
  numberField,
  objectField,
  objects,
  optional,
  stringField,
  type JsonObject,
} from '../host/external-json.ts';
import { hasAttachedPrograms } from './native/attached-to-devices.ts';
import { readQueueKinds } from './native/queue-kinds.ts';
import { parseTcObjects, parseTrafficFilters } from './traffic-filters.ts';
import { damaged, refusal, runIn, type ReadContext } from './read-context.ts';
import { areWhole } from './record-shapes.ts';

/** Queues that interfaces have by themselves: they throw away only what comes too fast. */
const ORDINARY = new Set(['noqueue', 'pfifo_fast', 'mq', 'fq_codel', 'fq', 'fq_pie', 'cake', 'sfq', 'codel']);

/** Places where filters wait, and no queue. */
const HOOKS = new Set(['ingress', 'clsact']);

/** Queues that filters share out. */
const CLASSFUL = new Set(['htb', 'hfsc', 'prio', 'drr', 'qfq', 'ets', 'cbq', 'multiq', 'dsmark', 'atm']);

/** Queueing disciplines, filters and programs at interfaces (tc(8)): those that can throw away or send elsewhere. */
export async function readTrafficControl(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Pick<NamespaceFacts, 'trafficControl'>> {
  const run = (argv: readonly string[], stdin?: string): Promise<Output> =>
    runIn(context, namespace, argv, stdin === undefined ? {} : { stdin });
  const place = { host: namespace.host, namespace: namespace.id };
  const own = await context.machine.within(place, lookAround);
  if (own?.value.ordinary === true && own.value.attached === false) return { trafficControl: known([]) };
  const [listed, programs] = await Promise.all([
    run(['tc', '-json', 'qdisc', 'show']),
    own?.value.attached === false
      ? null
      : hasBpftool(context, namespace).then((has) => (has ? run(PROGRAMS_COMMAND) : null)),
  ]);
  // Some distributions pack it apart: nobody could have made anything out of the ordinary with it there.
  if (listed.problem === 'missing-tool') return { trafficControl: absent };
  const refused = refusal(listed, 'queues of interfaces', 'tc');
  if (refused) return { trafficControl: refused };
  const records = parseTcObjects(listed.stdout);
  if (!records || !areWhole(records, 'queues'))
    return { trafficControl: damaged('queues of interfaces', 'tc') };
  const asked = filterQuestions(records);
  const answers = asked.length === 0 ? [] : await askFilters(run, asked);
  const attached = parseAttachedPrograms(programs?.problem === undefined ? (programs?.stdout ?? '') : '');
  return { trafficControl: known(parseTrafficControl(records, answers, attached)) };
}

/** Most interfaces have nothing out of the ordinary, which needs no tool to be seen. */
const lookAround = (visit: Visit) => ({
  ordinary: readQueueKinds(visit)?.every((kind) => ORDINARY.has(kind)),
  attached: hasAttachedPrograms(visit),
});

export interface FilterQuestion {
  readonly dev: string;
  /** Where the filters wait; null: at the queues. */
  readonly at: 'ingress' | 'egress' | null;
}

export interface FilterAnswer extends FilterQuestion {
  readonly records: readonly JsonObject[] | null;
}

/** Which lists of filters are worth reading. */
export function filterQuestions(queues: readonly JsonObject[]): readonly FilterQuestion[] {
  return queues.flatMap((record): FilterQuestion[] => {
    const dev = stringField(record, 'dev');
    const kind = stringField(record, 'kind') ?? '';
    if (dev === undefined) return [];
    if (kind === 'clsact')
      return [
        { dev, at: 'ingress' },
        { dev, at: 'egress' },
      ];
    if (kind === 'ingress') return [{ dev, at: 'ingress' }];
    return CLASSFUL.has(kind) && record['root'] === true ? [{ dev, at: null }] : [];
  });
}

/** All lists by one process; tc(8) prints one a line. */
async function askFilters(
  run: (argv: readonly string[], stdin?: string) => Promise<Output>,
  asked: readonly FilterQuestion[],
): Promise<readonly FilterAnswer[]> {
  const lines = asked.map(({ dev, at }) => `filter show dev ${dev}${at === null ? '' : ` ${at}`}`);
  const output = await run(['tc', '-json', '-batch', '-'], `${lines.join('\n')}\n`);
  const printed = output.stdout.split('\n').filter((line) => line.startsWith('['));
  const whole = output.problem === undefined && output.exitCode === 0 && printed.length === asked.length;
  return asked.map((question, at) => {
    const records = whole ? parseTcObjects(printed[at] ?? '') : null;
    return { ...question, records: records && areWhole(records, 'filters') ? records : null };
  });
}

/** What is out of the ordinary on each interface. */
export function parseTrafficControl(
  queues: readonly JsonObject[],
  answers: readonly FilterAnswer[],
  programs: ReadonlyMap<string, readonly TrafficFilter[]> = new Map(),
): readonly TrafficControl[] {
  const devices = new Set(queues.flatMap((record) => stringField(record, 'dev') ?? []));
  return [...devices].flatMap((dev): TrafficControl[] => {
    const own = queues.filter((record) => stringField(record, 'dev') === dev);
    const odd = own.flatMap(queue).filter(({ kind }) => !HOOKS.has(kind));
    const lists = answers.filter((answer) => answer.dev === dev);
    const filters = lists.some(({ records }) => records === null)
      ? null
      : [
          // sch_handle_ingress(), sch_handle_egress(): before the filters of clsact.
          ...(programs.get(dev) ?? []),
          ...lists.flatMap(({ at, records }) => parseTrafficFilters(records ?? [], at, handleOfRoot(odd))),
        ];
    const ordinary = odd.every(({ kind }) => ORDINARY.has(kind));
    if (ordinary && filters?.length === 0) return [];
    return [{ dev, queues: ordinary ? [] : odd, filters }];
  });
}

const handleOfRoot = (queues: readonly Queue[]): string =>
  queues.find(({ parent }) => parent === null)?.handle ?? '';

function queue(record: JsonObject): Queue[] {
  const kind = stringField(record, 'kind');
  const handle = stringField(record, 'handle') ?? '0:';
  if (kind === undefined) return [];
  const options = objectField(record, 'options');
  const loss = kind === 'netem' ? lossOf(options) : undefined;
  const limit = numberField(options, 'limit');
  const fallback = defaultClass(kind, handle, options);
  return [
    {
      kind,
      handle,
      parent: record['root'] === true ? null : (stringField(record, 'parent') ?? null),
      ...optional('limit', limit),
      ...optional('burst', kind === 'tbf' ? numberField(options, 'burst') : undefined),
      ...optional('loss', loss),
      ...optional('default', fallback),
      words: wordsOf(kind, { limit, loss, options }),
    },
  ];
}

/** `default` of htb is a minor number; of prio the band of what has no special priority. */
function defaultClass(kind: string, handle: string, options: JsonObject): string | undefined {
  if (kind === 'htb') {
    const minor = numberField(options, 'default') ?? 0;
    return minor === 0 ? undefined : `${handle}${minor.toString(16)}`;
  }
  if (kind !== 'prio') return undefined;
  const bands = Array.isArray(options['priomap']) ? (options['priomap'] as readonly unknown[]) : [];
  const [first] = bands;
  return typeof first === 'number' ? `${handle}${(first + 1).toString(16)}` : undefined;
}

/** netem_print_opt() of iproute2's tc/q_netem.c: shares are 0 to 1; a Markov chain hangs on what came before. */
function lossOf(options: JsonObject): number | null | undefined {
  if (options['loss-state'] !== undefined || options['loss-gemodel'] !== undefined) return null;
  return numberField(objectField(options, 'loss-random'), 'loss');
}

/** Only what is known as a whole can be put back as it was. */
function wordsOf(
  kind: string,
  {
    limit,
    loss,
    options,
  }: {
    readonly limit: number | undefined;
    readonly loss: number | null | undefined;
    readonly options: JsonObject;
  },
): string | null {
  switch (kind) {
    case 'blackhole':
      return kind;
    case 'pfifo':
    case 'bfifo':
    case 'pfifo_head_drop':
      return limit === undefined ? kind : `${kind} limit ${limit}`;
    case 'netem': {
      const plain = Object.entries(options).every(
        ([key, value]) => ['limit', 'loss-random', 'ecn', 'gap', 'seed'].includes(key) || isNothing(value),
      );
      if (!plain || loss === null) return null;
      const lost = loss === undefined ? '' : ` loss ${loss * 100}%`;
      return `${kind}${limit === undefined ? '' : ` limit ${limit}`}${lost}`;
    }
    default:
      return null;
  }
}

const isNothing = (value: unknown): boolean =>
  value === false || value === 0 || (objects([value])[0] === undefined && typeof value === 'object');
