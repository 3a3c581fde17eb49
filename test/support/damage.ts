import type { Command, Machine, Output, Place } from '../../diagnostics/host/machine.ts';
import { parseJson } from '../../diagnostics/host/external-json.ts';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;
type Node = Record<string, unknown>;
/** Null: there is nothing of the kind to damage. */
type Damage = (output: Output, random: Random) => Output | null;

const pick = <T>(list: readonly T[], random: Random): T | undefined =>
  list[Math.floor(random() * list.length)];

const placesIn = (value: unknown): readonly (readonly [Node, string])[] =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).flatMap((key) => [[value as Node, key] as const, ...placesIn((value as Node)[key])])
    : [];

/** Of another type than anything is there, or beyond any number. */
const ODD: readonly unknown[] = [null, [], {}, [[]], -1, 1.5, 1e308, 2 ** 53];

/** Changes one member of the whole answer, or of one of its lines, which is JSON. */
function inJson(text: string, random: Random, change: (parent: Node, key: string) => void): string | null {
  const lines = text.split('\n');
  const whole = parseJson(text);
  const at = pick(
    lines.flatMap((line, index) => (line.startsWith('[{') ? [index] : [])),
    random,
  );
  const root = whole ?? (at === undefined ? undefined : parseJson(lines[at] ?? ''));
  const [parent, key] = pick(placesIn(root), random) ?? [];
  if (parent === undefined || key === undefined) return null;
  change(parent, key);
  const changed = JSON.stringify(root);
  return whole === undefined
    ? lines.map((line, index) => (index === at ? changed : line)).join('\n')
    : changed;
}

const cut = (text: string, random: Random): string => {
  const kept = text.slice(0, Math.floor(random() * text.length));
  // A whole line less is a shorter list, and nobody can see that.
  return kept.endsWith('\n') ? kept.slice(0, -1) : kept;
};

const inText =
  (change: (text: string, random: Random) => string | null): Damage =>
  (output, random) => {
    const stdout = change(output.stdout, random);
    return stdout === null || stdout === output.stdout ? null : { ...output, stdout };
  };

const failed = (output: Output, exitCode: number, stdout: string): Output => ({
  ...output,
  exitCode,
  stdout,
  stderr: exitCode === 1 ? 'something broke' : '',
});
const KILLED = 137;

/** What may become of a tool's answer, so that it can be told from a right one. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'cut short': inText(cut),
  'no text': inText((text, random) => {
    const at = Math.floor(random() * text.length);
    return `${text.slice(0, at)}\u0000\ufffd\ufffd${text.slice(at + 2)}`;
  }),
  'of another type': inText((text, random) =>
    inJson(text, random, (parent, key) => (parent[key] = pick(ODD, random))),
  ),
  'a number beyond reason': inText((text, random) => {
    const found = pick([...text.matchAll(/(?<=[\s":,])\d+(?=[\s",}])/g)], random);
    return found
      ? `${text.slice(0, found.index)}99999999999999999999${text.slice(found.index + found[0].length)}`
      : null;
  }),
  'exit status 1': (output) => failed(output, 1, ''),
  'killed at once': (output) => failed(output, KILLED, ''),
  'killed halfway': (output, random) => failed(output, KILLED, cut(output.stdout, random)),
};

/** Tools that answer what they answered before, but for one, which is damaged. */
export interface RecordedTools {
  readonly machine: Machine;
  /** What was asked so far and answered with something. */
  asked(): readonly string[];
  /** Damages one answer from now on; null: none. Whether it is asked for is told by `met()`. */
  damage(question: string | null, change?: (output: Output) => Output): void;
  met(): boolean;
}

/** Only commands answer: this process enters nothing itself. */
export function recordTools(real: Machine): RecordedTools {
  const answers = new Map<string, Output>();
  let damaged: string | null = null;
  let result: Output | null = null;
  let change = (output: Output): Output => output;
  let met = false;
  const key = (place: Place, { argv, stdin }: Pick<Command, 'argv' | 'stdin'>): string =>
    JSON.stringify([place, argv, stdin]);
  const told = (question: string): Output => {
    const output = answers.get(question);
    if (!output) throw new Error(`${question} was not asked`);
    if (question !== damaged) return output;
    met = true;
    return (result ??= change(output));
  };
  return {
    machine: {
      ...real,
      within: () => Promise.resolve(null),
      async run(place, command) {
        const question = key(place, command);
        if (!answers.has(question)) answers.set(question, await real.run(place, command));
        return told(question);
      },
      async runAll(batch) {
        const questions = batch.commands.map((command) => key(command.place, command));
        if (questions.some((question) => !answers.has(question))) {
          const outputs = await real.runAll(batch);
          outputs.forEach((output, at) => answers.set(questions[at] ?? '', output));
        }
        return questions.map(told);
      },
    },
    asked: () => [...answers].filter(([, { stdout }]) => stdout !== '').map(([question]) => question),
    damage(question, how = (output) => output) {
      damaged = question;
      change = how;
      result = null;
      met = false;
    },
    met: () => met,
  };
}
