import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The folder `shared/corpus` beside this repository or beside one of the folders it lies in; null where there is none. */
function findCorpus(): string | null {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const corpus = resolve(folder, 'shared/corpus');
    if (existsSync(corpus)) return corpus;
  }
  return null;
}

/** The files of a folder of the corpus with their text; none where there is no corpus. */
export function corpusFiles(folder: string): readonly { readonly name: string; readonly text: string }[] {
  const corpus = findCorpus();
  if (corpus === null) return [];
  const path = join(corpus, folder);
  return readdirSync(path).map((name) => ({ name, text: readFileSync(join(path, name), 'utf8') }));
}
