import type { Command, Machine, Output, Place } from './machine.ts';

interface Waiting {
  readonly command: Command;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

const USUAL_TIMEOUT_MILLISECONDS = 5000;

/**
 * The same machine, where commands that are asked of one place at one time are run by one process: starting a process costs
 * this one more than many a command costs itself. Commands that need a surrounding of their own are run alone.
 */
export function batching(machine: Machine): Machine {
  const waiting = new Map<string, { readonly place: Place; readonly queue: Waiting[] }>();

  async function flush(key: string): Promise<void> {
    const entry = waiting.get(key);
    waiting.delete(key);
    if (!entry) return;
    const { place, queue } = entry;
    try {
      const outputs = await runTogether(
        machine,
        place,
        queue.map(({ command }) => command),
      );
      queue.forEach(({ resolve, reject }, index) => {
        const output = outputs[index];
        if (output) resolve(output);
        else reject(new Error('a command without an answer'));
      });
    } catch (error) {
      for (const { reject } of queue) reject(error);
    }
  }

  return {
    ...machine,
    run(place, command) {
      if (command.env || command.enter === 'host') return machine.run(place, command);
      const key = `${place.host}\0${place.namespace ?? ''}`;
      const entry = waiting.get(key) ?? { place, queue: [] };
      if (!waiting.has(key)) {
        waiting.set(key, entry);
        setImmediate(() => void flush(key));
      }
      return new Promise((resolve, reject) => entry.queue.push({ command, resolve, reject }));
    },
  };
}

async function runTogether(
  machine: Machine,
  place: Place,
  commands: readonly Command[],
): Promise<readonly Output[]> {
  const [only] = commands;
  if (only && commands.length === 1) return [await machine.run(place, only)];
  const timeouts = commands.map((command) => command.timeoutMilliseconds ?? USUAL_TIMEOUT_MILLISECONDS);
  const namesDirectory = commands.find((command) => command.namesDirectory !== undefined)?.namesDirectory;
  const signal = commands.find((command) => command.signal !== undefined)?.signal;
  return machine.runAll(place, {
    commands,
    timeoutMilliseconds: timeouts.reduce((sum, timeout) => sum + timeout, 0),
    ...(namesDirectory === undefined ? {} : { namesDirectory }),
    ...(signal === undefined ? {} : { signal }),
  });
}
