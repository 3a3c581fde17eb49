import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { readCatalogue, type CatalogueEntry } from '../../labs/format/catalogue.ts';
import { findInstallation } from '../../labs/session/installation.ts';
import { Refusal } from '../../labs/session/refusal.ts';

export const catalogue = (): Promise<readonly CatalogueEntry[]> =>
  readCatalogue(findInstallation(import.meta.url).catalogue);

/** The directory of a lab by its id, its number, both (`13-a-router`), or as a path. @throws Refusal `unknown` */
export async function directoryOf(wanted: string): Promise<string> {
  if (wanted.includes('/') && existsSync(resolve(wanted, 'lab.yaml'))) return resolve(wanted);
  const entries = await catalogue();
  const found = entries.find(({ directory, loaded }) =>
    [loaded.lab.id, String(loaded.lab.number), basename(directory)].includes(wanted),
  );
  if (found) return found.directory;
  if (wanted.includes('/'))
    throw new Refusal(
      'unknown',
      `There is no lab in ${wanted}: a lab has a file lab.yaml.`,
      `${wanted} 里没有实验：实验要有 lab.yaml 文件。`,
    );
  const ids = entries.map(({ loaded }) => loaded.lab.id).join(', ');
  const named = wanted === '' ? '“”' : wanted;
  throw new Refusal(
    'unknown',
    `There is no lab ${named}; there are ${ids}.`,
    `没有名为 ${named} 的实验，现有 ${ids}。`,
  );
}
