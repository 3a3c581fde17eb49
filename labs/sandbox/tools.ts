import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SandboxError } from './problem.ts';

/** An ordinary user's PATH often lacks the directories of ip, sysctl and newuidmap's relatives. */
export const searchPath = (path: string | undefined = process.env['PATH']): string =>
  [...new Set([...(path ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'])]
    .filter((directory) => directory.startsWith('/'))
    .join(':');

/** A program, and the Debian package that has it. */
export interface NeededTool {
  readonly tool: string;
  readonly debianPackage: string;
}

/** What every sandbox needs. */
const TOOLS: readonly NeededTool[] = [
  { tool: 'unshare', debianPackage: 'util-linux' },
  { tool: 'nsenter', debianPackage: 'util-linux' },
  { tool: 'mount', debianPackage: 'mount' },
  { tool: 'ip', debianPackage: 'iproute2' },
];

/** The file that a command's name leads to, by PATH and the administrator's directories; null: none that may be run. */
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
  const missing = await missingTools(TOOLS);
  if (missing.length === 0) return;
  const command = installCommand(packagesOf(missing));
  throw new SandboxError(
    'missing-tool',
    `A lab needs ${missing.map((entry) => entry.tool).join(', ')}, which this machine does not have.`,
    `Install with: ${command}`,
    command,
  );
}

/** Those of these that are nowhere. */
export async function missingTools(tools: readonly NeededTool[]): Promise<readonly NeededTool[]> {
  const missing = await Promise.all(
    tools.map(async (entry) => ((await findTool(entry.tool)) ? [] : [entry])),
  );
  return missing.flat();
}

/** Each package once. */
export const packagesOf = (tools: readonly NeededTool[]): readonly string[] => [
  ...new Set(tools.map((entry) => entry.debianPackage)),
];

/** The one command that installs them. */
export const installCommand = (packages: readonly string[]): string =>
  `sudo apt-get install ${packages.join(' ')}`;
