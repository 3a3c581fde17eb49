import { chmod, cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Puts the command line tool, which prepare.ts has built, and the catalogue where every user can read them; the directory. */
export async function installed(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hoplab-dist-'));
  await chmod(directory, 0o755);
  await cp('dist/cli', join(directory, 'cli'), { recursive: true });
  for (const labs of ['catalog', 'demo'])
    await cp(`labs/${labs}`, join(directory, labs), { recursive: true });
  return directory;
}
