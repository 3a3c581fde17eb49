import * as z from 'zod';

/**
 * What a learner did, one JSON object a line in events.jsonl, only ever appended: the interface reads it to resume, and a
 * collector for a group may read the same lines.
 */
const eventSchema = z.object({
  /** ISO 8601. */
  time: z.string(),
  lab: z.string(),
  event: z.enum([
    'started',
    'step-done',
    'hint-shown',
    'solution-shown',
    'solution-run',
    'fault-injected',
    'fault-mended',
    'reset',
    'finished',
  ]),
  step: z.string().optional(),
  fault: z.string().optional(),
  /** Of `started`: the values chosen for this learner. */
  vars: z.record(z.string(), z.string()).optional(),
});

export type ProgressEvent = Readonly<z.infer<typeof eventSchema>>;

/** How far a learner is in one lab. */
export interface Progress {
  readonly done: readonly string[];
  readonly hints: Readonly<Record<string, number>>;
  readonly solutions: readonly string[];
  readonly mended: readonly string[];
  readonly vars: Readonly<Record<string, string>>;
}

export const NO_PROGRESS: Progress = { done: [], hints: {}, solutions: [], mended: [], vars: {} };

const without = (list: readonly string[], gone: readonly string[]): readonly string[] =>
  list.filter((entry) => !gone.includes(entry));
const withOne = (list: readonly string[], entry: string | undefined): readonly string[] =>
  entry === undefined || list.includes(entry) ? list : [...list, entry];

/** Progress after one more event. `steps`: the lab's steps in order, for `reset` to one of them. */
export function advance(progress: Progress, event: ProgressEvent, steps: readonly string[]): Progress {
  const of = event.step ?? event.fault ?? '';
  switch (event.event) {
    case 'started':
      return { ...progress, vars: { ...progress.vars, ...event.vars } };
    case 'step-done':
      return { ...progress, done: withOne(progress.done, event.step) };
    case 'hint-shown':
      return { ...progress, hints: { ...progress.hints, [of]: (progress.hints[of] ?? 0) + 1 } };
    case 'solution-shown':
    case 'solution-run':
      return { ...progress, solutions: withOne(progress.solutions, event.step) };
    case 'fault-mended':
      return { ...progress, mended: withOne(progress.mended, event.fault) };
    case 'reset': {
      if (event.step === undefined) return { ...NO_PROGRESS, vars: progress.vars };
      const gone = steps.slice(Math.max(0, steps.indexOf(event.step)));
      return {
        ...progress,
        done: without(progress.done, gone),
        solutions: without(progress.solutions, gone),
        hints: Object.fromEntries(Object.entries(progress.hints).filter(([step]) => !gone.includes(step))),
      };
    }
    case 'fault-injected':
      return { ...progress, hints: { ...progress.hints, [of]: 0 } };
    case 'finished':
      return progress;
  }
}

/** Reads events.jsonl; lines that are no event of ours (half-written, of a later version) are passed over. */
export function readProgress(text: string, lab: string, steps: readonly string[]): Progress {
  let progress = NO_PROGRESS;
  for (const line of text.split('\n')) {
    const event = parseLine(line);
    if (event?.lab === lab) progress = advance(progress, event, steps);
  }
  return progress;
}

function parseLine(line: string): ProgressEvent | null {
  if (line.trim() === '') return null;
  try {
    return eventSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

export const progressSchema = z.object({
  done: z.array(z.string()),
  hints: z.record(z.string(), z.number()),
  solutions: z.array(z.string()),
  mended: z.array(z.string()),
  vars: z.record(z.string(), z.string()),
});
