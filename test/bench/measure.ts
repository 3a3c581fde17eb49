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

/** Runs `work` once to warm up and then `runs` times. */
export async function time(name: string, runs: number, work: () => Promise<unknown>): Promise<Timing> {
  await work();
  const milliseconds: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    await work();
    milliseconds.push(performance.now() - started);
  }
  return timing(name, milliseconds);
}

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
