import type { CommandLine } from '../command-line.ts';
import { say } from '../language.ts';
import { Problem } from '../problem.ts';

/** One lab that can be started. */
export interface CatalogEntry {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly minutes: number;
}

/** The labs of `hoplab lab list --json`. @throws Problem */
export async function readCatalog(commandLine: CommandLine): Promise<readonly CatalogEntry[]> {
  const answer = await commandLine.json(['lab', 'list']);
  if (typeof answer === 'object' && answer !== null && 'labs' in answer && Array.isArray(answer.labs))
    return answer.labs as readonly CatalogEntry[];
  throw new Problem(say('The list of labs could not be read.'), 'show-log');
}
