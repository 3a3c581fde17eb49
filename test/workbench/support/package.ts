import { execa } from 'execa';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Builds and packs the extension as users get it; the path of the .vsix. */
export async function packageExtension(directory: string): Promise<string> {
  const file = join(directory, 'hoplab.vsix');
  await execa('node', ['.ci/package.mjs', file], { cwd: root });
  return file;
}
