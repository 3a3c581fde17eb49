import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandError, EXIT } from '../../../cli/exit.ts';
import { writeOwnersFile } from '../../../cli/owners-file.ts';

let directory: string;
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'owners-file-'))));
afterAll(() => rm(directory, { recursive: true }));

const file = (name: string): string => join(directory, name);
const rights = async (name: string): Promise<string> => ((await stat(file(name))).mode & 0o777).toString(8);

test('only its owner may read it, also where one that all could read stood before', async () => {
  await writeFile(file('old'), 'what was there');
  await chmod(file('old'), 0o644);
  await symlink('old', file('link'));
  await writeOwnersFile(file('link'), 'secret');
  await writeOwnersFile(file('new'), 'secret');
  expect([await readFile(file('old'), 'utf8'), await rights('old')]).toEqual(['secret', '600']);
  expect([await readFile(file('new'), 'utf8'), await rights('new')]).toEqual(['secret', '600']);
});

test('where it cannot be written, what was there stays, and nothing lies beside it', async () => {
  await writeFile(file('kept'), 'what was there');
  const before = await readdir(directory);
  const thrown: unknown = await writeOwnersFile(`${file('kept')}/below`, 'x').catch(
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(CommandError);
  expect(thrown).toMatchObject({
    status: EXIT.usage,
    message: expect.stringContaining('a part of its path is a file, and no directory') as unknown,
  });
  expect(await readFile(file('kept'), 'utf8')).toBe('what was there');
  expect(await readdir(directory)).toEqual(before);
});

test('a device is written into', async () => {
  await writeOwnersFile('/dev/null', 'x');
  expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  await expect(writeOwnersFile('/dev/full', 'x')).rejects.toThrow('there is no space left');
});

test('why it could not be written is what is so', async () => {
  const closed = file('closed');
  await mkdir(closed);
  await symlink('loop', file('loop'));
  await chmod(closed, 0o500);
  const refused = (path: string, why: string) =>
    expect(writeOwnersFile(path, 'x')).rejects.toThrow(`could not be written: ${why}`);
  await refused(file('nowhere/x'), 'there is no such directory');
  await refused(directory, 'it is a directory');
  await refused('/proc/x', 'no file can be made in that directory');
  await refused(file('loop/x'), 'its path is a link that leads to itself');
  await refused(file('x'.repeat(300)), 'its name is too long');
  // Root may write anywhere.
  if (process.getuid?.() !== 0) await refused(join(closed, 'x'), 'this user may not write there');
});
