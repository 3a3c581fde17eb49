import { parseJson } from '../host/external-json.ts';
import type { Machine, Output, Place } from '../host/machine.ts';
import { surroundingsInside } from './surroundings.ts';
import { ownSurroundings, type Talk } from './talk.ts';

/** What a talk reported, or a sentence on why there was none. */
export type Said = { readonly report: unknown } | { readonly notRun: string };

export interface Patience {
  /** The talk reports within it. */
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
  /** It binds sockets to an interface, which Node itself cannot. */
  readonly binds?: boolean;
}

/** For a process to start, and for what is slow on a busy machine, beyond what the talk takes. */
const START_MILLISECONDS = 4000;

/** Holds a talk in a namespace: by sockets that are made inside it, or by a process there where this one may not go inside. */
export async function runTalk<Question>(
  machine: Machine,
  place: Place,
  talk: Talk<Question>,
  question: Question,
  patience: Patience,
): Promise<Said> {
  if (patience.signal?.aborted === true) return CANCELLED;
  const inside = hasZone(question) ? null : await surroundingsInside(machine, place);
  if (inside === null && patience.binds === true) return { notRun: NO_BINDING };
  if (inside === null) return talkThere(machine, place, talk, question, patience);
  const { timeoutMilliseconds, signal } = patience;
  try {
    return await new Promise<Said>((resolve) => {
      const cancel = (): void => resolve(CANCELLED);
      signal?.addEventListener('abort', cancel, { once: true });
      inside.after(timeoutMilliseconds + START_MILLISECONDS, () => resolve({ notRun: LATE }));
      talk(inside, question, (report) => {
        signal?.removeEventListener('abort', cancel);
        resolve({ report });
      }).catch(() => resolve({ notRun: failedBy('node') }));
    });
  } finally {
    inside.close();
  }
}

/** An address with an interface (`fe80::1%eth0`): Node looks the interface up where its thread is, which is not inside. */
const hasZone = (question: unknown): boolean => JSON.stringify(question).includes('%');

/**
 * The program of the process: the talk's text, and its question as data. A thread's network namespace is for good what it was when
 * the thread pool began, so it is a process that is brought there. Functions are text here: a bundle must not add to them (keepNames).
 */
const programOf = (talk: (...words: never[]) => unknown): string => `
let say = (report) => {
  say = () => {};
  process.stdout.write(JSON.stringify(report) + '\\n', () => process.exit(0));
};
const surroundings = (${String(ownSurroundings)})(require('node:net'), require('node:dgram'));
(${String(talk)})(surroundings, JSON.parse(process.argv[1]), (report) => say(report));
`;

async function talkThere<Question>(
  machine: Machine,
  place: Place,
  talk: Talk<Question>,
  question: Question,
  { timeoutMilliseconds, signal }: Patience,
): Promise<Said> {
  const output = await machine.run(place, {
    argv: [process.execPath, '-e', programOf(talk), '--', JSON.stringify(question)],
    // In an editor's extension host the executable is Electron; and its debugger's options are not for this child.
    env: { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    timeoutMilliseconds: timeoutMilliseconds + START_MILLISECONDS,
    ...(signal ? { signal } : {}),
  });
  return output.problem === undefined && output.exitCode === 0
    ? { report: parseJson(output.stdout) }
    : { notRun: whyNotRun(output) };
}

const LATE = 'The probe did not end in time.';
const NO_BINDING = 'No probe was made, because a socket can be bound to an interface only from inside.';
const CANCELLED = { notRun: 'The probe was cancelled.' };

const failedBy = (tool: string): string => `No probe was made, because ${tool} failed.`;

/** A sentence on a probe that could not be made. */
export function whyNotRun(output: Output, tool = 'node'): string {
  switch (output.problem) {
    case 'missing-tool':
      return `No probe was made, because ${tool} is not installed.`;
    case 'namespace-gone':
      return 'No probe was made, because the network namespace is gone.';
    case 'not-permitted':
      return 'No probe was made, because only an administrator may enter this network namespace: run the same with sudo.';
    case 'cancelled':
      return CANCELLED.notRun;
    case 'timeout':
      return LATE;
    default:
      return failedBy(tool);
  }
}
