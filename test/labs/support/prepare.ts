import { execa } from 'execa';
import { makeOrdinaryUser } from './users.ts';

/** Once before the tests of labs, whose files run side by side: the command line tool is built, and there is an ordinary user. */
export async function setup(): Promise<() => Promise<void>> {
  if (!process.env['HOPLAB_BUILT']) await execa(process.execPath, ['.ci/build.mjs', '--only', 'cli']);
  return makeOrdinaryUser();
}
