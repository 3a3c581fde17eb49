import { execa } from 'execa';

/** Milliseconds of several runs, and the median: a machine that does other work too makes single figures useless. */
export interface Timing {
  readonly name: string;
  readonly milliseconds: readonly number[];
  readonly median: number;
}

export const timing = (name: string, milliseconds: readonly number[]): Timing => {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return { name, milliseconds, median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
};

/** Nobody waits longer for one figure than it needs: what takes as long as this is run once. */
const PATIENCE_MILLISECONDS = 6000;

/** Runs `work` once to warm up and then `runs` times, or as often as patience lasts. Says what it is at. */
export async function time(name: string, runs: number, work: () => Promise<unknown>): Promise<Timing> {
  console.error(`  … ${name.trim()}`);
  const once = async (): Promise<number> => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const cold = await once();
  const milliseconds: number[] = [];
  let spent = cold;
  while (milliseconds.length < runs && spent < PATIENCE_MILLISECONDS) {
    const last = await once();
    milliseconds.push(last);
    spent += last;
  }
  return timing(name, milliseconds.length > 0 ? milliseconds : [cold]);
}

/**
 * The same for works that are compared with one another: turn by turn, so that what else the machine does slows all of them. Each
 * warms up by itself.
 */
export async function timeInTurn(
  runs: number,
  works: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<readonly Timing[]> {
  const turns: (readonly Timing[])[] = [];
  for (let turn = 0; turn < runs; turn++) {
    const round: Timing[] = [];
    for (const [name, work] of Object.entries(works)) round.push(await time(name, 1, work));
    turns.push(round);
  }
  return Object.keys(works).map((name, at) =>
    timing(
      name,
      turns.flatMap((round) => round[at]?.milliseconds ?? []),
    ),
  );
}

/** What a command said of itself in each run but the first, where there were more. */
export const warm = <T>(said: readonly T[]): readonly T[] => (said.length > 1 ? said.slice(1) : said);

/** A command as a whole process; any exit status counts, a command that cannot start throws. */
export const command =
  (file: string, ...args: readonly string[]) =>
  async (): Promise<string> => {
    const { stdout, exitCode, code } = await execa(file, args, { reject: false, stdin: 'ignore' });
    if (exitCode === undefined) throw new Error(`${file} could not be run: ${code ?? 'unknown reason'}`);
    return stdout;
  };

/** A table for people: each row's median, its spread, and its ratio to the first row. */
export function table(title: string, timings: readonly Timing[]): string {
  const base = timings[0]?.median ?? Number.NaN;
  const width = Math.max(...timings.map((row) => row.name.length));
  const rows = timings.map((row) => {
    const spread = `${Math.min(...row.milliseconds).toFixed(0)}–${Math.max(...row.milliseconds).toFixed(0)}`;
    return `  ${row.name.padEnd(width)}  ${row.median.toFixed(1).padStart(8)} ms  (${spread})  × ${(row.median / base).toFixed(2)}`;
  });
  return [title, ...rows].join('\n');
}
