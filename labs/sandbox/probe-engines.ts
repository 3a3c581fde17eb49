import { open } from 'node:fs/promises';
import { findTool, missingTools, packagesOf, type NeededTool } from './tools.ts';
import { planIdMap } from './user-namespace.ts';

/** What keeps container engines from running in sandboxes; nothing is missing where both are empty and true. */
export interface EngineProbe {
  /** Debian packages that have to be installed. */
  readonly missing: readonly string[];
  /** Whether this user has ids enough: images hold files of several users. */
  readonly ids: boolean;
}

const TOOLS: readonly NeededTool[] = [
  { tool: 'dockerd', debianPackage: 'docker.io' },
  { tool: 'docker', debianPackage: 'docker.io' },
  { tool: 'iptables', debianPackage: 'iptables' },
];

/** Only an ordinary user needs them; root maps ids without help. */
const ID_TOOLS: readonly NeededTool[] = [
  { tool: 'newuidmap', debianPackage: 'uidmap' },
  { tool: 'newgidmap', debianPackage: 'uidmap' },
];

/** Looks for what a Docker engine in a sandbox needs beside the sandbox itself. */
export async function probeEngines(): Promise<EngineProbe> {
  const [tools, idTools, busybox, map] = await Promise.all([
    missingTools(TOOLS),
    process.getuid?.() === 0 ? [] : missingTools(ID_TOOLS),
    findTool('busybox'),
    planIdMap(),
  ]);
  const image = busybox !== null && (await isStatic(busybox)) ? [] : ['busybox-static'];
  return {
    missing: [...packagesOf([...tools, ...idTools]), ...image],
    // Without the tools it cannot be told yet.
    ids: map.by !== 'single' || idTools.length > 0,
  };
}

/** PT_INTERP (elf(5)): the program header that names the dynamic loader. */
const INTERPRETER = 3;

/** Whether a program runs alone in an image: the package `busybox` has one that needs the C library, `busybox-static` does not. */
async function isStatic(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    if (bytesRead < 64 || buffer.toString('latin1', 0, 4) !== '\u007fELF') return false;
    const [wide, little] = [buffer[4] === 2, buffer[5] === 1];
    const half = (at: number): number => (little ? buffer.readUInt16LE(at) : buffer.readUInt16BE(at));
    const word = (at: number): number => (little ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at));
    // e_phoff, e_phentsize, e_phnum; the table follows the file's own header, whose offset fits in its low word.
    const start = word(wide ? (little ? 32 : 36) : 28);
    const [size, count] = [half(wide ? 54 : 42), half(wide ? 56 : 44)];
    const headers = Array.from({ length: count }, (_, index) => start + index * size);
    return headers.every((at) => at + 4 <= bytesRead && word(at) !== INTERPRETER);
  } finally {
    await handle.close();
  }
}
