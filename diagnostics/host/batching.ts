import { availableParallelism } from 'node:os';
import { groupBy } from '../model/remember.ts';
import type { Command, Machine, Output, Place } from './machine.ts';
import { placeKey, sharingVisits } from './shared-visits.ts';

interface Waiting {
  readonly place: Place;
  readonly command: Command;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

const USUAL_TIMEOUT_MILLISECONDS = 5000;
const LONGEST_TIMEOUT_MILLISECONDS = 60_000;
/** Of a tool that did not answer once: it may hang wherever it is asked. */
const LITTLE_PATIENCE_MILLISECONDS = 3000;
/** A tool that hung so often is not asked again: nobody waits for it in each of a hundred namespaces. */
const MOST_TIMEOUTS = 3;
/** More than a command takes that does not hang. */
const NEXT_IN_TURN_MILLISECONDS = 500;

/** Processes that share what is asked at one time: no more than there are processors for. */
const PARALLEL_PROCESSES = Math.min(4, availableParallelism());
const MOST_SLOW_ALONE = 2 * PARALLEL_PROCESSES;

/** Tools that did not answer in time, and how often. */
export type Hung = Map<string, number>;

const LATE: Output = { exitCode: null, stdout: '', stderr: '', problem: 'timeout' };

/**
 * The same machine, where commands that are asked at one time are run by a few processes: starting a process costs this one
 * more than many a command costs itself. Commands that need a surrounding of their own are run alone.
 *
 * @param hung what was found out of tools, for whoever asks next
 */
export function batching(machine: Machine, hung: Hung): Machine {
  let waiting: Waiting[] = [];

  const visits = sharingVisits(machine);

  async function flush(): Promise<void> {
    // What is seen on a visit tells what else is to be asked.
    await visits.done();
    await new Promise((resolve) => setImmediate(resolve));
    // What may hang again keeps nobody else waiting.
    const suspect = waiting.filter(({ command }) => hung.has(command.argv[0] ?? ''));
    const groups = [
      ...shareOut(waiting.filter((one) => !suspect.includes(one))),
      ...groupBy(suspect, ({ command }) => command.argv[0]).values(),
    ];
    waiting = [];
    for (const group of groups) void runGroup(group);
  }

  const patience = ({
    argv: [tool = ''],
    timeoutMilliseconds = USUAL_TIMEOUT_MILLISECONDS,
  }: Command): number =>
    hung.has(tool) ? Math.min(timeoutMilliseconds, LITTLE_PATIENCE_MILLISECONDS) : timeoutMilliseconds;

  async function runAlone(place: Place, command: Command): Promise<Output> {
    const output = await machine.run(place, { ...command, timeoutMilliseconds: patience(command) });
    if (output.problem === 'timeout') strike(command.argv[0] ?? '');
    return output;
  }

  const strike = (tool: string): unknown => hung.set(tool, (hung.get(tool) ?? 0) + 1);
  const isGivenUp = ({ argv: [tool = ''] }: Command): boolean => (hung.get(tool) ?? 0) >= MOST_TIMEOUTS;

  async function runGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const outputs = await runTogether(group);
      group.forEach(({ resolve, reject }, index) => {
        const output = outputs[index];
        if (output) resolve(output);
        else reject(new Error('a command without an answer'));
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async function runTogether(group: readonly Waiting[]): Promise<readonly Output[]> {
    const unlike = [...new Map(group.map((one) => [questionOf(one), one])).values()];
    if (unlike.length < group.length) {
      const outputs = await runTogether(unlike);
      const answers = new Map(unlike.map((one, index) => [questionOf(one), outputs[index]]));
      return group.flatMap((one) => answers.get(questionOf(one)) ?? []);
    }
    const [only] = group;
    if (only && group.length === 1) return [await runAlone(only.place, only.command)];
    const commands = group.map(({ command }) => command);
    const longest = Math.max(...commands.map(patience));
    const time = longest + (commands.length - 1) * NEXT_IN_TURN_MILLISECONDS;
    const names = namesOf(group);
    const signal = commands.find((command) => command.signal !== undefined)?.signal;
    const outputs = await machine.runAll({
      commands: group.map(({ place, command }) => ({ place, ...command })),
      timeoutMilliseconds: Math.min(time, LONGEST_TIMEOUT_MILLISECONDS),
      ...(names === undefined ? {} : { names }),
      ...(signal === undefined ? {} : { signal }),
      slow: commands.some(({ slow }) => slow),
    });
    const late = outputs.findIndex(({ problem }) => problem === 'timeout');
    if (late < 0) return outputs;
    // They ran one after another: those behind it have not been asked.
    const tool = commands[late]?.argv[0] ?? '';
    strike(tool);
    const others = group.filter(({ command }, index) => index > late && command.argv[0] !== tool);
    const answers = others.length === 0 ? [] : await runTogether(others);
    return group.map((one, index): Output => {
      const answered = answers[others.indexOf(one)] ?? outputs[index];
      return answered ?? LATE;
    });
  }

  return {
    ...machine,
    within: visits.within,
    run(place, command) {
      if (isGivenUp(command)) return Promise.resolve(LATE);
      if (command.env || command.enter === 'host') return runAlone(place, command);
      if (waiting.length === 0) void flush();
      return new Promise((resolve, reject) => waiting.push({ place, command, resolve, reject }));
    },
  };
}

/**
 * What is asked of one namespace stays together; the namespaces are dealt out. Slow commands are dealt out one by one, unless there
 * are so many that all processes have some anyway: to come to a namespace once more costs something too.
 */
function shareOut(waiting: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const slow = waiting.filter(({ command }) => command.slow);
  const alone = slow.length <= MOST_SLOW_ALONE ? slow : [];
  const places = groupBy(
    waiting.filter((one) => !alone.includes(one)),
    ({ place }) => placeKey(place),
  );
  return [...groupBy([...alone.map((one) => [one]), ...places.values()], namesOf).values()].flatMap(dealOut);
}

/** One process is shown one set of names. */
const namesOf = (group: readonly Waiting[]): Command['names'] =>
  group.find(({ command }) => command.names !== undefined)?.command.names;

function dealOut(asked: readonly (readonly Waiting[])[]): readonly (readonly Waiting[])[] {
  const groups: Waiting[][] = [];
  asked.forEach((one, index) => {
    (groups[dealt(index)] ??= []).push(...one);
  });
  // In the order in which they will run: what is asked of one place runs together.
  return groups.map((group) => [...groupBy(group, ({ place }) => placeKey(place)).values()].flat());
}

/** There and back again: what is asked first takes longest. */
const dealt = (index: number): number => {
  const turn = index % (2 * PARALLEL_PROCESSES);
  return Math.min(turn, 2 * PARALLEL_PROCESSES - 1 - turn);
};

/** Several facts may come of the same answer: it is asked for once. */
const questionOf = ({ place, command: { argv, stdin } }: Waiting): string =>
  JSON.stringify([place.host, place.namespace, argv, stdin]);
