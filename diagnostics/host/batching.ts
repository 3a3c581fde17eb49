import { availableParallelism } from 'node:os';
import type { Command, Machine, Output, Place } from './machine.ts';

interface Waiting {
  readonly place: Place;
  readonly command: Command;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

const USUAL_TIMEOUT_MILLISECONDS = 5000;
const LONGEST_TIMEOUT_MILLISECONDS = 60_000;

/** Processes that share what is asked at one time: no more than there are processors for. */
const PARALLEL_PROCESSES = Math.min(4, availableParallelism());

/**
 * The same machine, where commands that are asked at one time are run by a few processes: starting a process costs this one
 * more than many a command costs itself. Commands that need a surrounding of their own are run alone.
 */
export function batching(machine: Machine): Machine {
  let waiting: Waiting[] = [];

  function flush(): void {
    const groups = shareOut(waiting);
    waiting = [];
    for (const group of groups) void runGroup(machine, group);
  }

  return {
    ...machine,
    run(place, command) {
      if (command.env || command.enter === 'host') return machine.run(place, command);
      if (waiting.length === 0) setImmediate(flush);
      return new Promise((resolve, reject) => waiting.push({ place, command, resolve, reject }));
    },
  };
}

/** What is asked of one namespace stays together; the namespaces are dealt out. */
function shareOut(waiting: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const places = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const key = `${one.place.host}\0${one.place.namespace ?? ''}`;
    places.set(key, [...(places.get(key) ?? []), one]);
  }
  const groups: Waiting[][] = [];
  [...places.values()].forEach((asked, index) => {
    (groups[index % PARALLEL_PROCESSES] ??= []).push(...asked);
  });
  return groups;
}

async function runGroup(machine: Machine, group: readonly Waiting[]): Promise<void> {
  try {
    const outputs = await runTogether(machine, group);
    group.forEach(({ resolve, reject }, index) => {
      const output = outputs[index];
      if (output) resolve(output);
      else reject(new Error('a command without an answer'));
    });
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

async function runTogether(machine: Machine, group: readonly Waiting[]): Promise<readonly Output[]> {
  const [only] = group;
  if (only && group.length === 1) return [await machine.run(only.place, only.command)];
  const commands = group.map(({ command }) => command);
  const timeouts = commands.map((command) => command.timeoutMilliseconds ?? USUAL_TIMEOUT_MILLISECONDS);
  const sum = timeouts.reduce((total, timeout) => total + timeout, 0);
  const names = commands.find((command) => command.names !== undefined)?.names;
  const signal = commands.find((command) => command.signal !== undefined)?.signal;
  return machine.runAll({
    commands: group.map(({ place, command }) => ({ place, ...command })),
    timeoutMilliseconds: Math.min(sum, LONGEST_TIMEOUT_MILLISECONDS),
    ...(names === undefined ? {} : { names }),
    ...(signal === undefined ? {} : { signal }),
  });
}
