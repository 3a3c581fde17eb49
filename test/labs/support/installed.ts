import { execa } from 'execa';
import { chmod, cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Builds the command line tool, and puts it and the catalogue where every user can read them; the directory. */
export async function installed(): Promise<string> {
  await execa(process.execPath, ['.ci/build.mjs', '--only', 'cli']);
  const directory = await mkdtemp(join(tmpdir(), 'hoplab-dist-'));
  await chmod(directory, 0o755);
  await cp('dist/cli', join(directory, 'cli'), { recursive: true });
  for (const labs of ['catalog', 'demo'])
    await cp(`labs/${labs}`, join(directory, labs), { recursive: true });
  return directory;
}
