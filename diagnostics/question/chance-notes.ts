import { answered } from './chance-ways.ts';
import type { Way, WayProbes } from './judge-way.ts';
import type { Note } from './notes.ts';

/** That chance decides, once for each question that it decides about. */
export function chanceNotes(ways: readonly Way[], probes: readonly WayProbes[]): readonly Note[] {
  const told = new Set<unknown>();
  return ways.flatMap(({ start, chance }, index): readonly Note[] => {
    if (!chance || told.has(start)) return [];
    told.add(start);
    const tries = probes[index]?.tries;
    return [
      {
        type: 'chance',
        of: chance.of,
        arriving: chance.arriving,
        tries: tries ? { made: tries.length, answered: answered(tries) } : null,
      },
    ];
  });
}
