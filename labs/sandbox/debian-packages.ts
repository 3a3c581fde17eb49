import { findTool } from './tools.ts';

/** A program, and the Debian package that has it. */
export interface NeededTool {
  readonly tool: string;
  readonly debianPackage: string;
}

/** Packages that would provide what is missing of these, each once. */
export async function missingPackages(tools: readonly NeededTool[]): Promise<readonly string[]> {
  const missing = await Promise.all(
    tools.map(async ({ tool, debianPackage }) => ((await findTool(tool)) === null ? [debianPackage] : [])),
  );
  return [...new Set(missing.flat())];
}

/** The one command that installs them. */
export const installCommand = (packages: readonly string[]): string =>
  `sudo apt-get install ${packages.join(' ')}`;
