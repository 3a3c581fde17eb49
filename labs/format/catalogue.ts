import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadLab, type LoadedLab } from './load.ts';

/** A lab, and the directory that it was read from. */
export interface CatalogueEntry {
  readonly directory: string;
  readonly loaded: LoadedLab;
}

/** All labs of a catalogue, in the order of their numbers. @throws LabFileError */
export async function readCatalogue(directory: string): Promise<readonly CatalogueEntry[]> {
  const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const entries = await Promise.all(
    names.map(async ({ name }) => ({
      directory: join(directory, name),
      loaded: await loadLab(join(directory, name)),
    })),
  );
  return entries.sort((a, b) => a.loaded.lab.number - b.loaded.lab.number);
}
