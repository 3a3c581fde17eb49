import { randomUUID } from 'node:crypto';
import type { Command, Output } from './machine.ts';
import { withEnterProblem } from './run-command.ts';

/** One process that runs several commands, and the way to tell their answers apart. */
export interface Script {
  readonly argv: readonly string[];
  answers(output: Output): readonly Output[];
}

/**
 * `$1` is a word that nobody could have written into an answer before: it ends each one, on both outputs. A command runs beside
 * the shell, so that ending the shell ends it.
 */
const BEGINNING = `
end=$1
trap 'kill -9 "$child" 2>/dev/null; exit 143' TERM
finish() { wait "$child"; status=$?; printf '\\n%s %s\\n' "$end" "$status"; printf '\\n%s %s\\n' "$end" "$status" >&2; }
`;

/** The text has only positions: all words of the commands are parameters, so that none of them becomes shell text. */
export function scriptOf(commands: readonly Pick<Command, 'argv' | 'stdin'>[]): Script {
  const end = randomUUID();
  const words: string[] = [end];
  const add = (word: string): string => `"\${${words.push(word)}}"`;
  const lines = commands.map(({ argv, stdin }) => {
    const input = stdin === undefined ? '' : `printf %s ${add(stdin)} | `;
    const command = argv.map(add).join(' ');
    return `${input}${command} ${stdin === undefined ? '</dev/null ' : ''}& child=$!; finish`;
  });
  return {
    argv: ['sh', '-c', BEGINNING + lines.join('\n'), 'sh', ...words],
    answers: (output) => {
      const stdout = split(output.stdout, end);
      const stderr = split(output.stderr, end);
      return commands.map((_, index) => answer(output, stdout[index], stderr[index]));
    },
  };
}

interface Part {
  readonly text: string;
  readonly exitCode: number;
}

function split(text: string, end: string): Part[] {
  const parts: Part[] = [];
  const pattern = new RegExp(`\\n${end} (\\d+)\\n`, 'g');
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push({ text: text.slice(from, match.index), exitCode: Number(match[1]) });
    from = match.index + match[0].length;
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
