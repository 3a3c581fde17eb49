import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SandboxError } from '../sandbox/problem.ts';

/** Where the built program lies: what a sandbox runs, and the labs that come with it. */
export interface Installation {
  /** The directory of the bundled command line tool. */
  readonly program: string;
  readonly catalogue: string;
  /** The labs that `hoplab demo` plays. */
  readonly demo: string;
}

const TOOL = 'hoplab.mjs';

/**
 * Finds `dist` from a file of ours, bundled or not. HOPLAB_DIST names another (tests build one of their own).
 * @throws SandboxError `not-installed`
 */
export function findInstallation(moduleUrl: string): Installation {
  const chosen = process.env['HOPLAB_DIST'];
  const candidates = chosen ? [chosen] : above(dirname(fileURLToPath(moduleUrl)));
  const dist = candidates.find((candidate) => existsSync(join(candidate, 'cli', TOOL)));
  if (dist === undefined)
    throw new SandboxError(
      'not-installed',
      'The built program, which a lab runs in its sandbox, is not there.',
      'Run: npm run build',
    );
  return { program: join(dist, 'cli'), catalogue: join(dist, 'catalog'), demo: join(dist, 'demo') };
}

/** A directory and its `dist`, and the same of each directory above it. */
function above(directory: string): readonly string[] {
  const parent = dirname(directory);
  return [directory, join(directory, 'dist'), ...(parent === directory ? [] : above(parent))];
}
