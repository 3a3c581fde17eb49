import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readCatalogue, type CatalogueEntry } from '../../labs/format/catalogue.ts';
import { findInstallation } from '../../labs/session/installation.ts';
import { Refusal } from '../../labs/session/refusal.ts';

export const catalogue = (): Promise<readonly CatalogueEntry[]> =>
  readCatalogue(findInstallation(import.meta.url).catalogue);

/** The directory of a lab by its id, its number, both (`13-a-router`), or as a path. @throws Refusal `unknown` */
export async function directoryOf(wanted: string): Promise<string> {
  if (wanted.includes('/') && existsSync(resolve(wanted, 'lab.yaml'))) return resolve(wanted);
  const known = await directoryWith(findInstallation(import.meta.url).catalogue, wanted);
  if (known !== null) return known;
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
  const ids = entries.map(({ loaded }) => loaded.lab.id);
  const named = wanted === '' ? '“”' : wanted;
  throw new Refusal(
    'unknown',
    `There is no lab ${named}; there are ${ids.join(', ')}.`,
    `没有名为 ${named} 的实验，现有 ${ids.join('、')}。`,
  );
}

/** The one directory whose lab.yaml says so in a line, without reading what else it says; null where it takes a closer look. */
async function directoryWith(root: string, wanted: string): Promise<string | null> {
  if (!/^[a-z0-9-]+$/.test(wanted)) return null;
  const line = new RegExp(`^(?:id|number): *${wanted} *$`, 'm');
  const names = await readdir(root).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(root, name, 'lab.yaml'), 'utf8').catch(() => null);
      return text !== null && (name === wanted || line.test(text)) ? [join(root, name)] : [];
    }),
  );
  const [only, ...more] = found.flat();
  return more.length === 0 ? (only ?? null) : null;
}
