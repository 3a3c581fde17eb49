import { randomUUID } from 'node:crypto';
import type { Command, Output } from './machine.ts';
import { withEnterProblem } from './run-command.ts';

/** A command, and the words that bring it to its place. */
export interface Scripted extends Pick<Command, 'argv' | 'stdin'> {
  readonly enter: readonly string[];
}

/** One process that runs several commands, and the way to tell their answers apart. */
export interface Script {
  readonly argv: readonly string[];
  answers(output: Output): readonly Output[];
}

/**
 * `$1` is a word that nobody could have written into an answer before: with the command's label it ends each one, on both
 * outputs. A command runs beside the shell, so that ending the shell ends it; a shell is told (TERM), so that it ends its own.
 */
const BEGINNING = `
end=$1
trap 'kill -"$how" "$child" 2>/dev/null; wait "$child"; exit 143' TERM
finish() { wait "$child"; status=$?; printf '\\n%s %s %s\\n' "$end" "$1" "$status"; printf '\\n%s %s %s\\n' "$end" "$1" "$status" >&2; }
`;

interface Line {
  readonly label: string;
  readonly argv: readonly string[];
  readonly stdin: string | undefined;
  readonly how: 'KILL' | 'TERM';
}

/** Commands of one place follow one another in a shell that is brought there once: bringing costs as much as many a command. */
export function scriptOf(commands: readonly Scripted[]): Script {
  const end = randomUUID();
  const places = new Map<string, { readonly enter: readonly string[]; readonly lines: Line[] }>();
  const placeOf: string[] = [];
  commands.forEach(({ enter, argv, stdin }, index) => {
    const key = enter.join('\0');
    const place = places.get(key) ?? { enter, lines: [] };
    place.lines.push({ label: String(index), argv, stdin, how: 'KILL' });
    places.set(key, place);
    placeOf.push(key);
  });
  const keys = [...places.keys()];
  const labelOf = (key: string): string => `place${keys.indexOf(key)}`;
  const lines = [...places].map(([key, place]): Line => {
    const [only] = place.lines;
    if (only && place.lines.length === 1) return { ...only, argv: [...place.enter, ...only.argv] };
    return {
      label: labelOf(key),
      argv: [...place.enter, ...shellArgv(place.lines, end)],
      stdin: undefined,
      how: 'TERM',
    };
  });
  const [only] = lines;
  return {
    argv: only?.how === 'TERM' && lines.length === 1 ? only.argv : shellArgv(lines, end),
    answers: (output) => {
      const stdout = split(output.stdout, end);
      const stderr = split(output.stderr, end);
      return commands.map((_, index) => {
        // Where the place could not be entered, that is the answer to all that was to be asked there.
        const labels = [String(index), labelOf(placeOf[index] ?? '')];
        const label = labels.find((one) => stdout.has(one)) ?? '';
        return answer(output, stdout.get(label), stderr.get(label));
      });
    },
  };
}

/** The text has only positions: all words of the commands are parameters, so that none of them becomes shell text. */
function shellArgv(lines: readonly Line[], end: string): readonly string[] {
  const words: string[] = [end];
  const add = (word: string): string => `"\${${words.push(word)}}"`;
  const text = lines.map(({ label, argv, stdin, how }) => {
    const input = stdin === undefined ? '' : `printf %s ${add(stdin)} | `;
    const command = argv.map(add).join(' ');
    return `how=${how}; ${input}${command} ${stdin === undefined ? '</dev/null ' : ''}& child=$!; finish ${label}`;
  });
  return ['sh', '-c', BEGINNING + text.join('\n'), 'sh', ...words];
}

interface Part {
  readonly text: string;
  readonly exitCode: number;
}

/** By label. */
function split(text: string, end: string): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>();
  const pattern = new RegExp(`\\n${end} (\\w+) (\\d+)\\n`, 'g');
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, label = '', status] = match;
    parts.set(label, { text: text.slice(from, match.index), exitCode: Number(status) });
    from = match.index + whole.length;
  }
  return parts;
}

const NOT_FOUND = 127;

/** A command that did not end has no answer of its own: what became of the script is its answer. */
function answer(whole: Output, stdout: Part | undefined, stderr: Part | undefined): Output {
  if (!stdout) return { ...whole, stdout: '', exitCode: whole.exitCode === 0 ? null : whole.exitCode };
  const said = { exitCode: stdout.exitCode, stdout: stdout.text, stderr: stderr?.text ?? '' };
  return stdout.exitCode === NOT_FOUND && said.stdout === ''
    ? { ...said, problem: 'missing-tool' }
    : withEnterProblem(said);
}
