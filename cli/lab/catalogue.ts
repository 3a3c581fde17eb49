import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readCatalogue, type CatalogueEntry } from '../../labs/format/catalogue.ts';
import { findInstallation } from '../../labs/session/installation.ts';
import { Refusal } from '../../labs/session/refusal.ts';

export const catalogue = (): Promise<readonly CatalogueEntry[]> =>
  readCatalogue(findInstallation(import.meta.url).catalogue);

/** The directory of a lab by its id, its number, or as a path. @throws Refusal `unknown` */
export async function directoryOf(wanted: string): Promise<string> {
  if (wanted.includes('/') && existsSync(resolve(wanted, 'lab.yaml'))) return resolve(wanted);
  const entries = await catalogue();
  const found = entries.find(
    ({ loaded }) => loaded.lab.id === wanted || String(loaded.lab.number) === wanted,
  );
  if (found) return found.directory;
  const ids = entries.map(({ loaded }) => loaded.lab.id).join(', ');
  throw new Refusal(
    'unknown',
    `There is no lab ${wanted}; there are ${ids}.`,
    `没有名为 ${wanted} 的实验，现有 ${ids}。`,
  );
}
