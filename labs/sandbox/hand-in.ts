import { existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  cp,
  lchown,
  lstat,
  mkdir,
  readdir,
  realpath,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { IdMap } from './id-map.ts';
import type { SandboxOptions } from './options.ts';
import { INSIDE } from './scripts.ts';

/** Root of the sandbox owns what is handed in; for a shifted map the program has to be copied to where that root can read. */
export async function prepareDirectory(
  directory: string,
  options: SandboxOptions,
  map: IdMap,
): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  await mkdir(join(directory, 'app'));
  const copies = Object.entries(options.files).map(async ([key, text]) => {
    await mkdir(dirname(join(directory, key)), { recursive: true });
    await writeFile(join(directory, key), text);
  });
  if (map.by === 'kernel')
    copies.push(
      cp(options.app, join(directory, 'app'), { recursive: true, filter: (file) => !file.endsWith('.map') }),
    );
  // Where the program looks for the library that makes its system calls, from its own place inside; without, it starts tools.
  const library = join(options.app, '..', 'build');
  if (existsSync(library)) copies.push(cp(library, join(directory, 'build'), { recursive: true }));
  await Promise.all(copies);
  const root = map.users[0]?.outside;
  if (map.by === 'kernel' && root !== undefined) {
    await giveAway(directory, root, map.groups[0]?.outside ?? root);
    await chmod(directory, 0o700);
  }
}

/** A copy keeps its modes, and those of a clone made with umask 077 let only the owner read: so the owner is the one who reads. */
async function giveAway(path: string, uid: number, gid: number): Promise<void> {
  await lchown(path, uid, gid);
  if (!(await lstat(path)).isDirectory()) return;
  await Promise.all((await readdir(path)).map((name) => giveAway(join(path, name), uid, gid)));
}

/**
 * The program itself (Node) may lie in a home directory that a shifted root cannot enter, or where the sandbox has a /tmp or
 * /run of its own: then it is handed in too.
 */
export async function reachableCommand(
  command: readonly string[],
  directory: string,
  map: IdMap,
): Promise<readonly string[]> {
  const [file = '', ...rest] = command;
  const real = await realpath(file);
  const hidden = /^\/(tmp|run)\//.test(real);
  if (!hidden && (map.by !== 'kernel' || (await isOpenToAll(real)))) return command;
  await copyFile(real, join(directory, 'node'));
  await chmod(join(directory, 'node'), 0o755);
  return [`${INSIDE}/node`, ...rest];
}

async function isOpenToAll(path: string): Promise<boolean> {
  for (let here = await realpath(path); here !== '/'; here = dirname(here))
    if (((await stat(here)).mode & 0o001) === 0) return false;
  return true;
}
