import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SandboxError } from './problem.ts';

/** An ordinary user's PATH often lacks the directories of ip, sysctl and newuidmap's relatives. */
export const searchPath = (path: string | undefined = process.env['PATH']): string =>
  [...new Set([...(path ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'])]
    .filter((directory) => directory.startsWith('/'))
    .join(':');

/** What every sandbox needs, and the Debian package that has it. */
const TOOLS: readonly { readonly tool: string; readonly debianPackage: string }[] = [
  { tool: 'unshare', debianPackage: 'util-linux' },
  { tool: 'nsenter', debianPackage: 'util-linux' },
  { tool: 'mount', debianPackage: 'mount' },
  { tool: 'ip', debianPackage: 'iproute2' },
];

export async function findTool(tool: string, path = searchPath()): Promise<string | null> {
  for (const directory of path.split(':')) {
    const file = join(directory, tool);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not here: the next directory.
    }
  }
  return null;
}

/** Throws SandboxError `missing-tool` with the one command that installs what is missing. */
export async function requireTools(): Promise<void> {
  const missing: typeof TOOLS = (
    await Promise.all(TOOLS.map(async (entry) => ((await findTool(entry.tool)) ? [] : [entry])))
  ).flat();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((entry) => entry.debianPackage))];
  throw new SandboxError(
    'missing-tool',
    `A lab needs ${missing.map((entry) => entry.tool).join(', ')}, which this machine does not have.`,
    `Install with: sudo apt-get install ${packages.join(' ')}`,
  );
}
